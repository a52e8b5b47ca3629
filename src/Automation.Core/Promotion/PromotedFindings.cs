using System.Security.Cryptography;
using System.Text;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>The latest scan of the image that is promoted now. Vulnerabilities become known after a promotion, so the gate alone does not find
/// them.</summary>
/// <param name="Build">The owner of the floating tags, or the newest promoted build of an image without floating tags.</param>
/// <param name="Scan">Null if ECR has no scan of the image.</param>
public sealed record PromotedFindings(BuildRecord Build, ScanFacts? Scan)
{
    /// <summary>Why the findings cannot be read; null if they can. Builds and releases do not wait for them.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Basic scanning scans an image once. ECR allows another scan after 24 hours.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html</summary>
    private static readonly TimeSpan ScanInterval = TimeSpan.FromHours(24);

    /// <summary>The build whose findings are read; null if nothing is promoted, or if the catalog does not ask for findings after a promotion.</summary>
    public static BuildRecord? BuildOf(BuildFacts facts)
    {
        if (facts.Image.Promote.AlertOnFindings is null && facts.Image.Build.RebuildOnFindings is null)
        {
            return null;
        }

        var owner = FloatingTagOwners.Of(facts.Image, facts.Builds, facts.Pipeline.Hold).Values.Max(owner => owner.Version);
        return facts.Builds.Where(build => build is { State: BuildState.Available, Digest: not null }
                && (owner is null ? build.Release?.State == ReleaseState.Promoted : build.Version == owner))
            .MaxBy(build => build.Version);
    }

    /// <summary>Whether a basic scan must be started now. Enhanced scanning renews its findings itself.</summary>
    public bool IsScanDue(DateTimeOffset now) => Unreadable is null
        && (Scan is null || (Scan is { Status: "COMPLETE" or "FAILED", CompletedAt: { } ended } && now - ended >= ScanInterval));

    /// <summary>Whether the scan shows findings, or that there are none.</summary>
    public bool HasResult => Scan is { Status: "COMPLETE" or "ACTIVE", ResultPending: false };

    /// <summary>The findings that count, the worst first. Those that the gate of the image would tolerate do not count.</summary>
    public IReadOnlyList<Finding> From(Severity severity, GateRules? rules, DateTimeOffset now) =>
        [.. FindingList.From(Scan?.Findings ?? [], severity).Where(finding => FindingTolerance.Of(finding, rules ?? new GateRules(), now) is null)];

    /// <summary>The findings for <c>rebuildOnFindings</c>; null if the catalog does not set it, or if the scan has no result.</summary>
    public FindingFacts? ForBuild(ImageSpec image, DateTimeOffset now)
    {
        if (!HasResult || image.Build.RebuildOnFindings is not { } severity)
        {
            return null;
        }

        var fixable = From(severity, image.Promote.Gate, now).Where(finding => finding.IsFixable == true).ToList();
        return new FindingFacts(Build.Version, severity, fixable.Count == 0 ? null : IdOf(fixable), Summary(fixable, severity));
    }

    /// <summary>What would remove the findings.</summary>
    public string NextStep(BuildFacts facts, IReadOnlyCollection<Finding> findings)
    {
        var image = facts.Image.Name;
        if (facts.Base?.Digest is { } now && Build.BaseDigest is { } used && used != now)
        {
            return $"A newer base exists: {now.Short12} instead of {used.Short12}. `automation why {image}` shows the build on it.";
        }

        return findings.Any(finding => finding.IsFixable == true)
            ? facts.Image.Build.RebuildOnFindings <= findings.Where(finding => finding.IsFixable == true).Max(finding => finding.Severity)
                ? $"Fixed versions exist, so one build is started for these findings. `automation why {image}` shows it."
                : $"Fixed versions exist. If the recipe updates its packages, run `automation build {image}`; otherwise renew the base or the package."
            : findings.All(finding => finding.IsFixable == false)
                ? "No fix exists yet. Use a base or package without the finding, or allow it in promote.gate.allow with a date and a reason."
                : $"The scan does not say whether a fix exists. If the recipe updates its packages, run `automation build {image}`; otherwise renew the base.";
    }

    /// <summary>Such as <c>2 findings of HIGH or above: CVE-2026-1, CVE-2026-2</c>.</summary>
    public static string Summary(IReadOnlyCollection<Finding> findings, Severity severity) =>
        $"{HumanText.Of(findings.Count, "finding")} of {severity.Name()} or above{FindingList.Ids(findings)}";

    // The same findings have the same text, in whatever order the scan lists them.
    private static string IdOf(IEnumerable<Finding> findings) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n', findings.Select(finding => $"{finding.Id}|{finding.Package}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)))).AsSpan(0, 6));
}
