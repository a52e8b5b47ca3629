using Automation.Core.Builds;
using Automation.Core.Incidents;
using Automation.LocalCloud;
using Automation.Simulation.Checks;

namespace Automation.Simulation.Embedded;

/// <summary>No execution fails without a mail, an open incident of its image or of a Region, or the day's mail about unpublished events.</summary>
internal sealed class MailWatch
{
    private readonly List<IncidentId> _open = [];
    private readonly List<string> _told = [];
    private readonly Dictionary<string, string> _unpublished = new(StringComparer.Ordinal);
    private readonly HashSet<string> _daysTold = new(StringComparer.Ordinal);
    private readonly HashSet<string> _handedOver = new(StringComparer.Ordinal);
    private readonly List<(string Execution, Violation Violation)> _unreported = [];
    private readonly Interruptions _interruptions;

    public MailWatch(TestCloud cloud, Interruptions interruptions)
    {
        _interruptions = interruptions;
        cloud.OnJournal((entry, _) => Hear(entry));
    }

    /// <summary>The first execution that failed and has not been reported until now. Only a person aborts an execution of the workflow.</summary>
    public Violation? Broken
    {
        get
        {
            _unreported.RemoveAll(each => _told.Exists(message => message.Contains($"Execution {each.Execution},", StringComparison.Ordinal))
                // One mail a day reports that events are not published (OPERATIONS.md, Alerts).
                // Step Functions refused both the incident and the mail, in all retries. The alarm on failed executions remains (Monitoring.cs).
                || (_interruptions.RefusedWorkflow && _handedOver.Contains(each.Execution))
                || (_unpublished.TryGetValue(each.Execution, out var day) && _daysTold.Contains(day)));
            return _unreported.Count == 0 ? null : _unreported[0].Violation;
        }
    }

    private void Hear(JournalEntry entry)
    {
        switch (entry)
        {
            case { Source: "sns", Kind: "message-published" }:
                _told.Add(entry.Data.GetValueOrDefault("message") ?? "");
                if (entry.Data.GetValueOrDefault("subject")?.StartsWith("event not published: ", StringComparison.Ordinal) == true)
                {
                    _daysTold.Add(Day(entry));
                }

                break;
            case { Source: "states", Kind: "state-entered" } when entry.Data["state"] == "Report that events fail":
                _unpublished[entry.Data["name"]] = Day(entry);
                break;
            case { Source: "states", Kind: "state-entered" } when entry.Data["state"] is "Report that Announce failed" or "Mail later":
                _handedOver.Add(entry.Data["name"]);
                break;
            case { Source: "states", Kind: "execution-started" or "execution-ended" }
                when !entry.Data["machine"].StartsWith("ScanWaits", StringComparison.Ordinal):
                Follow(entry, entry.Data["name"]);
                break;
        }
    }

    private void Follow(JournalEntry entry, string name)
    {
        if (IncidentId.Parse(name) is { } incident)
        {
            if (entry.Kind == "execution-started")
            {
                // While Step Functions refuses calls, an execution can neither begin an incident nor hand over its mail. The reconcile begins it later.
                _open.Add(incident);
                _unreported.RemoveAll(each => ExecutionNames.ImageIn(each.Execution) == incident.Image);
            }
            else
            {
                _open.Remove(incident);
            }
        }
        else if (entry.Kind == "execution-ended" && entry.Data["status"] is not ("SUCCEEDED" or "ABORTED")
            && !_open.Exists(each => each.Image == ExecutionNames.ImageIn(name) || Invariants.RegionOf(each).Length > 0))
        {
            _unreported.Add(
                (name, new Violation("unreported",
                    $"{name} ended as {entry.Data["status"]} with {entry.Data.GetValueOrDefault("error")}, but no one was notified", entry.Time)));
        }
    }

    private static string Day(JournalEntry entry) => BuildTags.Format(entry.Time)[..10];
}
