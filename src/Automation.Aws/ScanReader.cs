using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Severity = Automation.Core.Catalog.Severity;

namespace Automation.Aws;

/// <summary>
/// Reads basic and enhanced scan findings alike: basic ones are in <c>findings</c> with the CVE as name, enhanced ones in
/// <c>enhancedFindings</c> with the CVE in <c>packageVulnerabilityDetails</c>.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
/// </summary>
internal static class ScanReader
{
    public static async Task<ScanFacts?> ReadAsync(IAmazonECR client, string repository, Digest digest, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var counts = new Dictionary<Severity, int>();
        ImageScanStatus? status = null;
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
                // Each page repeats the counts of the whole scan; enhanced ones have a key TOTAL that is no severity.
                foreach (var (severity, count) in (page.ImageScanFindings?.FindingSeverityCounts ?? []).Where(pair => pair.Key != "TOTAL"))
                {
                    counts[Finding.ParseSeverity(severity)] = count;
                }

                findings.AddRange((page.ImageScanFindings?.Findings ?? []).Select(finding => new Finding(
                    finding.Name,
                    Finding.ParseSeverity(finding.Severity?.Value),
                    finding.Attributes?.FirstOrDefault(attribute => attribute.Key == "package_name")?.Value)));
                findings.AddRange((page.ImageScanFindings?.EnhancedFindings ?? []).Where(finding => finding.Status is null or "ACTIVE").Select(finding => new Finding(
                    finding.PackageVulnerabilityDetails?.VulnerabilityId ?? finding.Title ?? finding.FindingArn,
                    Finding.ParseSeverity(finding.Severity),
                    finding.PackageVulnerabilityDetails?.VulnerablePackages?.FirstOrDefault()?.Name)));
            }
        }
        catch (ScanNotFoundException)
        {
            return null;
        }

        return new ScanFacts(status?.Status?.Value ?? "", status?.Description, counts, findings);
    }
}
