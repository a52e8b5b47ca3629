using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>Pulls bases and watched images that come through a pull-through cache, at most once a day each. An instance serves one reconcile and
/// reads each Region's rules once.</summary>
public sealed class BaseRenewal(ImageCatalog catalog, IRegistry registry, AwsScope scope)
{
    private readonly Dictionary<string, IReadOnlyList<PullThroughRule>> _rules = new(StringComparer.Ordinal);
    private readonly HashSet<(string Region, string Image)> _done = [];

    /// <returns>The pulls and their results; empty if nothing was due.</returns>
    public async Task<IReadOnlyList<Renewal>> RenewAsync(BuildFacts facts, CancellationToken cancellationToken)
    {
        var renewals = new List<Renewal>();
        foreach (var image in CachedBy(facts))
        {
            if (scope.RegionOf(image) is not { } region || !_done.Add((region, image.ToString())))
            {
                continue;
            }

            try
            {
                if (await RenewAsync(region, image, facts.Now, cancellationToken) is { } renewal)
                {
                    renewals.Add(renewal);
                }
            }
            catch (PermanentException e)
            {
                // Builds can use the cached image anyway.
                renewals.Add(new Renewal(
                    image, new Reason(ReasonCode.CacheUnreadable, $"it is unknown whether {image} comes through a pull-through cache"), null,
                    new PulledImage(null, e.Message)));
            }
        }

        return renewals;
    }

    private async Task<Renewal?> RenewAsync(string region, ImageReference image, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (PullThroughRule.Of(image.Repository, await RulesAsync(region, cancellationToken)) is not { } rule)
        {
            return null;
        }

        var cached = await registry.FindAsync(region, image.Repository, image.EffectiveTag!, cancellationToken);
        return CacheRenewal.Due(image, cached, rule, now) is not { } reason ? null
            : new Renewal(image, reason, cached?.Digest, await registry.PullAsync(region, image.Repository, image.EffectiveTag!, cancellationToken));
    }

    // People and builds push to the stack's own repositories and to those that receive builds.
    private IEnumerable<ImageReference> CachedBy(BuildFacts facts) => facts.Image.Build.Watch
        .Where(watched => watched.Tags.IsExact)
        .Select(watched => ImageReference.Local(watched.Repository, watched.Tags.Text))
        .Prepend(facts.Base?.Reference)
        .OfType<ImageReference>()
        .Where(image => image.Digest is null && MayBeCached(image));

    private bool MayBeCached(ImageReference image) =>
        catalog.BuilderOf(image, scope.AccountId, scope.Region) is null
        && !(scope.RegionOf(image) == scope.Region && catalog.Repositories.Any(repository => !repository.Existing && repository.Name == image.Repository));

    private async Task<IReadOnlyList<PullThroughRule>> RulesAsync(string region, CancellationToken cancellationToken) =>
        _rules.TryGetValue(region, out var rules) ? rules : _rules[region] = await registry.ListCacheRulesAsync(region, cancellationToken);
}
