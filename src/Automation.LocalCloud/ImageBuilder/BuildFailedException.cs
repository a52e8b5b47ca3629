namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A build that ends as FAILED; the message becomes <c>state.reason</c>.</summary>
public sealed class BuildFailedException(BuildFailureKind kind, string reason, Exception? inner = null) : Exception(reason, inner)
{
    public BuildFailureKind Kind { get; } = kind;

    internal DistributionFailure? Distribution { get; init; }
}
