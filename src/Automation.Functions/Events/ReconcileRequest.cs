using System.Text.Json.Serialization;

namespace Automation.Functions.Events;

/// <summary>
/// The event that EventBridge Scheduler sends to Reconcile: <c>{"time":"2026-01-05T08:00:00Z","image":"app"}</c>. Without
/// <c>image</c> it covers all images.
/// </summary>
public sealed record ReconcileRequest
{
    [JsonPropertyName("time")]
    public DateTimeOffset? Time { get; init; }

    [JsonPropertyName("image")]
    public string? Image { get; init; }
}
