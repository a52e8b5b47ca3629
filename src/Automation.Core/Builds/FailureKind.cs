namespace Automation.Core.Builds;

/// <summary>Whether a retry of a failed build can help, from <c>failureContext</c> if the API gives it.</summary>
public enum FailureKind
{
    /// <summary>Not known: retried like a transient failure, up to the same limit.</summary>
    Unknown,

    /// <summary>Capacity, time-outs, network, or an unreachable agent.</summary>
    Transient,

    /// <summary>The Dockerfile, a component or a test failed. The same input would fail again.</summary>
    Permanent,
}
