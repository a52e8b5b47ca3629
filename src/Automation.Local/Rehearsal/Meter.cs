using Automation.Core.Catalog;
using Automation.Core.Workflow;
using Automation.LocalCloud;
using Automation.LocalCloud.Wire;

namespace Automation.Local.Rehearsal;

/// <summary>Counts what a rehearsal uses.</summary>
internal sealed class Meter(ImageCatalog catalog)
{
    /// <summary>State machines whose executions are open incidents, and waits of releases for a scan.</summary>
    private static readonly string[] Others = ["Incidents", "ScanWaits"];

    private const int MaxFaults = 20;

    private readonly Dictionary<string, long> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _building = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WaitingExecution> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _faults = new(StringComparer.Ordinal);
    private long _invocations;
    private long _transitions;
    private int _failed;
    private TimeSpan _built;

    /// <summary>Executions that have not ended, with their present states; without open incidents, which are executions too.</summary>
    public IReadOnlyList<WaitingExecution> Waiting => [.. _running.Values.OrderBy(each => each.Execution, StringComparer.Ordinal)];

    /// <summary>Failures of functions, each with how often it happened.</summary>
    public IReadOnlyList<string> Faults => [.. _faults.OrderBy(fault => fault.Key, StringComparer.Ordinal).Take(MaxFaults)
        .Select(fault => fault.Value == 1 ? fault.Key : $"{fault.Key} ({fault.Value} times)")];

    public void Called(string service, string operation, CallContext context)
    {
        var name = $"{service}:{operation}";
        _calls[name] = _calls.GetValueOrDefault(name) + 1;
    }

    public void On(JournalEntry entry)
    {
        switch (entry.Source, entry.Kind)
        {
            case ("lambda", "function-invoked"):
                _invocations++;
                break;
            case ("lambda", "function-failed"):
                var name = FunctionNames.All.FirstOrDefault(each => entry.Data["function"].Contains($"Functions{each}", StringComparison.Ordinal));
                Count($"{name ?? entry.Data["function"]} failed with {entry.Data["errorType"]}");
                break;
            case ("cloud", "bug"):
                Count($"The embedded cloud failed: {entry.Text.Split('\n')[0]}");
                break;
            case ("states", "state-entered"):
                _transitions++;
                if (!Others.Any(machine => entry.Data["execution"].Contains(machine, StringComparison.Ordinal)))
                {
                    _running[entry.Data["execution"]] = new WaitingExecution(entry.Data["name"], entry.Data["state"], entry.Time);
                }

                break;
            case ("states", "execution-ended"):
                _running.Remove(entry.Data["execution"]);
                break;
            case ("imagebuilder", "build-started"):
                _building[entry.Data["arn"]] = entry.Time;
                break;
            case ("imagebuilder", "build-state") when entry.Data["status"] is "AVAILABLE" or "FAILED" or "CANCELLED":
                if (_building.Remove(entry.Data["arn"], out var since))
                {
                    _built += entry.Time - since;
                    _failed += entry.Data["status"] == "FAILED" ? 1 : 0;
                }

                break;
        }
    }

    public Totals Totals(Cloud cloud, DecisionLog log)
    {
        int Of(params string[] kinds) => log.Decisions.Count(decision => kinds.Contains(decision.Kind, StringComparer.Ordinal));
        return new Totals(
            Of(DecisionKinds.Build), _failed, Of(Outcome.Promoted.Name()), Of(Outcome.Blocked.Name()), Of(DecisionKinds.Move), Of(DecisionKinds.Deleted),
            Math.Round(_built.TotalMinutes, 1), _calls.Values.Sum(), _invocations, _transitions,
            cloud.Ecr.StoredBytes(catalog.Images.Select(image => image.Repository).ToHashSet(StringComparer.Ordinal)))
        {
            Calls = _calls.OrderByDescending(call => call.Value).ThenBy(call => call.Key, StringComparer.Ordinal).ToDictionary(),
        };
    }

    private void Count(string fault) => _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
}
