using Amazon.Runtime.Internal;

namespace Automation.Aws.Sdk;

/// <summary>Leaves the SDK's own tracing out of the calls of this process. Nothing here reads it, and for every refused call it formats a stack
/// trace: at the first one a native executable then sorts the names of its 60,000 methods, which takes longer than the call.</summary>
public sealed class SdkPipeline : IRuntimePipelineCustomizer
{
    private SdkPipeline()
    {
    }

    public string UniqueName => "Automation";

    /// <summary>Applies to all clients that are created later.</summary>
    public static void Simplify() => RuntimePipelineCustomizerRegistry.Instance.Register(new SdkPipeline());

    public void Customize(Type type, RuntimePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        pipeline.RemoveHandler<MetricsHandler>();
    }
}
