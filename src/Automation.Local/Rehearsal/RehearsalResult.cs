namespace Automation.Local.Rehearsal;

/// <summary>What a rehearsal of one catalog shows.</summary>
/// <param name="Decisions">In the order of their times.</param>
/// <param name="Totals">What it counts to.</param>
/// <param name="Waiting">Executions that still wait at the end, with the state that they are in.</param>
/// <param name="Warnings">Moves that could not happen, and faults of the functions.</param>
internal sealed record RehearsalResult(
    IReadOnlyList<Decision> Decisions, Totals Totals, IReadOnlyList<WaitingExecution> Waiting, IReadOnlyList<string> Warnings);

/// <param name="State">The state of the workflow, such as <c>Approval</c>.</param>
internal sealed record WaitingExecution(string Execution, string State, DateTimeOffset Since);

/// <summary>Counts of a rehearsal.</summary>
/// <param name="BuildMinutes">How long build instances ran.</param>
/// <param name="ApiCalls">Calls that the functions and the workflow made.</param>
/// <param name="Invocations">Invocations of functions.</param>
/// <param name="Transitions">State transitions of the workflow.</param>
/// <param name="StoredBytes">The sum of the sizes of all images of the catalog's repositories at the end; shared layers count for each image.</param>
internal sealed record Totals(
    int Builds, int FailedBuilds, int Promotions, int Blocked, int Moves, int Deletions, double BuildMinutes, long ApiCalls, long Invocations, long Transitions,
    long StoredBytes)
{
    /// <summary>The calls by service and operation, most first.</summary>
    public required IReadOnlyDictionary<string, long> Calls { get; init; }
}
