namespace Automation.LocalCloud.Ports;

/// <summary>
/// The outcome of an invocation. For a function error <paramref name="Payload"/> is the runtime's error document
/// (<c>{"errorType":"…","errorMessage":"…","stackTrace":[…]}</c>).
/// </summary>
/// <param name="Failed">True for handled and unhandled function errors, timeouts and crashes (<c>Sandbox.Timedout</c>, <c>Runtime.ExitError</c>).</param>
public sealed record FunctionOutcome(bool Failed, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The lines that the function wrote during the invocation.</summary>
    public string Log { get; init; } = "";

    /// <summary>The last four kilobytes of the log in base64, which Lambda returns for the log type Tail.</summary>
    internal string Tail(string requestId, string version)
    {
        var lines = System.Text.Encoding.UTF8.GetBytes($"START RequestId: {requestId} Version: {version}\n{Log}END RequestId: {requestId}\n");
        return Convert.ToBase64String(lines.AsSpan(Math.Max(0, lines.Length - 4096)));
    }
}
