using System.Globalization;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Aws.Sdk.Json;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Severity = Automation.Core.Catalog.Severity;

namespace Automation.Aws.Sdk;

/// <summary>
/// Reads basic and enhanced scan findings alike: basic ones are in <c>findings</c> with the CVE as name, enhanced ones in
/// <c>enhancedFindings</c> with the CVE in <c>packageVulnerabilityDetails</c>.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
/// </summary>
/// <remarks>
/// For a while after a scan has ended, ECR reports it as finished but shows no findings, with basic and enhanced scanning
/// (https://github.com/aws/aws-sdk/issues/289, https://github.com/aws/aws-cli/issues/6759):
/// <code>
/// {"imageScanFindings":{"findings":[]},"imageScanStatus":{"status":"COMPLETE","description":"The scan was completed successfully."}}
/// </code>
/// A scan that found nothing has <c>imageScanCompletedAt</c>.
/// </remarks>
internal static class ScanReader
{
    /// <summary>The name of a finding without a name. No allow list can name it.</summary>
    private const string Unnamed = "a finding without a name";

    /// <param name="inspectorOf">Makes the client that reads EPSS scores; null if they are not wanted.</param>
    public static async Task<ScanFacts?> ReadAsync(
        IAmazonECR client, Func<JsonClient>? inspectorOf, string repository, Digest digest, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, double>? scores = null;
        var findings = new List<Finding>();
        var counts = new Dictionary<Severity, int>();
        ImageScanStatus? status = null;
        var hasResult = false;
        DateTimeOffset? completedAt = null;
        try
        {
            var request = new DescribeImageScanFindingsRequest
            {
                RepositoryName = repository,
                ImageId = new ImageIdentifier { ImageDigest = digest.Value },
                MaxResults = 1000,
            };
            await foreach (var page in client.Paginators.DescribeImageScanFindings(request).Responses.WithCancellation(cancellationToken))
            {
                status ??= page.ImageScanStatus;
                completedAt ??= page.ImageScanFindings?.ImageScanCompletedAt is { } ended ? Utc(ended) : null;
                hasResult |= page.ImageScanFindings is { ImageScanCompletedAt: not null } or { Findings.Count: > 0 } or { EnhancedFindings.Count: > 0 };

                // Each page repeats the counts of the whole scan. Enhanced scans have a key TOTAL, which is not a severity.
                foreach (var (severity, count) in (page.ImageScanFindings?.FindingSeverityCounts ?? []).Where(pair => pair.Key != "TOTAL"))
                {
                    counts[Finding.ParseSeverity(severity)] = count;
                }

                findings.AddRange((page.ImageScanFindings?.Findings ?? []).Select(Basic));
                var enhanced = (page.ImageScanFindings?.EnhancedFindings ?? []).Where(finding => finding.Status is null or "ACTIVE").ToList();
                if (enhanced.Count > 0 && inspectorOf is not null)
                {
                    scores ??= await EpssReader.ReadAsync(inspectorOf(), repository, digest, cancellationToken);
                }

                findings.AddRange(enhanced.Select(finding => Enhanced(finding, scores)));
            }
        }
        catch (ScanNotFoundException)
        {
            return null;
        }

        return new ScanFacts(status?.Status?.Value ?? "", status?.Description, counts, findings)
        {
            ResultPending = status?.Status?.Value is "COMPLETE" or "ACTIVE"
                && !hasResult && counts.Values.All(count => count == 0),
            CompletedAt = completedAt,
        };
    }

    // {"name":"CVE-2026-1","severity":"HIGH","attributes":[{"key":"package_name","value":"openssl"},{"key":"CVSS2_SCORE","value":"6.8"}]}
    // Basic scanning says neither whether a fix exists nor when a vulnerability was published.
    private static Finding Basic(ImageScanFinding finding)
    {
        string? Attribute(string key) => finding.Attributes?.FirstOrDefault(attribute => attribute.Key == key)?.Value;
        return new Finding(finding.Name ?? Unnamed, Finding.ParseSeverity(finding.Severity?.Value), Attribute("package_name"))
        {
            Cvss = double.TryParse(Attribute("CVSS2_SCORE"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) ? score : null,
        };
    }

    // {"severity":"HIGH","fixAvailable":"YES","score":7.5,"packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2026-1","vendorCreatedAt":1767600000,
    //  "cvss":[{"version":"2.0","baseScore":5.0,"source":"NVD"},{"version":"3.1","baseScore":7.5,"source":"NVD"}],"vulnerablePackages":[{"name":"openssl"}]}}
    // fixAvailable is YES, NO or PARTIAL: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html
    private static Finding Enhanced(EnhancedImageScanFinding finding, IReadOnlyDictionary<string, double>? scores)
    {
        var details = finding.PackageVulnerabilityDetails;
        return new Finding(
            details?.VulnerabilityId ?? finding.Title ?? finding.FindingArn ?? Unnamed,
            Finding.ParseSeverity(finding.Severity),
            details?.VulnerablePackages?.FirstOrDefault()?.Name)
        {
            IsFixable = finding.FixAvailable switch { "YES" or "PARTIAL" => true, "NO" => false, _ => null },
            Cvss = (details?.Cvss ?? []).Max(score => score.BaseScore) ?? finding.Score,
            Epss = finding.FindingArn is { } arn && scores?.TryGetValue(arn, out var score) == true ? score : null,
            PublishedAt = details?.VendorCreatedAt is { } published ? Utc(published) : null,
        };
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    public static async Task<RegistryScanning> ReadScanningAsync(IAmazonECR client, CancellationToken cancellationToken)
    {
        var response = await client.GetRegistryScanningConfigurationAsync(new GetRegistryScanningConfigurationRequest(), cancellationToken);
        return new RegistryScanning(
            response.ScanningConfiguration?.ScanType == ScanType.ENHANCED,
            [.. (response.ScanningConfiguration?.Rules ?? []).Select(rule => new ScanningRule(
                rule.ScanFrequency?.Value ?? "",
                [.. (rule.RepositoryFilters ?? []).Select(filter => filter.Filter).OfType<string>()]))]);
    }

    public static async Task<ScanStart> StartAsync(IAmazonECR client, string repository, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            await client.StartImageScanAsync(
                new StartImageScanRequest { RepositoryName = repository, ImageId = new ImageIdentifier { ImageDigest = digest.Value } },
                cancellationToken);
            return ScanStart.Started;
        }
        catch (LimitExceededException)
        {
            return ScanStart.LimitExceeded;
        }
        catch (UnsupportedImageTypeException)
        {
            return ScanStart.Unsupported;
        }
        catch (ImageArchivedException)
        {
            return ScanStart.Archived;
        }
        catch (ValidationException)
        {
            // "This feature is disabled": the registry was switched to enhanced scanning.
            return ScanStart.Disabled;
        }
    }
}
