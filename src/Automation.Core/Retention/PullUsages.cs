using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>The images that were pulled within <c>keepPulledDays</c>, as recorded by ECR.</summary>
/// <remarks>
/// ECR records every read of a manifest as a pull, including Automation's own, and only the last one
/// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html). Retention reads indexes, so an index counts
/// as pulled if one of its children was: a client that runs it pulls a child. A promotion reads the image, so a pull within a minute of it does
/// not count. After that the promotion itself keeps the image for <c>keepDays</c>.
/// </remarks>
public static class PullUsages
{
    private static readonly TimeSpan Promotion = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<Usage> Of(RetentionFacts facts)
    {
        var days = facts.Image.Retain.KeepPulledDays;
        if (days == 0)
        {
            return [];
        }

        var here = new Lazy<HashSet<Digest>>(() => [.. facts.Images.Select(image => image.Digest)]);
        var promotions = facts.Builds.Where(build => build is { Digest: not null, PromotedAt: not null })
            .ToLookup(build => build.Digest!, build => build.PromotedAt!.Value);
        var limit = facts.Now.AddDays(-days);
        return [.. facts.Images
            .Where(image => image.LastPulledAt >= limit
                && !(image.Children ?? []).Any(child => here.Value.Contains(child))
                && !promotions[image.Digest].Any(promoted => (image.LastPulledAt.Value - promoted).Duration() <= Promotion))
            .Select(image => new Usage(image.Digest, ReasonCode.Pulled, string.Create(
                CultureInfo.InvariantCulture, $"was pulled at {BuildTags.Format(image.LastPulledAt!.Value)}, within {HumanText.Of(days, "day")}")))];
    }
}
