using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>ECR's scan of one image, basic or enhanced; null in <see cref="GateFacts"/> if ECR has none (ScanNotFoundException).</summary>
/// <param name="Status">As the API reports it: IN_PROGRESS, COMPLETE, FAILED, ACTIVE …</param>
/// <param name="Counts">The number of findings by severity, as the API reports it.</param>
/// <param name="Findings">The findings of all pages. Fewer than counted may be listed, and a finding that is not listed cannot be allowed.</param>
public sealed record ScanFacts(string Status, string? Description, IReadOnlyDictionary<Severity, int> Counts, IReadOnlyList<Finding> Findings)
{
    private const string ResultIsPending = "result pending";

    // In ascending order, from "no result will come" to "ready to judge".
    private static readonly string[] Ranks =
        ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "SCAN_ELIGIBILITY_EXPIRED", "", "FINDINGS_UNAVAILABLE", "PENDING", "IN_PROGRESS", ResultIsPending, "ACTIVE", "COMPLETE"];

    /// <summary>ECR reports the scan as COMPLETE or ACTIVE but shows no result yet: no findings, no counts, no completion time.
    /// The gate waits until it does. https://github.com/aws/aws-sdk/issues/289</summary>
    public bool ResultPending { get; init; }

    /// <summary>Combines the scans of an index's children: the worst status and all findings. Null if any child has no scan.</summary>
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
    /// <summary>Parses ECR's or Inspector's severity. UNDEFINED, UNTRIAGED and unknown values rank lowest.</summary>
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

/// <param name="WaitingSince">When the release began to wait; <c>waitMinutes</c> counts from then.</param>
public sealed record GateFacts(GateRules? Rules, ScanFacts? Scan, DateTimeOffset WaitingSince, DateTimeOffset Now)
{
    /// <summary>The repository of the image.</summary>
    public string Repository { get; init; } = "";

    /// <summary>How the registry scans; null if not read, which is enough while a scan exists.</summary>
    public RegistryScanning? Registry { get; init; }

    /// <summary>The result of the scan request of this release; null if it made none.</summary>
    public ScanStart? Asked { get; init; }
}

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
