using Automation.Core.Builds;

namespace Automation.Core.Promotion;

/// <summary>
/// Which mark an execution may write on its build. Several executions of one build may run at once, and each knows how the build stood when it
/// began; what is written is decided on the mark that is there now, so that the build ends on the same mark in whatever order they end.
/// </summary>
/// <remarks>
/// <code>
/// mark now                      may write
/// promoted, rolled-back         nothing: only a rollback takes "promoted" away, and only an explicit promote follows it
/// running, of this execution    how it ended
/// running, of another one       nothing: the one that began last says how it ended
/// anything else                 how it ended, if it never got as far as "running"; otherwise a later one has ended since
/// </code>
/// </remarks>
public static class ReleaseMarks
{
    /// <param name="now">The mark on the build; null: there is none.</param>
    /// <param name="began">The execution has marked the build as running.</param>
    /// <returns>The mark to write; null: the one that is there stays.</returns>
    public static ReleaseMark? AtTheEnd(ReleaseMark? now, string execution, bool began, ReleaseState outcome, int attempt, string why, DateTimeOffset at) => now switch
    {
        { State: ReleaseState.Promoted or ReleaseState.RolledBack } => null,
        { State: ReleaseState.Running, Why: { } running } when running != execution => null,
        { State: not ReleaseState.Running } when began => null,

        // What is tried again by itself stays a person's wish.
        _ => new ReleaseMark(outcome, attempt, at, why, outcome == ReleaseState.Failed && now is { Explicit: true }),
    };

    /// <summary>All tags stand on the build: it is promoted.</summary>
    /// <returns>Null: it is marked so already.</returns>
    public static ReleaseMark? MarkPromoted(BuildRecord build, string why, DateTimeOffset at) => build.Release?.State == ReleaseState.Promoted
        ? null
        : new ReleaseMark(ReleaseState.Promoted, build.Release?.Attempt ?? 1, at, why);

    /// <summary>A rollback to an older build was ordered in the moment in which this release marked its build as promoted: neither saw the other,
    /// and the rollback counts.</summary>
    /// <param name="hold">Where the release does not end it.</param>
    /// <returns>Null: nothing is to be taken back.</returns>
    public static ReleaseMark? DemoteToHeld(BuildRecord build, Hold? hold, DateTimeOffset at) =>
        build.Release is { State: ReleaseState.Promoted } mark && build.Version > hold?.Target && hold?.Target is not null
            ? new ReleaseMark(ReleaseState.Held, mark.Attempt, at, $"held until an explicit promote: {hold.Why}")
            : null;
}
