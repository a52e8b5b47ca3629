using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Everything needed to start a build. The same facts give the same request.</summary>
public sealed record BuildRequest
{
    public required string Image { get; init; }

    public required string PipelineArn { get; init; }

    public required BuildCause Cause { get; init; }

    /// <summary>The base digest, recorded on every build whatever its cause.</summary>
    public Digest? BaseDigest { get; init; }

    /// <summary>The newest schedule slot that this build covers.</summary>
    public DateTimeOffset? Slot { get; init; }

    /// <summary>Counts from 1: one higher than the highest attempt recorded for the cause.</summary>
    public required int Attempt { get; init; }

    /// <summary>A UUID (36 characters) derived from the pipeline and the last started build. If several executions decide on the same builds, only one
    /// starts the next build, whatever its cause. If the newest record was deleted, its token is used up: see <see cref="BuildRequests.TokenAfter"/>.</summary>
    public required string ClientToken { get; init; }

    /// <summary>The execution's name, <c>build-app_3f2a…_1</c>; at most 80 characters.</summary>
    public required string ExecutionName { get; init; }

    /// <summary>Tags for StartImagePipelineExecution, which puts them on the image build.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}
