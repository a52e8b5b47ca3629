namespace Automation.LocalCloud.Lambda;

/// <summary>A deployed function.</summary>
/// <param name="CodeFolder">Folder with the unpacked code, or null for a function without an asset.</param>
public sealed record FunctionConfiguration(
    string Name,
    string Arn,
    string Region,
    string? CodeFolder,
    string Handler,
    string Runtime,
    IReadOnlyList<string> Architectures,
    IReadOnlyDictionary<string, string> Environment,
    TimeSpan Timeout,
    int MemoryMegabytes,
    string? Role,
    string? DeadLetterArn);

/// <summary>One invocation handed to a host.</summary>
public sealed record FunctionInvocation(FunctionConfiguration Function, string RequestId, string TraceId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The function's own access key id: who signs with it is this function.</summary>
    public string AccessKeyId { get; init; } = "ASIAUNKNOWNFUNCTION0";

    /// <summary>Takes each line that the function writes, on any thread; a host calls it for lines that come after the outcome, too.</summary>
    public Action<string> Log { get; init; } = _ => { };
}

/// <summary>
/// How an invocation ended. For a function error <paramref name="Payload"/> is the runtime's error document
/// (<c>{"errorType":"…","errorMessage":"…","stackTrace":[…]}</c>).
/// </summary>
/// <param name="Failed">True for handled and unhandled function errors, time-outs and crashes (<c>Sandbox.Timedout</c>, <c>Runtime.ExitError</c>).</param>
public sealed record FunctionOutcome(bool Failed, ReadOnlyMemory<byte> Payload);

/// <summary>
/// Runs functions: as child processes over the Lambda Runtime API, or as methods in the same process.
/// Called under the cloud's gate: it must return at once and never throw; the task carries the outcome.
/// </summary>
public interface IFunctionHost
{
    Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation);
}
