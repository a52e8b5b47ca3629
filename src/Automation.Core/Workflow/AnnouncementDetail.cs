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
    /// <summary>The alert for people; absent if nobody is alerted. A rule of the stack selects the events that have one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AlertText? Alert { get; init; }
}
