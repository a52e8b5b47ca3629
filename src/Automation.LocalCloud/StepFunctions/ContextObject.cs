using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The value of <c>$$</c>. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
/// <code>
/// {"Execution": {"Id": "arn:…", "Input": {…}, "Name": "…", "RoleArn": "…", "StartTime": "2026-01-05T08:00:00.000Z", "RedriveCount": 0},
///  "State": {"EnteredTime": "…", "Name": "…", "RetryCount": 0}, "StateMachine": {"Id": "arn:…", "Name": "…"},
///  "Map": {"Item": {"Index": 0, "Value": …}}, "Task": {"Token": "…"}}
/// </code>
/// </summary>
internal static class ContextObject
{
    public static JsonObject Of(StateVisit visit)
    {
        var run = visit.Flow.Run;
        var execution = run.Record;
        var state = new JsonObject { ["EnteredTime"] = Timestamps.Format(visit.Entered), ["Name"] = visit.State.Name };
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
                ["Name"] = execution.Name,
                ["RoleArn"] = execution.RoleArn,
                ["StartTime"] = Timestamps.Format(execution.Started),
                ["RedriveCount"] = 0,
            },
            ["State"] = state,
            ["StateMachine"] = new JsonObject { ["Id"] = execution.MachineArn, ["Name"] = execution.MachineName },
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
