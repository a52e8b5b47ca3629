using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.EmbeddedCloud;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Builds;

namespace Automation.Cli.Commands;

/// <summary>
/// <c>automation hold</c> and <c>automation unhold</c>: set and remove the tags on the pipeline that hold an image. No execution starts: a hold
/// must take effect at once, even while an execution runs.
/// </summary>
internal static class HoldCommands
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    public static Command CreateHold(CommandContext context, TargetOptions target)
    {
        var name = ImageArgument();
        var reason = new Option<string>("--reason") { Description = "The reason, which status and why show", Required = true, HelpName = "text" };
        var until = new Option<string?>("--until")
        {
            Description = "When the reconcile ends the hold: a time such as 2026-01-31T03:00Z, or a duration such as 36h or 7d",
            HelpName = "time"
        };
        var scope = new Option<HoldScope>("--scope")
        {
            Description = "everything stops builds and floating tags; promotion stops floating tags only",
            HelpName = "everything|promotion",
            DefaultValueFactory = _ => HoldScope.Everything,
            CustomParser = result => Enum.TryParse<HoldScope>(result.Tokens[0].Value, ignoreCase: true, out var known) && Enum.IsDefined(known)
                && !char.IsAsciiDigit(result.Tokens[0].Value[0])
                ? known
                : Refuse(result,
                    $"--scope must be everything or promotion, not '{result.Tokens[0].Value}'{Suggestion.End(result.Tokens[0].Value, ["everything", "promotion"])}"),
        };
        var command = new Command("hold", "Stops builds and floating tags of an image until a time, or until unhold or promote") { name, reason, until, scope };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => HoldAsync(
            context, target.Read(result, context), result.GetValue(name)!, result.GetValue(reason)!, result.GetValue(until), result.GetValue(scope),
            cancellationToken));
        return command;
    }

    public static Command CreateUnhold(CommandContext context, TargetOptions target)
    {
        var name = ImageArgument();
        var command = new Command("unhold", "Ends the hold of an image; the next reconcile does what is due") { name };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => UnholdAsync(context, target.Read(result, context), result.GetValue(name)!, cancellationToken));
        return command;
    }

    private static async Task<int> HoldAsync(
        CommandContext context, Target target, string name, string reason, string? end, HoldScope scope, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new CommandException("--reason is empty: say why the image is held.");
        }

        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var now = connection.Clock.GetUtcNow();
        var until = end is null ? null : (DateTimeOffset?)ReadEnd(end, now);
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        if (pipeline.Hold is { Rollback: { } rollback })
        {
            throw new CommandException(
                $"{image.Name} is held on {rollback.Target} by a rollback: {pipeline.Hold.Why}. Run automation unhold {image.Name} first if that hold is to end.");
        }

        var hold = new Hold($"{HumanText.Clause(reason.Trim())} ({connection.User})", scope, now) { Until = until };
        await connection.ImageBuilder.TagAsync(pipeline.Arn, BuildTags.Write(hold), cancellationToken);
        var what = scope == HoldScope.Everything ? "Builds start only on request, and no floating tag moves" : "No floating tag moves";
        var ends = until is { } time
            ? $"until the first reconcile after {HumanText.At(time)}"
            : $"until automation unhold {image.Name} or automation promote {image.Name}";
        narration.Say("note", $"{image.Name} is held{(pipeline.Hold is { } before ? $", in place of the hold \"{before.Why}\"" : "")}. {what} {ends}.",
            image.Name);
        foreach (var running in builds.Where(build => build.State.IsRunning()))
        {
            narration.Say("note", $"{running.Version} is being built and continues; its floating tags wait.", image.Name);
        }

        return ExitCodes.Done;
    }

    private static async Task<int> UnholdAsync(CommandContext context, Target target, string name, CancellationToken cancellationToken)
    {
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        if (pipeline.Hold is not { } hold)
        {
            narration.Say("note", $"{image.Name} is not held.", image.Name);
            return ExitCodes.Done;
        }

        await connection.ImageBuilder.UntagAsync(pipeline.Arn, BuildTags.HoldKeys, cancellationToken);
        narration.Say("note", $"The hold of {image.Name} ended: {hold.Why}", image.Name);
        var newest = builds.Where(build => build is { State: BuildState.Available, Release.State: ReleaseState.Held }).MaxBy(build => build.Version);
        narration.Say("note", newest is not null
            ? $"The next reconcile promotes {newest.Version}; automation promote {image.Name} promotes it now."
            : hold.Rollback is { } rollback ? $"The floating tags stay on {rollback.Target} until a newer build is promoted."
            : $"The next reconcile does what is due; automation plan {image.Name} shows it.", image.Name);
        return ExitCodes.Done;
    }

    /// <summary>A time with an offset, a date and time in UTC, or a duration from now.</summary>
    /// <exception cref="CommandException">The text is neither, or the time is past.</exception>
    internal static DateTimeOffset ReadEnd(string text, DateTimeOffset now)
    {
        var time = Duration.TryParse(text, out var duration) && duration <= Longest
            ? now + duration.Value
            : PlausibleTime.ReadTimeOrDay(text) ?? throw new CommandException(
                $"--until '{text}' is neither {PlausibleTime.Expected}, nor a date, nor a duration such as 90m, 36h, 7d or 2w.");
        return time > now ? time : throw new CommandException($"--until {HumanText.At(time)} is past; it is {HumanText.At(now)} now.");
    }

    private static Argument<string> ImageArgument() => new("image") { Description = "An image of the catalog" };

    private static HoldScope Refuse(System.CommandLine.Parsing.ArgumentResult result, string mistake)
    {
        result.AddError(mistake);
        return HoldScope.Everything;
    }
}
