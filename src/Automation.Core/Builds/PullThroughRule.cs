namespace Automation.Core.Builds;

/// <summary>A pull-through cache rule: a pull from the registry fetches the image from another registry.</summary>
/// <param name="Prefix">The rule applies to repositories below it. <see cref="Root"/> applies to all that no other rule covers.</param>
/// <param name="Upstream">The host of the registry that images come from.</param>
/// <remarks>https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html</remarks>
public sealed record PullThroughRule(string Prefix, string Upstream)
{
    public const string Root = "ROOT";

    /// <summary>The rule with the longest matching prefix; null if no rule applies and people or builds push to the repository.</summary>
    public static PullThroughRule? Of(string repository, IEnumerable<PullThroughRule> rules) => rules
        .Where(rule => rule.Prefix == Root || repository.StartsWith(rule.Prefix.TrimEnd('/') + "/", StringComparison.Ordinal))
        .OrderByDescending(rule => rule.Prefix == Root ? 0 : rule.Prefix.Length)
        .FirstOrDefault();
}
