using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;

namespace Automation.Aws.Facts;

/// <summary>Reads what <see cref="ReleasePlanner"/> and <see cref="PromotionPlanner"/> decide on.</summary>
public sealed class ReleaseFactsReader(IRegistry registry, AwsScope scope)
{
    private static readonly Digest NoDigest = Digest.Parse($"sha256:{new string('0', 64)}");

    /// <summary>The facts that decide which releases and rollbacks must run now. When all tags are right, it costs one call for each Region.</summary>
    /// <param name="running">The names of all executions that run now.</param>
    public async Task<ReleaseFacts> ReadAsync(BuildFacts facts, IReadOnlySet<string> running, CancellationToken cancellationToken)
    {
        var (image, builds, hold) = (facts.Image, facts.Builds, facts.Pipeline.Hold);
        var regions = new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>>();
        var places = new Dictionary<ImageVersion, IReadOnlyList<BuildPlace>>();
        var unread = new Dictionary<string, string>(StringComparer.Ordinal);
        var newest = builds.Where(build => build.State == BuildState.Available).MaxBy(build => build.Version);
        if (newest?.Release?.State is ReleaseState.Missing or ReleaseState.Failed)
        {
            var found = await EachRegionAsync(region => PlaceAsync(image, newest, region, cancellationToken));
            if (unread.Count == 0)
            {
                places[newest.Version] = [.. found.Values];
                if (Inspector.Locate(image, newest, places[newest.Version]).Digest is { } digest)
                {
                    await AddAsync(new Candidate(newest.Version, digest, newest.CreatedAt));
                }
            }
        }

        var compared = TagDrift.Compared(image, builds, hold);
        if (compared.Count > 0)
        {
            var digests = compared.Select(build => build.Digest!).Distinct().ToList();
            var tags = await EachRegionAsync(region => registry.ReadTagsAsync(region, image.Repository, digests, cancellationToken));
            foreach (var build in TagDrift.Find(image, builds, hold, tags))
            {
                await AddAsync(new Candidate(build.Version, build.Digest!, build.CreatedAt));
            }
        }

        else if (newest is not null && places.Count == 0)
        {
            // Nothing is promoted yet, so read only whether every Region answers.
            await EachRegionAsync(region => PlaceAsync(image, newest, region, cancellationToken));
        }

        return new ReleaseFacts(image, builds, hold, running, facts.Now) { Regions = regions, Places = places, UnreadRegions = unread };

        async Task AddAsync(Candidate candidate)
        {
            var found = await EachRegionAsync(region => PromotionFactsAsync(image, candidate, region, hold, builds, facts.Now, cancellationToken));
            regions[candidate.Version] = [.. found.Values];
        }

        // A Region that does not answer does not hide the others.
        async Task<Dictionary<string, T>> EachRegionAsync<T>(Func<string, Task<T>> read)
        {
            var found = new Dictionary<string, T>(StringComparer.Ordinal);
            foreach (var region in scope.RegionsOf(image).Where(region => !unread.ContainsKey(region)))
            {
                try
                {
                    found[region] = await read(region);
                }
                catch (TransientException e)
                {
                    unread[region] = e.Message;
                }
            }

            return found;
        }
    }

    /// <summary>The facts of one Region for a promotion. Read the marks first.</summary>
    public async Task<PromotionFacts> PromotionFactsAsync(
        ImageSpec image, Candidate candidate, string region, Hold? hold, IReadOnlyList<BuildRecord> builds, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var tags = image.AllTags
            .Select(template => template.Render(candidate.Version, candidate.BuiltAt, candidate.Digest))
            .Append(candidate.Version.Tag)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var repository = await registry.ReadRepositoryAsync(region, image.Repository, tags, cancellationToken);

        // Every image that the plan may tag: the candidate, and each owner of one of the tags, with and without the hold.
        Hold?[] holds = hold is null ? [null] : [hold, null];
        var owners = holds.SelectMany(each => FloatingTagOwners.Of(image, builds, each)).Where(owner => tags.Contains(owner.Key))
            .Select(owner => owner.Value.Digest);
        var images = repository.Exists
            ? await registry.ReadTagsAsync(region, image.Repository, [.. owners.Append(candidate.Digest).Distinct()], cancellationToken)
            : null;
        return new PromotionFacts
        {
            Image = image,
            Candidate = candidate,
            Region = region,
            Repository = repository,
            Versions = await VersionsAsync(image, region, repository, builds, candidate, cancellationToken),
            Builds = builds,
            Hold = hold,
            PresentImages = images?.Keys.ToHashSet(),
            Now = now,
        };
    }

    /// <summary>The digest that a build has in each Region that it is promoted to.</summary>
    /// <param name="mayBeUnread">Leave out a Region that does not answer.</param>
    public async Task<IReadOnlyList<BuildPlace>> PlacesAsync(ImageSpec image, BuildRecord build, bool mayBeUnread, CancellationToken cancellationToken)
    {
        var places = new List<BuildPlace>();
        foreach (var region in scope.RegionsOf(image))
        {
            try
            {
                places.Add(await PlaceAsync(image, build, region, cancellationToken));
            }
            catch (TransientException) when (mayBeUnread)
            {
                continue;
            }
        }

        return places;
    }

    /// <summary>The digests of the floating tags of an image in one Region, and the build of each digest.</summary>
    public async Task<(RepositoryFacts Repository, IReadOnlyDictionary<Digest, ImageVersion> Versions)> FloatingTagsAsync(
        ImageSpec image, string region, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        // No placeholder of a floating tag depends on the digest.
        var tags = builds.Where(build => build.State.Succeeded())
            .SelectMany(build => image.Promote.FloatingTags.Select(template => template.Render(build.Version, build.CreatedAt, build.Digest ?? NoDigest)))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var repository = await registry.ReadRepositoryAsync(region, image.Repository, tags, cancellationToken);
        return (repository, await VersionsAsync(image, region, repository, builds, null, cancellationToken));
    }

    private async Task<BuildPlace> PlaceAsync(ImageSpec image, BuildRecord build, string region, CancellationToken cancellationToken)
    {
        var tagged = await registry.FindAsync(region, image.Repository, build.Version.Tag, cancellationToken);
        var isThere = build.Digest is { } recorded
            && (tagged?.Digest == recorded || await registry.FindAsync(region, image.Repository, recorded.Value, cancellationToken) is not null);
        return new BuildPlace(region, tagged?.Digest, isThere);
    }

    // A tag may name an image that was promoted long ago. Its record or its own version tag gives the version.
    private async Task<Dictionary<Digest, ImageVersion>> VersionsAsync(
        ImageSpec image, string region, RepositoryFacts repository, IReadOnlyList<BuildRecord> builds, Candidate? candidate,
        CancellationToken cancellationToken)
    {
        var versions = new Dictionary<Digest, ImageVersion>();
        if (candidate is not null)
        {
            versions[candidate.Digest] = candidate.Version;
        }

        foreach (var build in builds.Where(build => build.Digest is not null))
        {
            versions[build.Digest!] = build.Version;
        }

        foreach (var digest in repository.Tags.Values.Distinct().Where(digest => !versions.ContainsKey(digest)))
        {
            var found = await registry.FindAsync(region, image.Repository, digest.Value, cancellationToken);
            if (ImageVersion.OfBuildTags(found?.Tags ?? []) is { } version)
            {
                versions[digest] = version;
            }
        }

        return versions;
    }
}
