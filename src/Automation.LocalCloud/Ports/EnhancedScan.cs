namespace Automation.LocalCloud.Ports;

/// <summary>An image in a registry that Amazon Inspector scans.</summary>
/// <param name="Arn">The ARN of the image, such as <c>arn:aws:ecr:us-east-1:123456789012:repository/team/app/sha256:…</c>.</param>
/// <param name="Status">As ECR shows it: IN_PROGRESS, ACTIVE, UNSUPPORTED_IMAGE …</param>
/// <param name="Findings">Each finding with its ARN, which ECR and Inspector share.</param>
internal sealed record EnhancedScan(
    string Arn, string Repository, string Digest, IReadOnlyList<string> Tags, DateTimeOffset PushedAt, string Status, DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt, IReadOnlyList<(string Arn, Finding Finding)> Findings);
