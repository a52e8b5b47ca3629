using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Builds;

namespace Automation.Cli.Commands;

/// <summary><c>automation why</c>: the history of an image, build by build.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var command = new Command("why", "Shows the history of an image: what started each build, from which base, and what was decided") { name };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(context, target.Read(result, context), result.GetValue(name)!, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string name, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var executions = await connection.Executions.ListAsync(connection.StateMachineArn, name => ExecutionNames.ImageIn(name) == image.Name, cancellationToken);
        var history = BuildHistory.Of(
            image.Name, pipeline.Hold, builds, [.. executions.Select(execution => new PastExecution(execution.Name, execution.Status.ToLowerInvariant(), execution.StartedAt))]);
        if (builds.Count == 0 && target.Output == OutputFormat.Table)
        {
            await context.Output.WriteLineAsync($"{image.Name} was never built; `automation plan {image.Name}` says what is due.");
        }

        JsonOutput.Write(context, target.Output, [history], JsonOutput.Node, () => BuildHistoryReport.Of(history, connection.Clock.GetUtcNow()));
        return ExitCodes.Done;
    }
}
