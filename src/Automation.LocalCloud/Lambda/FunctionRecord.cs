using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Lambda;

/// <summary>Everything that is kept of one function.</summary>
/// <param name="ZipDigest">Digest of the blob with the code when it was uploaded as a zip; unpacked on first use.</param>
/// <param name="Policy">Statements of the resource policy, by statement id.</param>
/// <param name="Versions">Number of versions published.</param>
/// <param name="Aliases">Version by alias name.</param>
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
    IReadOnlyDictionary<string, string> Aliases);

/// <summary>Code that was taken in.</summary>
/// <param name="ZipDigest">Digest of the blob with the zip.</param>
/// <param name="Size">Of the zip, in bytes.</param>
/// <param name="Sha256">Of the zip, in Base64.</param>
internal sealed record FunctionCode(string ZipDigest, long Size, string Sha256);

/// <summary>How asynchronous invocations of a function are retried and where their ends are reported.</summary>
/// <param name="MaximumRetryAttempts">0 to 2; null is 2.</param>
/// <param name="MaximumEventAgeSeconds">60 to 21600; null is 21600.</param>
/// <param name="OnSuccess">ARN of a queue, topic, function or event bus.</param>
/// <param name="OnFailure">As <paramref name="OnSuccess"/>.</param>
internal sealed record EventInvokeConfig(
    int? MaximumRetryAttempts,
    int? MaximumEventAgeSeconds,
    string? OnSuccess,
    string? OnFailure,
    DateTimeOffset LastModified);
