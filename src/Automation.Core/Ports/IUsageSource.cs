using Automation.Core.Retention;

namespace Automation.Core.Ports;

/// <summary>Somewhere that images may be in use: the one port through which retention asks. A source serves one run: what it has read
/// for one Region it does not read again for the next.</summary>
public interface IUsageSource
{
    /// <summary>Which of the images in one Region's repository are in use?</summary>
    /// <param name="facts">What is known so far: the repository, the builds, the time.</param>
    /// <exception cref="TransientException">It cannot be asked now; the run is to be tried again.</exception>
    Task<UsageAnswer> AskAsync(RetentionFacts facts, CancellationToken cancellationToken);
}
