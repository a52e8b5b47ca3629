using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Lambda;

/// <summary>The stored data of one function.</summary>
/// <param name="ZipDigest">The digest of the blob with the code if it was uploaded as a zip; unpacked on first use.</param>
/// <param name="Policy">The statements of the resource policy, by statement id.</param>
/// <param name="Versions">The number of versions published.</param>
/// <param name="Aliases">The version of each alias, by name.</param>
internal sealed record FunctionRecord(
    FunctionConfiguration Configuration,
    string Description,
    DateTimeOffset LastModified,
    string RevisionId,
    long CodeSize,
    string CodeSha256,
    string? ZipDigest,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, JsonObject> Policy,
    EventInvokeConfig? EventInvoke,
    int Versions,
    IReadOnlyDictionary<string, string> Aliases)
{
    /// <summary>The image of a function of the package type Image. Such a function can be read, not invoked.</summary>
    public FunctionImage? Image { get; init; }

    /// <summary>The images of published versions, by version.</summary>
    public IReadOnlyDictionary<string, FunctionImage> VersionImages { get; set; } = new Dictionary<string, FunctionImage>();
}

/// <param name="Resolved">The image that the URI named when it was set.</param>
internal sealed record FunctionImage(string Uri, string Resolved, DateTimeOffset Modified, string RevisionId);

/// <summary>Accepted code.</summary>
/// <param name="ZipDigest">The digest of the blob with the zip; null for an image.</param>
/// <param name="Size">The size of the zip, in bytes.</param>
/// <param name="Sha256">The hash of the zip, in Base64.</param>
internal sealed record FunctionCode(string? ZipDigest, long Size, string Sha256);

/// <summary>How asynchronous invocations of a function are retried, and where their outcomes are reported.</summary>
/// <param name="MaximumRetryAttempts">0 to 2; null means 2.</param>
/// <param name="MaximumEventAgeSeconds">60 to 21600; null means 21600.</param>
/// <param name="OnSuccess">The ARN of a queue, topic, function or event bus.</param>
/// <param name="OnFailure">Like <paramref name="OnSuccess"/>.</param>
internal sealed record EventInvokeConfig(
    int? MaximumRetryAttempts,
    int? MaximumEventAgeSeconds,
    string? OnSuccess,
    string? OnFailure,
    DateTimeOffset LastModified);
