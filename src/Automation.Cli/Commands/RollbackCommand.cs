using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core.Promotion;
using Automation.Core.Workflow;

namespace Automation.Cli.Commands;

/// <summary><c>automation rollback</c>: moves the floating tags back to an older build and sets a hold, so that they stay there.</summary>
internal static class RollbackCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var version = new Argument<string>("version") { Description = "The build to move the tags back to, such as 1.0.0/3" };
        var watch = WatchOption.Create();
        var command = new Command("rollback", "Moves the floating tags back to a build and holds them there until an explicit promote")
        {
            name, version, watch
        };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name)!, result.GetValue(version)!, result.GetValue(watch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, Target target, string name, string version, bool watch, CancellationToken cancellationToken)
    {
        var wanted = BuildChoice.Parse(version);
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var build = BuildChoice.Available(image, builds, wanted);
        if (Rollback.Refuse(image, build, builds, pipeline.Hold) is { } refused)
        {
            throw new CommandException(refused.Text);
        }

        var input = new ExecutionInput(WorkflowActions.Rollback, image.Name, build.Version.ToString());
        return await new ExecutionStarter(connection, context, narration).StartAsync(
            ReleaseName.ForRollback(image.Name, build.Version, connection.Clock.GetUtcNow()), input, againIfEnded: true, watch, cancellationToken);
    }
}
