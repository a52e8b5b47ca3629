using System.Text.Json.Serialization;

namespace Automation.Functions;

/// <summary>Detail of the EventBridge events with source <c>automation.images</c> and detail-type <c>Image Incident</c>.</summary>
/// <param name="About">The subject, such as a build version with dashes; empty for the image as a whole.</param>
/// <param name="State">began or ended.</param>
public sealed record IncidentDetail(string Image, string Kind, string About, string State, string Since, IReadOnlyList<ReasonText> Reasons)
{
    /// <summary>The alert for people; absent if nobody is alerted. A rule of the stack selects the events that have one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AlertText? Alert { get; init; }
}
