using System.Text.Json.Serialization;

namespace Automation.Core.Workflow;

/// <summary>An error as the workflow's <c>Catch</c> writes it into the state; <c>Cause</c> is the runtime's error document as text.</summary>
public sealed record StepError
{
    [JsonPropertyName("Error")]
    public string? Name { get; init; }

    [JsonPropertyName("Cause")]
    public string? Cause { get; init; }
}
