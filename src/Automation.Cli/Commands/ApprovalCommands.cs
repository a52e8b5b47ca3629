using System.CommandLine;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Workflow;

namespace Automation.Cli.Commands;

/// <summary>
/// <c>automation approve</c> and <c>automation reject</c>: answer an execution that waits for a person. The required task token
/// is in the execution's own history.
/// </summary>
internal static class ApprovalCommands
{
    /// <summary>The error name by which the workflow's announcement recognises a rejection.</summary>
    private const string Rejected = "Rejected";

    /// <summary>The maximum length of SendTaskFailure's cause. https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html</summary>
    private const int MaxCauseLength = 32_768;

    public static Command CreateApprove(CommandContext context, TargetOptions target)
    {
        var execution = ExecutionArgument();
        var watch = WatchOption.Create();
        var command = new Command("approve", "Approves a release that waits for approval") { execution, watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => AnswerAsync(
            context,
            target.Read(result, context),
            result.GetValue(execution)!,
            result.GetValue(watch),
            async (connection, token) =>
            {
                var answer = new JsonObject { ["by"] = connection.User, ["at"] = BuildTags.Format(connection.Clock.GetUtcNow()) };
                await connection.Executions.SucceedAsync(token, answer.ToJsonString(), cancellationToken);
                return "approved";
            },
            wanted: null,
            cancellationToken));
        return command;
    }

    public static Command CreateReject(CommandContext context, TargetOptions target)
    {
        var execution = ExecutionArgument();
        var reason = new Option<string?>("--reason") { Description = "The reason, which is written on the build and announced" };
        var watch = WatchOption.Create();
        var command = new Command("reject", "Ends a release that waits for approval; run automation promote to retry its build") { execution, reason, watch };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => AnswerAsync(
            context,
            target.Read(result, context),
            result.GetValue(execution)!,
            result.GetValue(watch),
            async (connection, token) =>
            {
                var cause = $"{connection.User} rejected it{(result.GetValue(reason) is { Length: > 0 } why ? $": {why}" : "")}";
                await connection.Executions.FailAsync(token, Rejected, cause.Length <= MaxCauseLength ? cause : cause[..MaxCauseLength], cancellationToken);
                return "rejected";
            },
            wanted: Outcome.Rejected,
            cancellationToken));
        return command;
    }

    private static Argument<string> ExecutionArgument() => new("execution") { Description = "Name or ARN of the execution, from the mail about it" };

    private static async Task<int> AnswerAsync(
        CommandContext context, Target target, string execution, bool watch, Func<Connection, string, Task<string>> answer, Outcome? wanted,
        CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var arn = connection.ExecutionArn(execution);
        var snapshot = await connection.Executions.FindAsync(arn, cancellationToken)
            ?? throw new CommandException($"There is no execution {execution}. {await WaitingAsync(connection, cancellationToken)}");
        var token = snapshot.IsRunning ? WaitingToken(await connection.Executions.HistoryAsync(arn, cancellationToken)) : null;
        if (token is null)
        {
            var now = snapshot.IsRunning ? "does not wait for an approval" : $"has ended ({snapshot.Status})";
            throw new CommandException($"{snapshot.Name} {now}: there is nothing to answer. {await WaitingAsync(connection, cancellationToken)}");
        }

        string word;
        try
        {
            word = await answer(connection, token);
        }
        catch (PermanentException e)
        {
            throw new CommandException($"{snapshot.Name} no longer accepts an answer: {e.Message}");
        }

        await context.Output.WriteLineAsync($"{word} {snapshot.Name}");
        return watch ? await new ExecutionStarter(connection, context).FollowAsync(arn, cancellationToken, wanted) : 0;
    }

    /// <summary>The token of the task that the execution is waiting in; an older token would belong to an earlier attempt and is no longer valid.</summary>
    private static string? WaitingToken(IReadOnlyList<ExecutionEvent> history) =>
        history.LastOrDefault(entry => entry.IsEntry || entry.IsExit) is { IsEntry: true, State: WorkflowStates.WaitForApproval } entered
            ? history.LastOrDefault(entry => entry.Id > entered.Id && entry.Token is not null)?.Token
            : null;

    private static async Task<string> WaitingAsync(Connection connection, CancellationToken cancellationToken)
    {
        var waiting = new List<string>();
        foreach (var name in connection.Running.Order(StringComparer.Ordinal))
        {
            if (WaitingToken(await connection.Executions.HistoryAsync(connection.ExecutionArn(name), cancellationToken)) is not null)
            {
                waiting.Add(name);
            }
        }

        return waiting.Count == 0 ? "No execution waits for an approval." : $"These wait for an approval: {string.Join(", ", waiting)}.";
    }
}
