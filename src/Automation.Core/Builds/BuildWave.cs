namespace Automation.Core.Builds;

/// <summary>Which of many due builds start now when a base has more children than the account may build at once.</summary>
public static class BuildWave
{
    /// <param name="running">Builds in progress in the account and Region.</param>
    /// <param name="limit">The concurrent-build quota (100 unless raised).</param>
    /// <returns>The first ones in order of image name that fit; the others come with the next reconcile.</returns>
    public static BuildWavePlan Admit(IEnumerable<BuildOrder> orders, int running, int limit) => throw new NotImplementedException();
}

public sealed record BuildWavePlan(IReadOnlyList<BuildOrder> Now, IReadOnlyList<BuildOrder> Later, Reason Reason);
