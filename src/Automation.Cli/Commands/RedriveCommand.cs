using System.CommandLine;
using System.Globalization;
using Automation.Aws.Sdk;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core.Builds;

namespace Automation.Cli.Commands;

/// <summary><c>automation redrive</c>: reconciles what the dead letters reported, and removes them if that succeeded.</summary>
internal static class RedriveCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var watch = WatchOption.Create();
        var command = new Command("redrive", "Processes the dead letters again and removes them") { watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(watch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, bool watch, CancellationToken cancellationToken)
    {
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, StepFunctionsExecutions.Redrive, context, cancellationToken);
        var now = connection.Clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        return await new ExecutionStarter(connection, context, narration).StartAsync(
            ExecutionNames.Fit($"redrive-{now}"), null, againIfEnded: true, watch, cancellationToken);
    }
}
