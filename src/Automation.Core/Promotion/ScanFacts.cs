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
        ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "SCAN_ELIGIBILITY_EXPIRED", "", "FINDINGS_UNAVAILABLE", "PENDING", "IN_PROGRESS",
            ResultIsPending, "ACTIVE", "COMPLETE"];

    /// <summary>ECR reports the scan as COMPLETE or ACTIVE but shows no result yet: no findings, no counts, no completion time.
    /// The gate waits until it does. https://github.com/aws/aws-sdk/issues/289</summary>
    public bool ResultPending { get; init; }

    /// <summary>When the scan ended; null if ECR does not say so, and for an index the earliest of its images.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

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
            CompletedAt = children.Min(child => child!.CompletedAt),
        };
    }

    private static int Rank(ScanFacts scan)
    {
        var known = Array.IndexOf(Ranks, scan.ResultPending ? ResultIsPending : scan.Status);
        return known < 0 ? Array.IndexOf(Ranks, "") : known;
    }
}
