using System.CommandLine;
using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Workflow;

namespace Automation.Cli.Commands;

/// <summary><c>automation build</c>: requests a build, whatever the rules say is due. Holds and quiet times do not stop it.</summary>
internal static class BuildCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var watch = WatchOption.Create();
        var command = new Command("build", "Starts a build of an image now") { name, watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name)!, result.GetValue(watch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string name, bool watch, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var image = connection.Fleet.Image(name);
        var now = connection.Clock.GetUtcNow();
        var manual = new ManualRequest(RequestId(connection.User, now), connection.User);
        var decision = BuildPlanner.Decide(await connection.Fleet.Builds.ReadAsync(image, manual, now, cancellationToken));
        switch (decision)
        {
            case BuildDecision.Start(var order, _):
                return await StartAsync(order, $"yes: {HumanText.Join(decision.Reasons)}");
            case BuildDecision.NotYet(var until, var order, _):
                return await StartAsync(order, $"yes, but not before {HumanText.At(until)}: {HumanText.Join(decision.Reasons)}");
            default:
                await context.Error.WriteLineAsync($"no: {HumanText.Join(decision.Reasons)}");
                return 1;
        }

        async Task<int> StartAsync(BuildRequest order, string answer)
        {
            await context.Output.WriteLineAsync(answer);
            var input = new ExecutionInput(WorkflowActions.Build, image.Name, Manual: new ManualBuild(manual.By, manual.Id));
            return await new ExecutionStarter(connection, context).StartAsync(order.ExecutionName, input, againIfEnded: true, watch, cancellationToken);
        }
    }

    /// <summary>User and time identify the request; a request in another second is another request.</summary>
    internal static string RequestId(string user, DateTimeOffset now)
    {
        var who = string.Concat(user.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_').Take(32));
        return $"{(who.Length > 0 ? who : "somebody")}-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
    }
}
