using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>ECR's scan of one image, basic or enhanced; null in <see cref="GateFacts"/> when ECR has none (ScanNotFoundException).</summary>
/// <param name="Status">As the API says it: IN_PROGRESS, COMPLETE, FAILED, ACTIVE …</param>
/// <param name="Counts">By severity, as the API counts them.</param>
/// <param name="Findings">All pages. May be fewer than counted: what is counted but not listed cannot be allowed.</param>
public sealed record ScanFacts(string Status, string? Description, IReadOnlyDictionary<Severity, int> Counts, IReadOnlyList<Finding> Findings);

/// <param name="Id">Such as <c>CVE-2024-1234</c>.</param>
public sealed record Finding(string Id, Severity Severity, string? Package = null);

/// <param name="WaitingSince">From when <c>waitMinutes</c> counts: when the release began to look.</param>
public sealed record GateFacts(GateRules? Rules, ScanFacts? Scan, DateTimeOffset WaitingSince, DateTimeOffset Now);

public abstract record GateDecision
{
    private GateDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    public IReadOnlyList<Reason> Reasons { get; }

    public sealed record Open(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>No result yet; look again then.</summary>
    public sealed record Wait(DateTimeOffset Until, IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <param name="Blocking">The findings in the way, worst first; empty when there is no usable result.</param>
    /// <param name="ToUnblock">What would open the gate, one sentence each.</param>
    public sealed record Blocked(IReadOnlyList<Finding> Blocking, IReadOnlyList<string> ToUnblock, IReadOnlyList<Reason> Why) : GateDecision(Why);
}

/// <summary>Decides whether scan findings let a build pass.</summary>
public static class ScanGate
{
    public static GateDecision Decide(GateFacts facts) => throw new NotImplementedException(facts.Now.ToString("O"));
}
