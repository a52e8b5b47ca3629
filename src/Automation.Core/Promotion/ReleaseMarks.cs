using Automation.Core.Builds;

namespace Automation.Core.Promotion;

/// <summary>
/// Decides which mark an execution may write on its build. Several executions of one build may run at once, and each knows only the mark from its
/// own beginning. The decision uses the current mark, so the build ends with the same mark in whatever order the executions end.
/// </summary>
/// <remarks>
/// <code>
/// mark now                      may write
/// promoted, rolled-back         nothing: only a rollback replaces "promoted", and only an explicit promote replaces "rolled-back"
/// running, of this execution    its outcome
/// running, of another one       nothing: the execution that began last records the outcome
/// anything else                 its outcome, if it never wrote "running"; otherwise a later execution has ended since
/// </code>
/// </remarks>
public static class ReleaseMarks
{
    /// <param name="now">The mark on the build; null if there is none.</param>
    /// <param name="began">Whether the execution has marked the build as running.</param>
    /// <returns>The mark to write; null to keep the current one.</returns>
    public static ReleaseMark? AtTheEnd(ReleaseMark? now, string execution, bool began, ReleaseState outcome, int attempt, string why, DateTimeOffset at) =>
        now switch
        {
            { State: ReleaseState.Promoted or ReleaseState.RolledBack } => null,
            { State: ReleaseState.Running, Why: { } running } when running != execution => null,
            { State: not ReleaseState.Running } when began => null,

            // A retry of an explicit release stays explicit.
            _ => new ReleaseMark(outcome, attempt, at, why, outcome == ReleaseState.Failed && now is { Explicit: true }),
        };

    /// <summary>Marks a build as promoted after all its tags are set.</summary>
    /// <returns>Null if it already has that mark.</returns>
    public static ReleaseMark? MarkPromoted(BuildRecord build, string why, DateTimeOffset at) => build.Release?.State == ReleaseState.Promoted
        ? null
        : new ReleaseMark(ReleaseState.Promoted, build.Release?.Attempt ?? 1, at, why);

    /// <summary>Handles a rollback to an older build that began just when this release marked its build as promoted. Neither saw the other,
    /// and the rollback wins. A rollback that began later finds the mark and replaces it itself.</summary>
    /// <param name="hold">The hold, unless the release ends it.</param>
    /// <returns>Null if no mark must change.</returns>
    public static ReleaseMark? DemoteToHeld(BuildRecord build, Hold? hold, DateTimeOffset at) =>
        build.Release is { State: ReleaseState.Promoted } mark && build.Version > hold?.Target && hold?.Target is not null && !(hold.Since > mark.At)
            ? new ReleaseMark(ReleaseState.Held, mark.Attempt, at, $"held until an explicit promote: {hold.Why}")
            : null;
}
