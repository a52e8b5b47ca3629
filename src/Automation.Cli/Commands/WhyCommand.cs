using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Cli.Commands;

/// <summary><c>automation why</c>: the history of an image, build by build.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var inUse = new Option<bool>("--in-use") { Description = "Show where the image runs instead" };
        var command = new Command("why", "Shows the history of an image: what started each build, from which base, and what was decided") { name, inUse };
        target.AddTo(command);
        command.SetAction(
            (result, cancellationToken) => RunAsync(context, target.Read(result, context), result.GetValue(name)!, result.GetValue(inUse), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string name, bool inUse, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        if (inUse)
        {
            var (_, made) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
            return await ShowUseAsync(context, target.Output, connection, image, made, cancellationToken);
        }

        var (history, builds) = await BuildHistory.ReadAsync(connection, image, cancellationToken);
        if (builds.Count == 0 && target.Output == OutputFormat.Table)
        {
            await context.Output.WriteLineAsync($"{image.Name} was never built; `automation plan {image.Name}` says what is due.");
        }

        JsonOutput.Write(context, target.Output, [history], JsonOutput.Node, () => BuildHistoryReport.Of(history, connection.Clock.GetUtcNow()));
        return ExitCodes.Done;
    }

    private static async Task<int> ShowUseAsync(
        CommandContext context, OutputFormat format, Connection connection, ImageSpec image, IReadOnlyList<BuildRecord> builds,
        CancellationToken cancellationToken)
    {
        var uses = await InUseReport.ReadAsync(connection, image, builds, cancellationToken);
        if (uses.Count == 0 && format == OutputFormat.Table)
        {
            await context.Output.WriteLineAsync(connection.Catalog.Usage.Count == 0
                ? $"Nobody looked where {image.Name} runs: the catalog's \"usage\" is empty."
                : $"No workload runs {image.Name} or would start it.");
        }

        JsonOutput.Write(context, format, uses, JsonOutput.Node, () => InUseReport.Table(uses));
        return ExitCodes.Done;
    }
}
