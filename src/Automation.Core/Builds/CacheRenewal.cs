using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Decides whether a cached base must be pulled. ECR checks the upstream registry only on a pull, and only if its last check was
/// at least 24 hours ago. So a base that nobody pulls between two builds stays out of date.</summary>
/// <remarks>https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html</remarks>
public static class CacheRenewal
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(24);

    /// <param name="base">The base. The image of a digest never changes, so only a tag needs renewal.</param>
    /// <param name="cached">The cached image of the tag; null if there is none yet.</param>
    /// <returns>Why the base must be pulled now; null if no pull is needed.</returns>
    public static Reason? Due(ImageReference @base, TaggedImage? cached, PullThroughRule rule, DateTimeOffset now)
    {
        if (@base.Digest is not null)
        {
            return null;
        }

        if (cached is null)
        {
            return new Reason(ReasonCode.CacheEmpty, $"{@base} is not in the cache yet; a pull fetches it from {rule.Upstream}");
        }

        // ECR checked the upstream registry when it stored the image. It may have checked again at the last pull.
        var checkedAt = cached.LastPulledAt > cached.PushedAt ? cached.LastPulledAt.Value : cached.PushedAt;
        return now - checkedAt < Interval ? null
            : new Reason(ReasonCode.CacheOld,
                $"{@base} is cached from {rule.Upstream} and was last pulled at {HumanText.At(checkedAt)}; a pull makes ECR check for a newer image");
    }
}
