using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The stored data of Step Functions: state machines, their revisions, versions and aliases, executions and histories.</summary>
internal sealed class StepFunctionsState
{
    private readonly Table<StateMachineRecord> _machines;
    private readonly Table<RevisionRecord> _revisions;
    private readonly Table<VersionRecord> _versions;
    private readonly Table<AliasRecord> _aliases;
    private readonly Table<ExecutionRecord> _executions;
    private readonly RowWriter<HistoryEvent> _events;
    private readonly Table<FlowPosition> _positions;
    private readonly Dictionary<string, List<HistoryEvent>> _histories = new(StringComparer.Ordinal);
    private long _sequence;

    public StepFunctionsState(ICloudStore store)
    {
        _machines = new Table<StateMachineRecord>("states.machines", store, () => StepFunctionsJson.Default.StateMachineRecord);
        _revisions = new Table<RevisionRecord>("states.revisions", store, () => StepFunctionsJson.Default.RevisionRecord);
        _versions = new Table<VersionRecord>("states.versions", store, () => StepFunctionsJson.Default.VersionRecord);
        _aliases = new Table<AliasRecord>("states.aliases", store, () => StepFunctionsJson.Default.AliasRecord);
        _executions = new Table<ExecutionRecord>("states.executions", store, () => StepFunctionsJson.Default.ExecutionRecord);
        _events = new RowWriter<HistoryEvent>("states.events", store, () => StepFunctionsJson.Default.HistoryEvent);
        _positions = new Table<FlowPosition>("states.positions", store, () => StepFunctionsJson.Default.FlowPosition);
        _sequence = _executions.Values.Select(execution => execution.Sequence).DefaultIfEmpty().Max();
        foreach (var (key, row) in _events.Load().OrderBy(row => row.Value.Id))
        {
            HistoryList(key[..key.LastIndexOf('#')]).Add(row);
        }
    }

    public IEnumerable<StateMachineRecord> Machines => _machines.Values;

    public IEnumerable<ExecutionRecord> Executions => _executions.Values;

    public long NextSequence() => ++_sequence;

    public StateMachineRecord? Machine(string arn) => _machines.Find(arn);

    public void Set(StateMachineRecord machine) => _machines.Set(machine.Arn, machine);

    public void RemoveMachine(string arn)
    {
        _machines.Remove(arn);
        foreach (var version in Versions(arn))
        {
            RemoveVersion(version.Arn);
        }

        foreach (var alias in Aliases(arn))
        {
            RemoveAlias(alias.Arn);
        }
    }

    public RevisionRecord Revision(string machineArn, string revision) =>
        _revisions.Find(RevisionRecord.Key(machineArn, revision))
        ?? throw new InvalidOperationException($"Revision {revision} of {machineArn} is not stored.");

    public void Set(RevisionRecord revision) => _revisions.Set(RevisionRecord.Key(revision.MachineArn, revision.Revision), revision);

    /// <summary>The newest is the first.</summary>
    public VersionRecord[] Versions(string machineArn) =>
        [.. _versions.Values.Where(version => version.MachineArn == machineArn).OrderByDescending(version => version.Number)];

    public VersionRecord? Version(string arn) => _versions.Find(arn);

    public void Set(VersionRecord version) => _versions.Set(version.Arn, version);

    public void RemoveVersion(string arn) => _versions.Remove(arn);

    /// <summary>The oldest is the first, as in recordings.</summary>
    public AliasRecord[] Aliases(string machineArn) =>
        [.. _aliases.Values.Where(alias => alias.MachineArn == machineArn).OrderBy(alias => alias.Created).ThenBy(alias => alias.Name, StringComparer.Ordinal)];

    public AliasRecord? Alias(string arn) => _aliases.Find(arn);

    public void Set(AliasRecord alias) => _aliases.Set(alias.Arn, alias);

    public void RemoveAlias(string arn) => _aliases.Remove(arn);

    public ExecutionRecord? Execution(string arn) => _executions.Find(arn);

    public void Set(ExecutionRecord execution) => _executions.Set(execution.Arn, execution);

    public void RemoveExecution(string arn)
    {
        _executions.Remove(arn);
        if (_histories.Remove(arn, out var events))
        {
            foreach (var entry in events)
            {
                _events.Remove(arn, entry.Id);
            }
        }
    }

    /// <summary>Null if it has not begun or has ended.</summary>
    public FlowPosition? Position(string executionArn) => _positions.Find(executionArn);

    public void SetPosition(string executionArn, FlowPosition position) => _positions.Set(executionArn, position);

    public void RemovePosition(string executionArn) => _positions.Remove(executionArn);

    public IReadOnlyList<HistoryEvent> History(string executionArn) => HistoryList(executionArn);

    public void Append(string executionArn, HistoryEvent entry)
    {
        HistoryList(executionArn).Add(entry);
        _events.Set(executionArn, entry.Id, entry);
    }

    private List<HistoryEvent> HistoryList(string arn)
    {
        if (!_histories.TryGetValue(arn, out var list))
        {
            _histories[arn] = list = [];
        }

        return list;
    }
}
