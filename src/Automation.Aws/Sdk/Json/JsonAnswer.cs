using System.Text.Json;
using Amazon.Runtime;

namespace Automation.Aws.Sdk.Json;

/// <summary>The answer to a <see cref="JsonCall"/>, valid until it is disposed.</summary>
public sealed class JsonAnswer : AmazonWebServiceResponse, IDisposable
{
    private readonly JsonDocument? _document;

    /// <summary>Needed by the SDK's pipeline; an answer without content.</summary>
    public JsonAnswer()
    {
    }

    internal JsonAnswer(JsonDocument document) => _document = document;

    public JsonElement Root => _document?.RootElement ?? default;

    public void Dispose() => _document?.Dispose();
}
