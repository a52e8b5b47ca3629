namespace Amazon.Lambda.RuntimeSupport;

/// <summary>One request to the Runtime API.</summary>
/// <param name="Path">Below the version, such as <c>/runtime/invocation/next</c>.</param>
internal sealed record RuntimeApiCall(string Method, string Path)
{
    public string ContentType { get; init; }

    /// <summary>Sent from its position and not disposed; null for a request without a body.</summary>
    public Stream Body { get; init; }

    /// <summary>Further headers. Their values are sent as UTF-8.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}

/// <summary>The answer to a <see cref="RuntimeApiCall"/>.</summary>
/// <param name="Headers">By name in any case; of several values the first.</param>
internal sealed record RuntimeApiAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>How requests reach the Runtime API.</summary>
internal interface IRuntimeApiTransport : IDisposable
{
    /// <summary>Whether a call blocks its thread until the answer arrives. The loop then stays on the thread that runs it.</summary>
    bool IsBlocking { get; }

    /// <param name="endpoint">Host and port, and maybe a path: <c>127.0.0.1:9001</c>.</param>
    ValueTask<RuntimeApiAnswer> SendAsync(string endpoint, RuntimeApiCall call, CancellationToken cancellationToken);
}
