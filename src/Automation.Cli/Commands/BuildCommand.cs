using System.CommandLine;
using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Workflow;

namespace Automation.Cli.Commands;

/// <summary><c>automation build</c>: requests a build, even if no rule makes one due. Holds and quiet times do not stop it.</summary>
internal static class BuildCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string?>("image") { Description = "An image of the catalog", Arity = ArgumentArity.ZeroOrOne };
        var allFrom = new Option<string?>("--all-from")
        {
            Description =
                "Instead of an image: every image that is built directly on this base, such as golden/base, golden/base:stable or an image of the catalog",
            HelpName = "base",
        };
        var watch = WatchOption.Create("Follow the build and its release until it is promoted or refused; exit code 1 if it is not promoted");
        var command = new Command("build", "Starts a build of an image now, or of every image on a base") { name, allFrom, watch };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(name)?.Tokens.Count > 0) == (result.GetResult(allFrom) is { Implicit: false }))
            {
                result.AddError("automation build needs IMAGE or --all-from BASE, and not both.");
            }
        });
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name), result.GetValue(allFrom), result.GetValue(watch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, Target target, string? name, string? allFrom, bool watch, CancellationToken cancellationToken)
    {
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var images = name is not null ? [connection.Fleet.Image(name)] : await DependantsAsync(connection, allFrom!, cancellationToken);
        var now = connection.Clock.GetUtcNow();
        var manual = new ManualRequest(RequestId(connection.User, now), connection.User);
        var starter = new ExecutionStarter(connection, context, narration);

        // Start all of them before following the first.
        var started = new List<string>();
        var code = ExitCodes.Done;
        foreach (var image in images)
        {
            if (await DecideAsync(connection, narration, image, manual, now, alone: name is not null, cancellationToken) is not { } order)
            {
                code = ExitCodes.Failed;
                continue;
            }

            var input = new ExecutionInput(WorkflowActions.Build, image.Name, Manual: new ManualBuild(manual.By, manual.Id));
            await starter.StartAsync(order.ExecutionName, input, againIfEnded: true, watch: false, cancellationToken);
            started.Add(order.ExecutionName);
        }

        var ends = watch ? await Task.WhenAll(started.Select(execution => starter.FollowAsync(execution, cancellationToken))) : [];
        return ends.Append(code).Max();
    }

    /// <returns>Null if the image cannot be built; the reason has been printed.</returns>
    private static async Task<BuildRequest?> DecideAsync(
        Connection connection, Narration narration, ImageSpec image, ManualRequest manual, DateTimeOffset now, bool alone, CancellationToken cancellationToken)
    {
        var decision = BuildPlanner.Decide(await connection.Fleet.Builds.ReadAsync(image, manual, now, cancellationToken));
        var (order, answer) = decision switch
        {
            BuildDecision.Start start => (start.Order, "yes"),
            BuildDecision.NotYet(var until, var later, _) => (later, $"yes, but not before {HumanText.At(until)}"),
            _ => (null, "no"),
        };
        var text = $"{(alone ? "" : $"{image.Name}: ")}{answer}: {HumanText.Join(decision.Reasons)}";
        if (order is null && alone)
        {
            throw new CommandException(text);
        }

        narration.Say("decision", text, image.Name);
        return order;
    }

    /// <exception cref="CommandException">No image is built on it.</exception>
    private static async Task<IReadOnlyList<ImageSpec>> DependantsAsync(Connection connection, string text, CancellationToken cancellationToken)
    {
        var catalog = connection.Catalog;
        var wanted = catalog.Find(text) is { } parent ? ImageReference.Local(parent.Repository)
            : ImageReference.Read(text, null) switch
            {
                ParseResult<ImageReference>.Valid { Value: var reference } => reference,
                var invalid =>
                    throw new CommandException($"'{text}' is neither an image of the catalog nor a base such as golden/base:stable: {invalid.Fault}."),
            };
        var found = new List<ImageSpec>();
        var bases = new HashSet<string>(StringComparer.Ordinal);
        foreach (var image in catalog.Images)
        {
            // An adopted pipeline may leave its base to its recipe.
            var from = image.From
                ?? (image.Parent is null && await connection.Fleet.Pipelines.FindAsync(image, cancellationToken) is { ParentImage: { } recipe }
                && ImageReference.TryParse(recipe, out var parsed) ? parsed : null);
            if (from is null)
            {
                continue;
            }

            bases.Add(from.Repository);
            if (from.Repository == wanted.Repository && (wanted.Tag is null || from.Tag == wanted.Tag))
            {
                found.Add(image);
            }
        }

        return found.Count > 0 ? found : throw new CommandException(
            $"No image of the catalog is built on '{text}'{Suggestion.End(text, bases.Concat(catalog.Images.Select(image => image.Name)))} Images are built on: {string.Join(", ", bases.Order(StringComparer.Ordinal))}.");
    }

    /// <summary>The user and the time in seconds identify the request.</summary>
    internal static string RequestId(string user, DateTimeOffset now)
    {
        var who = string.Concat(user.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_').Take(32));
        return $"{(who.Length > 0 ? who : "somebody")}-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
    }
}
