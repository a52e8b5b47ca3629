using System.CommandLine;
using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core.Builds;
using Automation.Core.Workflow;

namespace Automation.Cli.Commands;

/// <summary><c>automation prune</c>: runs the prune of an image now. Without --delete it only reports, even if the catalog says delete.</summary>
internal static class PruneCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var delete = new Option<bool>("--delete") { Description = "Delete what no rule keeps; without this option the execution only reports" };
        var percent = new Option<int?>("--max-delete-percent")
        {
            Description = "With --delete: the share of the repository that may be deleted at once, 1 to 100 percent, instead of the catalog's limit",
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 100)
                {
                    return number;
                }

                result.AddError($"--max-delete-percent must be 1 to 100, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
        percent.Validators.Add(result =>
        {
            if (!result.GetValue(delete))
            {
                result.AddError("--max-delete-percent is for --delete: a report deletes nothing.");
            }
        });
        var watch = WatchOption.Create();
        var command = new Command("prune", "Prunes an image: reports or deletes what no rule keeps") { name, delete, percent, watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name)!, result.GetValue(delete), result.GetValue(percent), result.GetValue(watch),
                cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, Target target, string name, bool delete, int? percent, bool watch, CancellationToken cancellationToken)
    {
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var now = connection.Clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        var input = new ExecutionInput(WorkflowActions.Prune, image.Name, Delete: delete, MaxDeletePercent: percent);

        return await new ExecutionStarter(connection, context, narration).StartAsync(
            ExecutionNames.Of("prune", image.Name, $"{now}{(delete ? "-delete" : "")}{percent}"), input, againIfEnded: true, watch, cancellationToken);
    }
}
