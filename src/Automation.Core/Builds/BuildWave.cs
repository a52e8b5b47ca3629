using System.Globalization;

namespace Automation.Core.Builds;

/// <summary>Which of many due builds start now when a base has more children than the account may build at once.</summary>
public static class BuildWave
{
    /// <param name="running">Builds in progress in the account and Region.</param>
    /// <param name="limit">The concurrent-build quota (100 unless raised).</param>
    /// <returns>The first ones in order of image name that fit; the others come with the next reconcile.</returns>
    public static BuildWavePlan Admit(IEnumerable<BuildOrder> orders, int running, int limit)
    {
        var sorted = orders.OrderBy(order => order.Image, StringComparer.Ordinal).ToList();
        var room = Math.Clamp(limit - running, 0, sorted.Count);
        var reason = room == sorted.Count
            ? new Reason("wave-fits", string.Create(CultureInfo.InvariantCulture,
                $"{sorted.Count} builds are due and {running} of at most {limit} run"))
            : new Reason("wave-limited", string.Create(CultureInfo.InvariantCulture,
                $"{sorted.Count} builds are due, {running} of at most {limit} run: {room} start now, {sorted.Count - room} wait for the next wave"));
        return new BuildWavePlan(sorted[..room], sorted[room..], reason);
    }
}

public sealed record BuildWavePlan(IReadOnlyList<BuildOrder> Now, IReadOnlyList<BuildOrder> Later, Reason Reason);
