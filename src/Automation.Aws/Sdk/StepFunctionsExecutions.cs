using System.Text.Json;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using Automation.Core;

namespace Automation.Aws.Sdk;

/// <summary>
/// What people need from Step Functions besides starting executions: which state machine is the workflow, what an execution has done
/// so far, and how to answer an approval.
/// </summary>
/// <param name="client">Returns the client; called at each use, so that it can be made at the first.</param>
public sealed class StepFunctionsExecutions(Func<IAmazonStepFunctions> client)
{
    /// <summary>Part of the workflow's name, because CloudFormation builds the name from the CDK's logical id.</summary>
    public const string Workflow = "WorkflowImageLifecycle";

    /// <summary>Part of the name of the state machine that holds the open incidents.</summary>
    public const string Incidents = "IncidentsStateMachine";

    /// <summary>Part of the name of the state machine that redrives dead letters.</summary>
    public const string Redrive = "RedriveStateMachine";

    /// <summary>The maximum number of executions that are listed unless a caller wants fewer.</summary>
    private const int MaxListed = 5_000;

    /// <summary>The tag that CloudFormation writes on every state machine of a stack.</summary>
    private const string StackTag = "aws:cloudformation:stack-name";

    /// <summary>The ARNs of a stack's state machine in the client's Region, one for each stack. CloudFormation names one
    /// <c>WorkflowImageLifecycle1A2B3C4D-x9Yz…</c>.</summary>
    /// <param name="logicalId"><see cref="Workflow"/> or <see cref="Redrive"/>.</param>
    public Task<IReadOnlyList<string>> ListMachinesAsync(string logicalId, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<string>>("list state machines", async () =>
        {
            var found = new List<string>();
            await foreach (var machine in client().Paginators.ListStateMachines(new ListStateMachinesRequest()).StateMachines
                .WithCancellation(cancellationToken))
            {
                if (machine is { Name: { } name, StateMachineArn: not null } && name.Contains(logicalId, StringComparison.Ordinal))
                {
                    found.Add(machine.StateMachineArn);
                }
            }

            return found;
        });

    /// <summary>The name of the stack that made the state machine; null if no stack did.</summary>
    public Task<string?> FindStackAsync(string stateMachineArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read the tags of {stateMachineArn}", async () =>
        {
            var response = await client().ListTagsForResourceAsync(new ListTagsForResourceRequest { ResourceArn = stateMachineArn }, cancellationToken);
            return response.Tags?.Find(tag => tag.Key == StackTag)?.Value;
        });

    /// <summary>The executions with a matching name among the newest 5,000 of a state machine, newest first. Step Functions lists them for 90 days.</summary>
    /// <param name="newest">Looks at fewer than the newest 5,000, at least 1.</param>
    public Task<IReadOnlyList<ListedExecution>> ListAsync(
        string stateMachineArn, Func<string, bool> fits, CancellationToken cancellationToken, int newest = MaxListed) =>
        SdkErrors.CallAsync<IReadOnlyList<ListedExecution>>("list executions", async () =>
        {
            var found = new List<ListedExecution>();
            var seen = 0;
            var request = new ListExecutionsRequest { StateMachineArn = stateMachineArn, MaxResults = Math.Min(newest, 1000) };
            await foreach (var execution in client().Paginators.ListExecutions(request).Executions.WithCancellation(cancellationToken))
            {
                if (execution is { Name: { } name, StartDate: { } start } && fits(name))
                {
                    found.Add(new ListedExecution(name, execution.Status?.Value ?? "", new DateTimeOffset(start.ToUniversalTime())));
                }

                if (++seen >= newest)
                {
                    break;
                }
            }

            return found;
        });

    /// <summary>Null if the execution does not exist, or ended more than 90 days ago.</summary>
    public Task<ExecutionSnapshot?> FindAsync(string executionArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read execution {executionArn}", async () =>
        {
            try
            {
                var execution = await client().DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = executionArn }, cancellationToken);
                return new ExecutionSnapshot(
                    executionArn, execution.Name ?? executionArn[(executionArn.LastIndexOf(':') + 1)..], execution.Status?.Value ?? "", execution.Output,
                    execution.Error, execution.Cause);
            }
            catch (ExecutionDoesNotExistException)
            {
                return (ExecutionSnapshot?)null;
            }
        });

    /// <summary>The events of the execution, oldest first.</summary>
    public Task<IReadOnlyList<ExecutionEvent>> HistoryAsync(string executionArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<ExecutionEvent>>($"read the history of {executionArn}", async () =>
        {
            var events = new List<ExecutionEvent>();
            var states = new Dictionary<long, string?>();
            var request = new GetExecutionHistoryRequest { ExecutionArn = executionArn, IncludeExecutionData = true, MaxResults = 1000 };
            await foreach (var entry in client().Paginators.GetExecutionHistory(request).Events.WithCancellation(cancellationToken))
            {
                // A task's events have no state name. They belong to the state of the previous event.
                var state = entry.StateEnteredEventDetails?.Name ?? entry.StateExitedEventDetails?.Name ?? states.GetValueOrDefault(entry.PreviousEventId ?? 0);
                states[entry.Id ?? 0] = state;
                events.Add(Event(entry, state));
            }

            return events;
        });

    /// <summary>Completes a task that waits for its token.</summary>
    /// <exception cref="PermanentException">No task is waiting for this token.</exception>
    public Task SucceedAsync(string token, string output, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync("answer the waiting task", () =>
            client().SendTaskSuccessAsync(new SendTaskSuccessRequest { TaskToken = token, Output = output }, cancellationToken));

    /// <summary>Fails a task that waits for its token.</summary>
    /// <exception cref="PermanentException">No task is waiting for this token.</exception>
    public Task FailAsync(string token, string error, string cause, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync("answer the waiting task", () =>
            client().SendTaskFailureAsync(new SendTaskFailureRequest { TaskToken = token, Error = error, Cause = cause }, cancellationToken));

    /// <returns>False if no task is waiting for this token.</returns>
    public Task<bool> TrySucceedAsync(string token, string output, CancellationToken cancellationToken) =>
        IsWaitingAsync(() => SucceedAsync(token, output, cancellationToken));

    /// <returns>False if no task is waiting for this token.</returns>
    public Task<bool> TryFailAsync(string token, string error, string cause, CancellationToken cancellationToken) =>
        IsWaitingAsync(() => FailAsync(token, error, cause, cancellationToken));

    private static async Task<bool> IsWaitingAsync(Func<Task> answer)
    {
        try
        {
            await answer();
            return true;
        }
        catch (PermanentException e) when (e.InnerException is TaskTimedOutException or TaskDoesNotExistException)
        {
            return false;
        }
    }

    /// <summary><c>arn:aws:states:eu-west-1:123456789012:stateMachine:x</c> -> <c>arn:aws:states:eu-west-1:123456789012:execution:x:name</c>.</summary>
    public static string ArnOf(string stateMachineArn, string name) =>
        $"{stateMachineArn.Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{name}";

    private static ExecutionEvent Event(HistoryEvent entry, string? state) => new(
        entry.Id ?? 0,
        entry.Timestamp is { } time ? new DateTimeOffset(time.ToUniversalTime()) : DateTimeOffset.UnixEpoch,
        entry.Type?.Value ?? "",
        state)
    {
        Input = entry.StateEnteredEventDetails?.Input,
        Output = entry.StateExitedEventDetails?.Output,
        Token = TokenOf(entry.TaskScheduledEventDetails?.Parameters),
        Error = entry.TaskFailedEventDetails?.Error ?? entry.LambdaFunctionFailedEventDetails?.Error ?? entry.TaskTimedOutEventDetails?.Error,
        Cause = entry.TaskFailedEventDetails?.Cause ?? entry.LambdaFunctionFailedEventDetails?.Cause ?? entry.TaskTimedOutEventDetails?.Cause,
    };

    // {"TopicArn":"…","Subject":"…","Message":"…","MessageAttributes":{"token":{"DataType":"String","StringValue":"AQCk…"}}}: an incident's
    // {"TopicArn":"…","Subject":"…","Message":"app 1.0.0/3 waits for your approval …\n\nThe task token, for programs:\nAQCk…"}
    // Until version 0.3 {…,"Message":{"image":"app","token":"AQCk…"}}
    internal static string? TokenOf(string? parameters)
    {
        if (parameters is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(parameters);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("MessageAttributes", out var attributes)
                && attributes.TryGetProperty("token", out var attribute) && attribute.TryGetProperty("StringValue", out var value))
            {
                return value.GetString();
            }

            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("Message", out var message)
                ? message.ValueKind switch
                {
                    JsonValueKind.String when message.GetString()!.Split('\n') is [.., _, { Length: > 0 } last] => last,
                    JsonValueKind.Object when message.TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String => token.GetString(),
                    _ => null,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
