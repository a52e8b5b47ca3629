using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>ECR's scan of one image, basic or enhanced; null in <see cref="GateFacts"/> when ECR has none (ScanNotFoundException).</summary>
/// <param name="Status">As the API says it: IN_PROGRESS, COMPLETE, FAILED, ACTIVE …</param>
/// <param name="Counts">By severity, as the API counts them.</param>
/// <param name="Findings">All pages. May be fewer than counted: what is counted but not listed cannot be allowed.</param>
public sealed record ScanFacts(string Status, string? Description, IReadOnlyDictionary<Severity, int> Counts, IReadOnlyList<Finding> Findings)
{
    private const string ResultIsPending = "result pending";

    // From "no result will come" to "judge it".
    private static readonly string[] Ranks =
        ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "SCAN_ELIGIBILITY_EXPIRED", "", "FINDINGS_UNAVAILABLE", "PENDING", "IN_PROGRESS", ResultIsPending, "ACTIVE", "COMPLETE"];

    /// <summary>ECR calls the scan COMPLETE or ACTIVE and does not show its result yet: no findings, no counts, no time of completion.
    /// Nothing can be judged until it does. https://github.com/aws/aws-sdk/issues/289</summary>
    public bool ResultPending { get; init; }

    /// <summary>One result for an index, whose children are scanned one by one: the status that is worst for it, and all findings.
    /// Null as soon as one child has no scan at all.</summary>
    public static ScanFacts? Combine(IReadOnlyCollection<ScanFacts?> children)
    {
        if (children.Count == 0 || children.Contains(null))
        {
            return null;
        }

        var worst = children.MinBy(child => Rank(child!))!;
        var counts = children.SelectMany(child => child!.Counts).GroupBy(count => count.Key)
            .ToDictionary(group => group.Key, group => group.Sum(count => count.Value));
        return new ScanFacts(worst.Status, worst.Description, counts, [.. children.SelectMany(child => child!.Findings)])
        {
            ResultPending = worst.ResultPending,
        };
    }

    private static int Rank(ScanFacts scan)
    {
        var known = Array.IndexOf(Ranks, scan.ResultPending ? ResultIsPending : scan.Status);
        return known < 0 ? Array.IndexOf(Ranks, "") : known;
    }
}

/// <param name="Id">Such as <c>CVE-2024-1234</c>.</param>
public sealed record Finding(string Id, Severity Severity, string? Package = null)
{
    /// <summary>From ECR's or Inspector's severity; UNDEFINED, UNTRIAGED and unknown ones rank lowest.</summary>
    public static Severity ParseSeverity(string? severity) => severity switch
    {
        "CRITICAL" => Severity.Critical,
        "HIGH" => Severity.High,
        "MEDIUM" => Severity.Medium,
        "LOW" => Severity.Low,
        "INFORMATIONAL" => Severity.Informational,
        _ => Severity.Undefined,
    };
}

/// <param name="WaitingSince">From when <c>waitMinutes</c> counts: when the release began to look.</param>
public sealed record GateFacts(GateRules? Rules, ScanFacts? Scan, DateTimeOffset WaitingSince, DateTimeOffset Now)
{
    /// <summary>Where the image is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>How its registry scans; null: not asked, which is enough as long as there is a scan.</summary>
    public RegistryScanning? Registry { get; init; }

    /// <summary>What came of the scan that this release asked for; null: it has asked for none.</summary>
    public ScanStart? Asked { get; init; }
}

public abstract record GateDecision
{
    private GateDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    /// <summary>At least one; the deciding one first. Of many findings the worst, and how many more there are.</summary>
    public IReadOnlyList<Reason> Reasons { get; }

    public sealed record Open(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>Nothing scans the image by itself: start a basic scan, and decide again with <see cref="GateFacts.Asked"/>.</summary>
    public sealed record StartScan(IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <summary>No result yet; look again then.</summary>
    public sealed record Wait(DateTimeOffset Until, IReadOnlyList<Reason> Why) : GateDecision(Why);

    /// <param name="Blocking">The findings in the way, worst first; empty when there is no usable result.</param>
    /// <param name="ToUnblock">What would open the gate, one sentence each.</param>
    public sealed record Blocked(IReadOnlyList<Finding> Blocking, IReadOnlyList<string> ToUnblock, IReadOnlyList<Reason> Why) : GateDecision(Why);
}
