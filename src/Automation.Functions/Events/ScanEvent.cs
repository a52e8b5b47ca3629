using System.Text.Json.Serialization;

namespace Automation.Functions.Events;

/// <summary>
/// The event about a finished scan that EventBridge sends to ScanCompleted. A hand-made event may lack any member, so the function checks what it
/// needs.
/// <code>
/// {"version":"0","id":"…","detail-type":"ECR Image Scan","source":"aws.ecr","account":"123456789012","time":"2019-10-29T02:36:48Z",
///  "region":"us-east-1","resources":["arn:aws:ecr:us-east-1:123456789012:repository/my-repo"],"detail":{…}}
/// </code>
/// </summary>
public sealed record ScanEvent
{
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("source")]
    public string? Source { get; init; }

    [JsonPropertyName("detail-type")]
    public string? DetailType { get; init; }

    [JsonPropertyName("detail")]
    public ScanDetail? Detail { get; init; }
}
