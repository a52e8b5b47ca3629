using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The value of <c>$$</c>. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
/// <code>
/// {"Execution": {"Id": "arn:…", "Input": {…}, "StartTime": "2026-01-05T08:00:00.000Z", "Name": "…", "RoleArn": "…", "RedriveCount": 0},
///  "StateMachine": {"Id": "arn:…", "Name": "…"}, "State": {"Name": "…", "EnteredTime": "…", "RetryCount": 0},
///  "Map": {"Item": {"Index": 0, "Value": …}}, "Task": {"Token": "…"}}
/// </code>
/// The members have the order of recordings, which <c>States.JsonToString($$)</c> shows.
/// </summary>
internal static class ContextObject
{
    public static JsonObject Of(StateVisit visit)
    {
        var run = visit.Flow.Run;
        var execution = run.Record;
        var state = new JsonObject { ["Name"] = visit.State.Name, ["EnteredTime"] = Timestamps.Format(visit.Entered) };
        if (visit.State is TaskState or ParallelState or MapState)
        {
            state["RetryCount"] = visit.RetryCount;
        }

        var context = new JsonObject
        {
            ["Execution"] = new JsonObject
            {
                ["Id"] = execution.Arn,
                ["Input"] = run.Input?.DeepClone(),
                ["StartTime"] = Timestamps.Format(execution.Started),
                ["Name"] = execution.Name,
                ["RoleArn"] = execution.RoleArn,
                ["RedriveCount"] = 0,
            },
            ["StateMachine"] = new JsonObject { ["Id"] = execution.MachineArn, ["Name"] = execution.MachineName },
            ["State"] = state,
        };
        if (visit.Flow.MapItem is { } item)
        {
            context["Map"] = new JsonObject { ["Item"] = item.DeepClone() };
        }

        if (visit.Attempt?.Token is { } token)
        {
            context["Task"] = new JsonObject { ["Token"] = token };
        }

        return context;
    }
}
