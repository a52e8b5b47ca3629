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

/// <summary>
/// The three ECR events about a new image, by detail-type:
/// <code>
/// ECR Image Action               {"result":"SUCCESS","repository-name":"golden/base","image-digest":"sha256:…","action-type":"PUSH","image-tag":"stable"}
/// ECR Replication Action         {"result":"SUCCESS","repository-name":"golden/base","image-digest":"sha256:…","action-type":"REPLICATE","image-tag":"stable",
///                                 "source-account":"123456789012","source-region":"us-west-2"}
/// ECR Pull Through Cache Action  {"sync-status":"SUCCESS","repository-name":"docker-hub/alpine","image-digest":"sha256:…","image-tag":"3.17.2",
///                                 "rule-version":"1","ecr-repository-prefix":"docker-hub","upstream-registry-url":"public.ecr.aws"}
/// </code>
/// <c>image-tag</c> is empty for a manifest pushed by digest and absent for archive and restore, which are an "ECR Image Action" with
/// action-type UPDATE_STORAGE_CLASS. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
/// </summary>
public sealed record EcrImageAction
{
    [JsonPropertyName("result")]
    public string? Result { get; init; }

    [JsonPropertyName("sync-status")]
    public string? SyncStatus { get; init; }

    [JsonPropertyName("action-type")]
    public string? ActionType { get; init; }

    [JsonPropertyName("repository-name")]
    public string? RepositoryName { get; init; }

    [JsonPropertyName("image-digest")]
    public string? ImageDigest { get; init; }

    [JsonPropertyName("image-tag")]
    public string? ImageTag { get; init; }
}
