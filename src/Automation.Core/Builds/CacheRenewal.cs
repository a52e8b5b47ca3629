using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>A rule under which a registry fetches images from another one when they are pulled.</summary>
/// <param name="Prefix">Repositories below it are cached; <see cref="Root"/>: all that no other rule covers.</param>
/// <param name="Upstream">Host of the registry that they come from.</param>
/// <remarks>https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html</remarks>
public sealed record PullThroughRule(string Prefix, string Upstream)
{
    public const string Root = "ROOT";

    /// <summary>The rule that a repository is filled under: that of the longest prefix. Null: people or builds push to it.</summary>
    public static PullThroughRule? Of(string repository, IEnumerable<PullThroughRule> rules) => rules
        .Where(rule => rule.Prefix == Root || repository.StartsWith(rule.Prefix.TrimEnd('/') + "/", StringComparison.Ordinal))
        .OrderByDescending(rule => rule.Prefix == Root ? 0 : rule.Prefix.Length)
        .FirstOrDefault();
}

/// <summary>Decides whether a cached base must be pulled. ECR asks upstream only when somebody pulls, and only if 24 hours have passed since it
/// last did: a base that nobody pulls between two builds stays as it is.</summary>
/// <remarks>https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html</remarks>
public static class CacheRenewal
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(24);

    /// <param name="base">With a tag: under a digest there is never anything else.</param>
    /// <param name="cached">What is in the cache under the tag; null: nothing yet.</param>
    /// <returns>Why it is to be pulled now; null: nothing is to be done.</returns>
    public static Reason? Due(ImageReference @base, TaggedImage? cached, PullThroughRule rule, DateTimeOffset now)
    {
        if (@base.Digest is not null)
        {
            return null;
        }

        if (cached is null)
        {
            return new Reason(ReasonCode.CacheEmpty, $"{@base} is not in the cache yet: it is fetched from {rule.Upstream}");
        }

        // The newest image came when ECR looked upstream, or ECR looked at a pull after that, unless it had looked within the day before.
        var looked = cached.LastPulledAt > cached.PushedAt ? cached.LastPulledAt.Value : cached.PushedAt;
        return now - looked < Interval ? null
            : new Reason(ReasonCode.CacheOld, $"{@base} is cached from {rule.Upstream} and nobody has pulled it since {HumanText.At(looked)}: it is pulled, so that ECR looks for a newer one");
    }
}
