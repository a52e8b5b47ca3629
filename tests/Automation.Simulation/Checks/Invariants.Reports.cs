using System.Text.Json;
using Automation.Core.Incidents;
using Automation.Simulation.Machine;

namespace Automation.Simulation.Checks;

internal sealed partial class Invariants
{
    public void Ended(Execution execution)
    {
        // Only a person aborts an execution of the workflow.
        if (execution.Status is ExecutionStatus.Succeeded or ExecutionStatus.Aborted)
        {
            return;
        }

        if (execution.Error == "States.Runtime")
        {
            Broken("runtime-error", $"{execution.Name} ended with States.Runtime: {execution.Cause}");
        }
        else if (execution.MessageCount == 0 && !IsReportedAsIncident(execution)
            && !world.Messages.Exists(message => message.Text.Contains($"Execution {execution.Name},", StringComparison.Ordinal)))
        {
            Broken("unreported", $"{execution.Name} ended as {execution.Status} with {execution.Error}, but no one was notified: {execution.Cause}");
        }
    }

    /// <summary>A lasting problem is reported once, when it begins, as an open incident of what the execution was to do. A prune of an image with a failing
    /// release waits for the same problem, and a release ends with a prune. A Region that does not answer is one incident for all images.</summary>
    private bool IsReportedAsIncident(Execution execution)
    {
        // One mail a day reports that events are not published (OPERATIONS.md, Alerts).
        if (execution.Path.Contains("Report that events fail"))
        {
            return world.Messages.Exists(
                message => message.At.Date == world.Timers.Now.Date && message.Subject.StartsWith("event not published: ", StringComparison.Ordinal));
        }

        var image = execution.Input.GetProperty("image").GetString();
        IncidentArea[] areas = execution.Input.GetProperty("action").GetString() switch
        {
            "build" => [IncidentArea.Build],
            "release" => [IncidentArea.Release, IncidentArea.Build, IncidentArea.Prune],
            _ => [IncidentArea.Release, IncidentArea.Prune],
        };

        // It was open when the execution was announced: it may be over before the execution's last state.
        return world.Incidents.Open.Concat(_openAtAnnounce.GetValueOrDefault(execution.Name) ?? [])
            .Any(incident => (incident.Id.Image == image && areas.Contains(incident.Id.Kind.Area()))
            || (RegionOf(incident.Id) is { Length: > 0 } region && execution.Cause?.Contains(region, StringComparison.Ordinal) == true));
    }

    /// <summary>The Region that was reported as not responding: by its own incident, or by a failure that it caused.</summary>
    internal static string RegionOf(IncidentId id) => id.Kind switch
    {
        IncidentKind.RegionUnreadable => id.Image,
        IncidentKind.ReleaseFailing or IncidentKind.PruneFailed => id.About,
        _ => "",
    };

    private void CheckMode(string what)
    {
        var input = world.Calls.Current?.Execution?.Input;
        var asked = input is { } given && given.TryGetProperty("delete", out var delete) ? delete.ValueKind == JsonValueKind.True : (bool?)null;
        if (!(asked ?? Setup.Delete))
        {
            Broken("deleted-in-report", $"{what}, and retention was to report only");
        }
    }
}
