namespace Automation.LocalCloud.Lambda;

/// <summary>One invocation handed to a host.</summary>
public sealed record FunctionInvocation(FunctionConfiguration Function, string RequestId, string TraceId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The function's own access key id: who signs with it is this function.</summary>
    public string AccessKeyId { get; init; } = "ASIAUNKNOWNFUNCTION0";

    /// <summary>Takes each line that the function writes, on any thread; a host calls it for lines that come after the outcome, too.</summary>
    public Action<string> Log { get; init; } = _ => { };
}
