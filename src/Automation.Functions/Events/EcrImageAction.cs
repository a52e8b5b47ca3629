using System.Text.Json.Serialization;

namespace Automation.Functions.Events;

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
