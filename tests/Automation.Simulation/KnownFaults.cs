using Automation.Simulation.Checks;

namespace Automation.Simulation;

/// <summary>
/// Promises that are known to be broken, each since when. The list only gets shorter: a test fails when the simulation no longer meets
/// one of them, so that what was mended is taken off, and from then on stays mended.
/// </summary>
internal static class KnownFaults
{
    /// <param name="Rule">Of <see cref="Violation"/>.</param>
    /// <param name="Since">When it was found.</param>
    /// <param name="Why">The smallest history, in words.</param>
    internal sealed record Fault(string Rule, DateOnly Since, string Why);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("apart", new DateOnly(2026, 11, 29), "the record of the newest promoted build is deleted: its tags stay where they are"),
        new("untold", new DateOnly(2026, 11, 29), "Image Builder does not answer for longer than all retries: Announce fails with the step that it was to tell of"),
        new("rollback-unpromoted", new DateOnly(2026, 11, 29), "a rollback to a build that soaks moves the tags forward"),
        new("not-approved", new DateOnly(2026, 11, 29), "a rollback to a build that waits for its approval promotes it"),
        new("not-scanned", new DateOnly(2026, 11, 29), "a rollback to a build that waits for its scan promotes it"),
        new("retired-promoted", new DateOnly(2026, 11, 29), "a build that is DISABLED while it soaks is promoted"),
        new("never-ends", new DateOnly(2026, 11, 29), "a build whose record is deleted while it soaks soaks for 30 days"),
        new("deleted-strangers", new DateOnly(2026, 11, 29), "an image that somebody built of the same recipe is deleted"),
        new("deleted-in-progress", new DateOnly(2026, 11, 29), "an image whose record is deleted while it soaks is deleted"),
        new("half-moved", new DateOnly(2026, 11, 29), "a Region's repository is made immutable while a build soaks: its floating tags move in the other Region only"),
        new("rollback-forward", new DateOnly(2026, 11, 29), "a rollback to a build that soaks, or waits for its approval, and is newer than what is promoted"),
        new("deleted-owner", new DateOnly(2026, 11, 29), "the record of the newest promoted build is deleted: the image of the build that owns the tags from then on goes"),
        new("mark-overwritten", new DateOnly(2026, 11, 29), "a promoted build is asked for once more and nobody approves that: it is marked rejected"),
    ];

    public static bool Contains(Violation violation) => All.Any(fault => fault.Rule == violation.Rule);
}
