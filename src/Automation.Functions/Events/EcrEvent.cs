using System.Text.Json.Serialization;

namespace Automation.Functions.Events;

/// <summary>
/// The event that EventBridge sends to ImagePushed:
/// <code>
/// {"version":"0","id":"…","detail-type":"ECR Image Action","source":"aws.ecr","account":"123456789012",
///  "time":"2019-11-16T01:54:34Z","region":"us-west-2","resources":[],"detail":{…}}
/// </code>
/// A hand-made event may lack any member, so the function checks what it needs. The type is not a generic envelope, because the official
/// Annotations generator names the parameter's type in a comment, where angle brackets cause a warning.
/// https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html
/// </summary>
public sealed record EcrEvent
{
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("source")]
    public string? Source { get; init; }

    [JsonPropertyName("detail-type")]
    public string? DetailType { get; init; }

    [JsonPropertyName("account")]
    public string? Account { get; init; }

    [JsonPropertyName("time")]
    public DateTimeOffset? Time { get; init; }

    [JsonPropertyName("region")]
    public string? Region { get; init; }

    [JsonPropertyName("resources")]
    public IReadOnlyList<string>? Resources { get; init; }

    [JsonPropertyName("detail")]
    public EcrImageAction? Detail { get; init; }
}
