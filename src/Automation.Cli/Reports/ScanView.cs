using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Cli.Reports;

/// <summary>ECR's scan of an image in the first Region of its catalog entry.</summary>
/// <param name="Text">Such as <c>2 CRITICAL, 11 HIGH</c>, or why there is no result.</param>
/// <param name="Counts">The number of findings by severity, the worst first, without zeros; null without a result.</param>
/// <param name="Findings">Such as <c>CVE-2024-1234 (HIGH in openssl)</c>, the worst first; null without a result.</param>
internal sealed record ScanView(string? Digest, string Text, IReadOnlyDictionary<string, int>? Counts, IReadOnlyList<string>? Findings)
{
    /// <summary>When the scan ended; null if ECR does not say so.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <param name="digest">Null if no inspection has recorded it.</param>
    public static async Task<ScanView> ReadAsync(Connection connection, ImageSpec image, Digest? digest, CancellationToken cancellationToken)
    {
        if (digest is null)
        {
            return Without(null, "not known: no digest is recorded");
        }

        try
        {
            var region = connection.Fleet.RegionsOf(image)[0];
            return await connection.Registry.ReadScanAsync(region, image.Repository, digest, withEpss: false, cancellationToken) switch
            {
                null => Without(digest, "no scan"),
                { ResultPending: true } or { Status: "IN_PROGRESS" or "PENDING" } => Without(digest, "in progress"),
                { Status: "COMPLETE" or "ACTIVE" } scan => Of(digest, scan),
                var scan => Without(digest, scan.Description ?? scan.Status),
            };
        }
        catch (AutomationException e) when (Profiles.Expired(e, profile: null) is null)
        {
            return Without(digest, e.Message);
        }
    }

    private static ScanView Without(Digest? digest, string why) => new(digest?.Value, why, null, null);

    private static ScanView Of(Digest digest, ScanFacts scan)
    {
        var counts = scan.Counts.Where(count => count.Value > 0).OrderByDescending(count => count.Key).ToList();
        var findings = scan.Findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Id, StringComparer.Ordinal);
        return new ScanView(
            digest.Value,
            counts.Count == 0 ? "no findings"
                : string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key.Name()}"))),
            counts.ToDictionary(count => count.Key.Name(), count => count.Value, StringComparer.Ordinal),
            [.. findings.Select(finding => finding.Text).Distinct(StringComparer.Ordinal)])
        {
            CompletedAt = scan.CompletedAt,
        };
    }
}
