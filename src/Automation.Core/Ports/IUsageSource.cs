using Automation.Core.Images;
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

/// <summary>What a source knows of the images in use.</summary>
/// <param name="Unknown">Why it cannot tell: then nothing is deleted, and this is the reason. Null when it knows.</param>
public sealed record UsageAnswer(IReadOnlyList<Usage> Usages, string? Unknown = null)
{
    public static UsageAnswer DoesNotKnow(string why) => new([], why);
}

/// <summary>One image that is in use, by its digest, or by the build that it came out of.</summary>
/// <param name="Image">Null where <paramref name="BuildArn"/> says it: the build is in use, and its image with it wherever it is.</param>
/// <param name="Code">Of the reason to keep it.</param>
/// <param name="Why">Of the reason: completes "the image …".</param>
public sealed record Usage(Digest? Image, string Code, string Why, string? BuildArn = null);
