namespace Automation.Core.Workflow;

/// <summary>Detail of the EventBridge events with source <c>automation.images</c>.</summary>
public sealed record AnnouncementDetail(
    string? Image,
    string? Action,
    string Outcome,
    string? Version,
    string? Arn,
    IReadOnlyList<RegionDigest> Digests,
    IReadOnlyList<string> Tags,
    IReadOnlyList<ReasonText> Reasons,
    string? Execution);
