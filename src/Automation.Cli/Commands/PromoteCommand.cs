using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Workflow;

namespace Automation.Cli.Commands;

/// <summary>
/// <c>automation promote</c>: releases a build because a person requests it. It ends a hold, retries a build that was rejected or
/// failed, and does not soak; scan gate and approval still apply. It never moves tags backwards; that is a rollback.
/// </summary>
internal static class PromoteCommand
{
    // Templates of floating tags have no placeholder that differs from digest to digest.
    private static readonly Digest Unknown = Digest.Parse($"sha256:{new string('0', 64)}");

    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var version = new Argument<string?>("version")
        {
            Description = "A build such as 1.0.0/3; without it the newest available one",
            Arity = ArgumentArity.ZeroOrOne
        };
        var watch = WatchOption.Create();
        var command = new Command("promote", "Promotes a build and ends a hold; the scan gate still applies") { name, version, watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name)!, result.GetValue(version), result.GetValue(watch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, Target target, string name, string? version, bool watch, CancellationToken cancellationToken)
    {
        var wanted = version is null ? null : BuildChoice.Parse(version);
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var build = BuildChoice.Available(image, builds, wanted);
        RefuseBackwards(image, build, builds, pipeline.Hold);
        if (build.Release is { State: ReleaseState.Promoted } && pipeline.Hold is null)
        {
            narration.Say("note", $"{build.Version} is promoted already", image.Name);
            return ExitCodes.Done;
        }

        var attempt = (build.Release?.Attempt ?? 0) + 1;
        if (ReleaseName.Running(image.Name, build) is { } before && connection.Running.Contains(before))
        {
            throw new CommandException($"{before} is already running; approve or reject it, or wait for it to finish.");
        }

        if (pipeline.Hold is { } hold)
        {
            narration.Say("note", $"ends the hold: {hold.Why}", image.Name);
        }

        // The name of the next attempt, so that a reconcile recognises this release.
        var executionName = ReleaseName.For(image.Name, build.Version, attempt);
        var input = new ExecutionInput(WorkflowActions.Release, image.Name, build.Version.ToString(), attempt, Explicit: true);
        return await new ExecutionStarter(connection, context, narration).StartAsync(executionName, input, againIfEnded: true, watch, cancellationToken);
    }

    private static void RefuseBackwards(ImageSpec image, BuildRecord build, IReadOnlyList<BuildRecord> builds, Hold? hold)
    {
        var owners = FloatingTagOwners.Of(image, builds, hold).Where(owner => owner.Value.Version > build.Version)
            .OrderByDescending(owner => owner.Value.Version);
        var rendered = FloatingTagOwners.TagsOf(image, new Candidate(build.Version, build.Digest ?? Unknown, build.CreatedAt))
            .ToHashSet(StringComparer.Ordinal);
        if (owners.FirstOrDefault(owner => rendered.Contains(owner.Key)) is { Value: { } owner, Key: var tag })
        {
            throw new CommandException(
                $"{tag} belongs to {owner.Version}, which is newer than {build.Version}. A promotion never moves tags backwards; run automation rollback {image.Name} {build.Version}.");
        }
    }
}
