using System.Text.Json.Serialization;

namespace Automation.Functions.Events;

/// <summary>
/// The two events about a scan, by detail-type:
/// <code>
/// ECR Image Scan    {"scan-status":"COMPLETE","repository-name":"my-repo","finding-severity-counts":{…},"image-digest":"sha256:…","image-tags":[]}
/// Inspector2 Scan   {"scan-status":"INITIAL_SCAN_COMPLETE","repository-name":"arn:aws:ecr:us-east-1:123456789012:repository/my-repo",
///                    "finding-severity-counts":{…},"image-digest":"sha256:…","image-tags":["latest"]}
/// </code>
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html,
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
/// </summary>
public sealed record ScanDetail
{
    [JsonPropertyName("scan-status")]
    public string? ScanStatus { get; init; }

    [JsonPropertyName("repository-name")]
    public string? RepositoryName { get; init; }

    [JsonPropertyName("image-digest")]
    public string? ImageDigest { get; init; }
}
