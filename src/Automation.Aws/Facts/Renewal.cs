using Automation.Core;
using Automation.Core.Images;

namespace Automation.Aws.Facts;

/// <param name="Before">The digest in the cache before the pull.</param>
public sealed record Renewal(ImageReference Image, Reason Why, Digest? Before, PulledImage Pulled)
{
    public bool IsNew => Pulled.Digest is { } digest && digest != Before;

    /// <summary>Why the base was pulled, and the result.</summary>
    public IReadOnlyList<Reason> Reasons =>
    [
        Why,
        Pulled.Failure is { } failure ? new Reason(ReasonCode.PullFailed, $"it could not be pulled: {failure}")
            : IsNew ? new Reason(ReasonCode.CacheRenewed, $"it is now {Pulled.Digest!.Short12}")
            : new Reason(ReasonCode.CacheUnchanged, "there is no newer image"),
    ];
}
