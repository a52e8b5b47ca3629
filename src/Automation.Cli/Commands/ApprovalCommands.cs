using System.CommandLine;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Workflow;
using Spectre.Console;

namespace Automation.Cli.Commands;

/// <summary>
/// <c>automation approve</c> and <c>automation reject</c>: answer an execution that waits for a person. The required task token
/// is in the execution's own history.
/// </summary>
internal static class ApprovalCommands
{
    /// <summary>The error name by which the workflow's announcement recognises a rejection.</summary>
    private const string Rejected = "Rejected";

    /// <summary>The maximum length of SendTaskFailure's cause.
    /// https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html</summary>
    private const int MaxCauseLength = 32_768;

    public static Command CreateApprove(CommandContext context, TargetOptions target)
    {
        var execution = ExecutionArgument();
        var show = new Option<bool>("--show") { Description = "Only show what would be approved" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask on a terminal" };
        var watch = WatchOption.Create();
        var command = new Command("approve", "Shows what a release would change, and approves it") { execution, show, yes, watch };
        target.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var asked = target.Read(result, context);
            using var narration = new Narration(context, asked.Output);
            using var connection = await Connection.OpenAsync(asked, context, cancellationToken);
            var waiting = await FindAsync(connection, result.GetValue(execution)!, cancellationToken);
            await ShowAsync(context, asked, connection, narration, waiting, cancellationToken);
            if (result.GetValue(show))
            {
                return ExitCodes.Done;
            }

            if (!result.GetValue(yes) && asked.Output == OutputFormat.Table && context.CanAsk
                && !await context.Console.ConfirmAsync($"Approve {Markup.Escape(waiting.Execution)}?", defaultValue: false, cancellationToken))
            {
                throw new CommandException("Nothing was answered; the release still waits.");
            }

            var answer = new JsonObject { ["by"] = connection.User, ["at"] = BuildTags.Format(connection.Clock.GetUtcNow()) };
            await AnswerAsync(
                narration, waiting, "approved", () => connection.Executions.SucceedAsync(waiting.Token, answer.ToJsonString(), cancellationToken));
            return result.GetValue(watch)
                ? await new ExecutionStarter(connection, context, narration).FollowAsync(waiting.Arn, cancellationToken)
                : ExitCodes.Done;
        });
        return command;
    }

    public static Command CreateReject(CommandContext context, TargetOptions target)
    {
        var execution = ExecutionArgument();
        var reason = new Option<string?>("--reason") { Description = "The reason, which is written on the build and announced" };
        var watch = WatchOption.Create();
        var command = new Command("reject", "Ends a release that waits for approval; run automation promote to retry its build") { execution, reason, watch };
        target.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var asked = target.Read(result, context);
            using var narration = new Narration(context, asked.Output);
            using var connection = await Connection.OpenAsync(asked, context, cancellationToken);
            var waiting = await FindAsync(connection, result.GetValue(execution)!, cancellationToken);
            var cause = $"{connection.User} rejected it{(result.GetValue(reason) is { Length: > 0 } why ? $": {why}" : "")}";
            await AnswerAsync(narration, waiting, "rejected", () =>
                connection.Executions.FailAsync(waiting.Token, Rejected, cause.Length <= MaxCauseLength ? cause : cause[..MaxCauseLength], cancellationToken));
            return result.GetValue(watch)
                ? await new ExecutionStarter(connection, context, narration).FollowAsync(waiting.Arn, cancellationToken, Outcome.Rejected)
                : ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> ExecutionArgument() => new("execution") { Description = "Name or ARN of the execution, from the mail about it" };

    /// <exception cref="CommandException">The execution does not wait for an approval.</exception>
    private static async Task<Waiting> FindAsync(Connection connection, string execution, CancellationToken cancellationToken)
    {
        var arn = connection.ExecutionArn(execution);
        var snapshot = await connection.Executions.FindAsync(arn, cancellationToken)
            ?? throw new CommandException($"There is no execution {execution}. {await WaitingAsync(connection, cancellationToken)}");
        var history = snapshot.IsRunning ? await connection.Executions.HistoryAsync(arn, cancellationToken) : [];
        if (WaitingToken(history) is not { } token)
        {
            var now = snapshot.IsRunning ? "does not wait for an approval" : $"has ended ({snapshot.Status})";
            throw new CommandException($"{snapshot.Name} {now}: there is nothing to answer. {await WaitingAsync(connection, cancellationToken)}");
        }

        return new Waiting(arn, snapshot.Name, token, history);
    }

    private static async Task ShowAsync(
        CommandContext context, Target asked, Connection connection, Narration narration, Waiting waiting, CancellationToken cancellationToken)
    {
        var state = WorkflowJson.TryReadState(waiting.History.LastOrDefault(entry => entry.IsEntry)?.Input);
        if (connection.Catalog.Find(state?.Image ?? "") is not { } image || !ImageVersion.TryParse(state!.Release?.Version ?? state.Version, out var version))
        {
            narration.Say("note", $"What {waiting.Execution} would release cannot be read: the catalog does not list its image '{state?.Image}'.");
            return;
        }

        using var http = new HttpClient();
        var packages = new PackageReader(connection.Calls(http), connection.Scope.Region);
        try
        {
            var comparison = await new ComparisonReader(connection, packages).ReadAsync(waiting.Execution, image, version, cancellationToken);
            if (asked.Output == OutputFormat.Table)
            {
                comparison.Table().Write(context.Console);
                foreach (var reason in state.Scan?.Reasons ?? [])
                {
                    narration.Say("note", $"gate: {reason.Text}", image.Name);
                }
            }
            else
            {
                narration.Add(JsonOutput.Node(comparison));
            }
        }
        catch (PermanentException e) when (Profiles.Expired(e, asked.Profile) is null)
        {
            narration.Say("note", $"What would change cannot be read: {e.Message}", image.Name);
        }
    }

    private static async Task AnswerAsync(Narration narration, Waiting waiting, string word, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (PermanentException e)
        {
            throw new CommandException($"{waiting.Execution} no longer accepts an answer: {e.Message}");
        }

        narration.Say("note", $"{word} {waiting.Execution}", execution: waiting.Execution);
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

    /// <param name="Token">The token of the waiting task.</param>
    private sealed record Waiting(string Arn, string Execution, string Token, IReadOnlyList<ExecutionEvent> History);
}
