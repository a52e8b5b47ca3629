using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>The members that a finding of an enhanced scan has in ECR and in Amazon Inspector.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html,
/// https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html</summary>
internal static class FindingJson
{
    /// <param name="arn">The ARN of the finding.</param>
    public static JsonObject Describe(EnhancedScan scan, string arn, Finding finding, string account)
    {
        var seen = WireJson.Epoch(scan.CompletedAt ?? scan.StartedAt);
        return new JsonObject
        {
            ["awsAccountId"] = account,
            ["findingArn"] = arn,
            ["title"] = finding.Package is null ? finding.Name : $"{finding.Name} - {finding.Package}",
            ["description"] = finding.Description ?? finding.Name,
            ["severity"] = Severity(finding),
            ["status"] = "ACTIVE",
            ["type"] = "PACKAGE_VULNERABILITY",
            ["firstObservedAt"] = seen,
            ["lastObservedAt"] = seen.DeepClone(),
            ["updatedAt"] = seen.DeepClone(),
            ["fixAvailable"] = FixAvailable(finding),
            ["exploitAvailable"] = "NO",
            ["packageVulnerabilityDetails"] = Vulnerability(finding),
            ["resources"] = new JsonArray(new JsonObject
            {
                ["type"] = "AWS_ECR_CONTAINER_IMAGE",
                ["id"] = scan.Arn,
                ["details"] = new JsonObject
                {
                    ["awsEcrContainerImage"] = new JsonObject
                    {
                        ["imageHash"] = scan.Digest,
                        ["imageTags"] = JsonMembers.ToList(scan.Tags),
                        ["pushedAt"] = WireJson.Epoch(scan.PushedAt),
                        ["registry"] = account,
                        ["repositoryName"] = scan.Repository,
                    },
                },
            }),
        };
    }

    public static string Severity(Finding finding) => finding.Severity == "UNDEFINED" ? "UNTRIAGED" : finding.Severity;

    public static string FixAvailable(Finding finding) => finding.FixedInVersion is null ? "NO" : "YES";

    public static string SourceUrl(Finding finding) => $"https://cve.mitre.org/cgi-bin/cvename.cgi?name={finding.Name}";

    private static JsonObject Vulnerability(Finding finding)
    {
        var package = new JsonObject { ["name"] = finding.Package, ["version"] = finding.PackageVersion ?? "0" };
        if (finding.FixedInVersion is { } version)
        {
            package["fixedInVersion"] = version;
        }

        var result = new JsonObject
        {
            ["vulnerabilityId"] = finding.Name,
            ["source"] = "NVD",
            ["sourceUrl"] = SourceUrl(finding),
            ["vendorSeverity"] = finding.Severity,
            ["vulnerablePackages"] = finding.Package is null ? new JsonArray() : new JsonArray(package),
        };
        if (finding.PublishedAt is { } published)
        {
            result["vendorCreatedAt"] = WireJson.Epoch(published);
        }

        return result;
    }
}
