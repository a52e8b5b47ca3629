namespace Automation.Core.Promotion;

public abstract record GateDecision
{
    private static readonly TimeSpan MinPoll = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MaxPoll = TimeSpan.FromMinutes(5);

    private GateDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    /// <summary>At least one, the deciding reason first. Of many findings it lists the worst and counts the rest.</summary>
    public IReadOnlyList<Reason> Reasons { get; }

    /// <summary>The decision of two gates that an image must both pass. One that blocks wins over one that waits.</summary>
    public GateDecision And(GateDecision other) => (this, other) switch
    {
        (Blocked mine, Blocked theirs) => new Blocked(
            [.. mine.Blocking, .. theirs.Blocking], [.. mine.ToUnblock, .. theirs.ToUnblock], [.. mine.Reasons, .. theirs.Reasons]),
        (Blocked mine, Open) => new Blocked(mine.Blocking, mine.ToUnblock, [.. mine.Reasons, .. other.Reasons]),
        (Blocked, _) => this,
        (_, Blocked) => other.And(this),
        (Wait mine, Wait theirs) => new Wait(mine.Until < theirs.Until ? mine.Until : theirs.Until, [.. mine.Reasons, .. theirs.Reasons]),
        (Wait, Open) or (StartScan, _) => this,
        (Open, Wait or StartScan) => other,
        _ => new Open([.. Reasons, .. other.Reasons]),
    };

    /// <summary>
    /// When to check again. Checks are frequent at first, because most scans and signatures take a minute or two. So a wait ends soon after its
    /// result, by a quarter of the time that it took and by five minutes at most, without an event that may be lost.
    /// </summary>
    internal static DateTimeOffset NextCheck(DateTimeOffset since, DateTimeOffset now, DateTimeOffset deadline)
    {
        var pause = (now - since) / 4;
        var next = now + (pause < MinPoll ? MinPoll : pause > MaxPoll ? MaxPoll : pause);
        return next < deadline ? next : deadline;
    }

    public sealed record Open(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>No scan starts automatically. Start a basic scan, then decide again with <see cref="GateFacts.Asked"/>.</summary>
    public sealed record StartScan(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>There is no result yet. Decide again at <see cref="Until"/>.</summary>
    public sealed record Wait(DateTimeOffset Until, IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <param name="Blocking">The blocking findings, worst first; empty if there is no usable result.</param>
    /// <param name="ToUnblock">What would open the gate, one clause each.</param>
    public sealed record Blocked(IReadOnlyList<Finding> Blocking, IReadOnlyList<string> ToUnblock, IReadOnlyList<Reason> Why) : GateDecision(Why);
}
