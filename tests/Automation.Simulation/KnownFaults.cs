using Automation.Simulation.Checks;

namespace Automation.Simulation;

/// <summary>
/// Promises that are known to be broken, each since when. A run prints how often it met each of them; take a rule off the list when its
/// fault is mended, and from then on it stays mended.
/// </summary>
internal static class KnownFaults
{
    /// <param name="Rule">Of <see cref="Violation"/>.</param>
    /// <param name="Since">When it was found.</param>
    /// <param name="Why">The smallest history, in words.</param>
    internal sealed record Fault(string Rule, DateOnly Since, string Why);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("untold", new DateOnly(2026, 11, 29), "a service is denied or throttled past all retries in Announce or Prune too: the execution fails and no message comes"),
        new("deleted-in-progress", new DateOnly(2026, 11, 29), "an explicit promote begins while a prune deletes what it is to promote"),
        new("deleted-owner", new DateOnly(2026, 11, 29), "the record of the newest promoted build is deleted: the prune deletes the next owner's image before the reconcile brings the tags there"),
        new("not-scanned", new DateOnly(2026, 11, 29), "a build that soaks is asked for once more and blocked by the gate: the first release promotes it after its soak"),
    ];

    public static bool Contains(Violation violation) => All.Any(fault => fault.Rule == violation.Rule);
}
