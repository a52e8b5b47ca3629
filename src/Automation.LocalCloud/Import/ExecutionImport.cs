using System.Text.Json.Nodes;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Import;

/// <summary>
/// Writes executions. Ended ones count by their names, which cannot be used again. One that runs continues in the state that its history shows: a wait
/// ends at its time, a task that waits for a token keeps its deadline, and any other state does its work again.
/// </summary>
internal static class ExecutionImport
{
    private const string Details = "EventDetails";

    public static void Write(AccountState state, Rows rows)
    {
        var machines =
            rows.Load("states.machines", StepFunctionsJson.Default.StateMachineRecord).Select(row => row.Value).ToDictionary(machine => machine.Arn, StringComparer.Ordinal);
        var sequence = 0L;
        foreach (var execution in state.Executions)
        {
            if (machines.GetValueOrDefault(execution.Machine) is not { } machine)
            {
                continue;
            }

            var arn = $"{machine.Arn.Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{execution.Name}";
            var running = execution.Status == ExecutionRecord.Running;
            rows.Set("states.executions", arn, new ExecutionRecord(
                arn, execution.Name, machine.Arn, machine.Revision, machine.RoleArn, execution.Input ?? "{}", ++sequence, execution.Started, execution.Status)
            {
                Stopped = running ? null : execution.Stopped ?? execution.Started,
            }, StepFunctionsJson.Default.ExecutionRecord);
            if (running && execution.History is { } history)
            {
                var events = history.Select(Event).ToList();
                foreach (var entry in events)
                {
                    rows.Set("states.events", $"{arn}#{entry.Id}", entry, StepFunctionsJson.Default.HistoryEvent);
                }

                if (Position(events, execution.Token) is { } position)
                {
                    rows.Set("states.positions", arn, position, StepFunctionsJson.Default.FlowPosition);
                }
            }
        }
    }

    /// <summary>Null if it is between two states, or several flows run at once: then the execution starts again.</summary>
    private static FlowPosition? Position(IReadOnlyList<HistoryEvent> events, string? token)
    {
        if (events.LastOrDefault(entry => entry.Type.EndsWith("StateEntered", StringComparison.Ordinal)) is not { } entered
            || events.Any(entry => entry.Id > entered.Id && entry.Type.EndsWith("StateExited", StringComparison.Ordinal))
            || events.Any(entry => entry.Type is "MapStateEntered" or "ParallelStateEntered"))
        {
            return null;
        }

        var visit = new VisitPosition(
            entered.Details!["name"]!.GetValue<string>(), new Data(JsonKinds.Parse(entered.Details["input"]?.GetValue<string>() ?? "{}")), entered.Timestamp,
            entered.Id, [], null, Attempt(events, entered, token), null);
        return new FlowPosition(0, new Dictionary<string, Data>(), default, events[^1].Id, visit);
    }

    private static AttemptPosition? Attempt(IReadOnlyList<HistoryEvent> events, HistoryEvent entered, string? token)
    {
        var scheduled = events.LastOrDefault(entry => entry.Id > entered.Id && entry.Type == "TaskScheduled");
        if (token is null || scheduled is null || events[^1].Type != "TaskSubmitted")
        {
            return null;
        }

        var timeout = scheduled.Details!["timeoutInSeconds"]?.GetValue<long>();
        return new AttemptPosition(
            scheduled.Details["parameters"]!.GetValue<string>(), token, timeout is { } seconds ? scheduled.Timestamp.AddSeconds(seconds) : null, null, null,
            Submitted: true, Execution: null);
    }

    // {"timestamp":1767600000.1,"type":"TaskStateEntered","id":2,"previousEventId":0,"stateEnteredEventDetails":{"name":"PlanBuild","input":"{}"}}
    private static HistoryEvent Event(JsonObject document)
    {
        var details = document.FirstOrDefault(member => member.Key.EndsWith(Details, StringComparison.Ordinal));
        var kept = details.Value?.DeepClone() as JsonObject;
        var names = kept?.Select(member => member.Key).ToList() ?? [];
        foreach (var flag in names.Where(name => kept![name] is JsonObject { Count: 1 } only && only.ContainsKey("truncated")))
        {
            kept!.Remove(flag);
        }

        return new HistoryEvent(
            document["id"]!.GetValue<long>(), document["previousEventId"]?.GetValue<long>() ?? 0, document.Instant("timestamp")!.Value,
            document["type"]!.GetValue<string>(), details.Key, kept);
    }
}
