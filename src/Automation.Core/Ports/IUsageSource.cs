using Automation.Core.Retention;

namespace Automation.Core.Ports;

/// <summary>A source of facts about images in use, which retention asks. An instance serves one run: it does not read the same facts again
/// for the next Region.</summary>
public interface IUsageSource
{
    /// <summary>Finds the images in use in one Region's repository.</summary>
    /// <param name="facts">The facts so far: the repository, the builds, the time.</param>
    /// <exception cref="TransientException">The source is unavailable; the caller retries the run.</exception>
    Task<UsageAnswer> AskAsync(RetentionFacts facts, CancellationToken cancellationToken);
}
