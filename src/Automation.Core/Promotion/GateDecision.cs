namespace Automation.Core.Promotion;

public abstract record GateDecision
{
    private GateDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    /// <summary>At least one, the deciding reason first. Of many findings it lists the worst and counts the rest.</summary>
    public IReadOnlyList<Reason> Reasons { get; }

    public sealed record Open(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>No scan starts automatically. Start a basic scan, then decide again with <see cref="GateFacts.Asked"/>.</summary>
    public sealed record StartScan(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>There is no result yet. Decide again at <see cref="Until"/>.</summary>
    public sealed record Wait(DateTimeOffset Until, IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <param name="Blocking">The blocking findings, worst first; empty if there is no usable result.</param>
    /// <param name="ToUnblock">What would open the gate, one clause each.</param>
    public sealed record Blocked(IReadOnlyList<Finding> Blocking, IReadOnlyList<string> ToUnblock, IReadOnlyList<Reason> Why) : GateDecision(Why);
}
