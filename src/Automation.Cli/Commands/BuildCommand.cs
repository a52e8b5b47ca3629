using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core.Builds;

namespace Automation.Cli.Commands;

/// <summary><c>automation build</c>: asks for a build, whatever the rules say is due. Holds and quiet times do not stop it.</summary>
internal static class BuildCommand
{
    public static Command Create(Surroundings surroundings, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var watch = WatchOption.Create();
        var command = new Command("build", "Starts a build of an image now") { name, watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(surroundings, target.Read(result, surroundings), result.GetValue(name)!, result.GetValue(watch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Surroundings surroundings, Target target, string name, bool watch, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, surroundings, cancellationToken);
        var image = connection.Fleet.Image(name);
        var now = connection.Clock.GetUtcNow();
        var manual = new ManualRequest(RequestId(connection.User, now), connection.User);
        var decision = BuildPlanner.Decide(await connection.Fleet.BuildFactsAsync(image, manual, now, cancellationToken));
        switch (decision)
        {
            case BuildDecision.Start(var order, _):
                return await StartAsync(order, $"yes: {Words.Join(decision.Reasons)}");
            case BuildDecision.NotYet(var until, var order, _):
                return await StartAsync(order, $"yes, but not before {Words.Time(until)}: {Words.Join(decision.Reasons)}");
            default:
                await surroundings.Error.WriteLineAsync($"no: {Words.Join(decision.Reasons)}");
                return 1;
        }

        async Task<int> StartAsync(BuildOrder order, string answer)
        {
            await surroundings.Output.WriteLineAsync(answer);
            var input = new JsonObject { ["action"] = "build", ["image"] = image.Name, ["manual"] = new JsonObject { ["id"] = manual.Id, ["by"] = manual.By } };
            return await new WorkflowDoor(connection, surroundings).StartAsync(order.ExecutionName, input, againIfEnded: true, watch, cancellationToken);
        }
    }

    /// <summary>Who and when make the request unique; of another second it is another request.</summary>
    internal static string RequestId(string user, DateTimeOffset now)
    {
        var who = string.Concat(user.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_').Take(32));
        return $"{(who.Length > 0 ? who : "somebody")}-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
    }
}
