using System.Text.Json.Serialization;

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
    string? Execution)
{
    /// <summary>What people are told; absent if they are not alerted. A rule of the stack looks for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AlertText? Alert { get; init; }
}
