namespace Automation.LocalCloud.Lambda;

/// <summary>One invocation for a host.</summary>
public sealed record FunctionInvocation(FunctionConfiguration Function, string RequestId, string TraceId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The function's own access key id, which identifies the function in its calls.</summary>
    public string AccessKeyId { get; init; } = "ASIAUNKNOWNFUNCTION0";

    /// <summary>Receives each line of the function's output, on any thread. A host also calls it for lines after the outcome.</summary>
    public Action<string> Log { get; init; } = _ => { };
}
