using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Aws;

/// <summary>
/// Loads what the planners decide on: a few calls through the ports, put together into one record of facts. It decides nothing.
/// </summary>
public sealed class FleetReader(ImageCatalog catalog, IImageBuilder imageBuilder, IRegistry registry, AwsScope scope, IParameters? parameters = null)
{
    private BaseResolver Bases => new(imageBuilder, parameters, scope);

    private static readonly Digest NoDigest = Digest.Parse($"sha256:{new string('0', 64)}");

    /// <exception cref="ImageNotInCatalogException">There is no such image.</exception>
    public ImageSpec Image(string? name) => catalog.Find(name ?? "") ?? throw new ImageNotInCatalogException(
        $"The catalog has no image '{name}'. It has: {string.Join(", ", catalog.Images.Select(image => image.Name))}.");

    /// <summary>The Regions that an image is promoted to.</summary>
    public IReadOnlyList<string> RegionsOf(ImageSpec image) => image.Regions.Count == 0 ? [scope.Region] : image.Regions;

    /// <remarks>Without a pipeline there are no builds either: <see cref="BuildPlanner"/> says what is wrong.</remarks>
    public async Task<BuildFacts> BuildFactsAsync(ImageSpec image, ManualRequest? manual, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await FindPipelineAsync(image, cancellationToken) is not { } pipeline)
        {
            return new BuildFacts { Image = image, Pipeline = PipelineFacts.Missing(NameOfPipeline(image)), Now = now };
        }

        var records = await imageBuilder.ListBuildsAsync(pipeline.Arn, cancellationToken);
        var builds = PipelineBuilds.Of(image, records);
        var (found, unreadable) = await BaseAsync(image, pipeline.Parent, builds, now, cancellationToken);
        return new BuildFacts
        {
            Image = image,
            Pipeline = await WithDistributionAsync(image, pipeline, cancellationToken),
            Base = found,
            BaseUnreadable = unreadable,
            Watched = await WatchedAsync(image, builds, now, cancellationToken),
            Builds = builds,
            Records = records,
            Manual = manual,
            Cycle = await CycleThroughAsync(image, found?.Reference ?? pipeline.Parent.Reference, cancellationToken),
            Now = now,
        };
    }

    /// <summary>The same with <see cref="BuildFacts.Lane"/>: the facts of each image that is not built beside this one. Costs as much again for
    /// each of them, and nothing in a catalog that fits <c>maxConcurrentBuilds</c>.</summary>
    /// <param name="waitingSince">See <see cref="LaneFacts.WaitingSince"/>.</param>
    public async Task<BuildFacts> WithLaneAsync(BuildFacts facts, DateTimeOffset? waitingSince, CancellationToken cancellationToken)
    {
        var before = new List<BuildFacts>();
        var after = new List<BuildFacts>();
        var others = before;
        foreach (var image in catalog.Lanes.LaneOf(facts.Image))
        {
            if (image.Name == facts.Image.Name)
            {
                others = after;
                continue;
            }

            try
            {
                others.Add(await BuildFactsAsync(image, null, facts.Now, cancellationToken));
            }
            catch (PermanentException)
            {
                // Nobody knows whether it is built, so there is nothing to wait for; its own reconcile tells what is wrong.
            }
        }

        return before.Count + after.Count == 0 ? facts : facts with { Lane = new LaneFacts(before, after, waitingSince) };
    }

    // The catalog is checked at synth, but any recipe on the way up may name another base since. The image's own has just been read, those of
    // adopted pipelines belong to others; what the stack made is as the catalog says, or its own check finds the difference.
    private async Task<IReadOnlyList<string>> CycleThroughAsync(ImageSpec image, ImageReference? parent, CancellationToken cancellationToken)
    {
        var parents = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var seen = new HashSet<string>([image.Name], StringComparer.Ordinal);
        var next = new Queue<(ImageSpec Image, ImageReference? Base)>([(image, parent)]);
        while (next.TryDequeue(out var at))
        {
            var builders = at.Image.WatchedRepositories.Prepend(at.Base).OfType<ImageReference>()
                .Select(reference => catalog.BuilderOf(reference, scope.AccountId, scope.Region)).OfType<ImageSpec>().ToList();
            parents[at.Image.Name] = [.. builders.Select(builder => builder.Name)];
            foreach (var builder in builders.Where(builder => seen.Add(builder.Name)))
            {
                next.Enqueue((builder, await BaseOfAsync(builder, cancellationToken)));
            }
        }

        return new ImageLineage(parents).CycleThrough(image.Name);
    }

    /// <summary>What the image is built on: as its recipe says it now where the pipeline is adopted, else as the catalog does. Null: not known.</summary>
    public async Task<ImageReference?> BaseOfAsync(ImageSpec image, CancellationToken cancellationToken) =>
        (image.Pipeline is PipelineSpec.Adopted ? (await FindPipelineAsync(image, cancellationToken))?.Parent : image.Parent) is { } parent
            ? await ReferenceOfAsync(parent, cancellationToken)
            : image.From;

    private async Task<ImageReference?> ReferenceOfAsync(ParentImage parent, CancellationToken cancellationToken)
    {
        try
        {
            return (await Bases.ResolveAsync(parent, cancellationToken)).Reference;
        }
        catch (PermanentException)
        {
            // The image's own reconcile says why it cannot be told.
            return null;
        }
    }

    /// <exception cref="PermanentException">The image's pipeline is not there, or builds no container.</exception>
    public async Task<PipelineFacts> PipelineAsync(ImageSpec image, CancellationToken cancellationToken) =>
        await FindPipelineAsync(image, cancellationToken) ?? throw new PermanentException(
            $"Image '{image.Name}': there is no pipeline '{NameOfPipeline(image)}' with a container recipe in {scope.Region}.");

    /// <summary>The image's builds, one for each version (<see cref="PipelineBuilds.Of"/>), and the pipeline they ran on.</summary>
    /// <exception cref="PermanentException">The image's pipeline is not there, or builds no container.</exception>
    public async Task<(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Builds)> BuildsAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var (pipeline, records) = await RecordsAsync(image, cancellationToken);
        return (pipeline, PipelineBuilds.Of(image, records));
    }

    /// <summary>The image's pipeline with all its build records, for retention: what a name or a version sets apart is there all the same.</summary>
    /// <exception cref="PermanentException">The image's pipeline is not there, or builds no container: then nobody knows whose the images are.</exception>
    public async Task<(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Records)> RecordsAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var pipeline = await PipelineAsync(image, cancellationToken);
        return (pipeline, await imageBuilder.ListBuildsAsync(pipeline.Arn, cancellationToken));
    }

    /// <summary>One Region as a promotion finds it. The marks are read before the tags.</summary>
    public async Task<PromotionFacts> PromotionFactsAsync(
        ImageSpec image, Candidate candidate, string region, Hold? hold, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tags = image.AllTags
            .Select(template => template.Render(candidate.Version, candidate.BuiltAt, candidate.Digest))
            .Append(candidate.Version.Tag)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var repository = await registry.ReadRepositoryAsync(region, image.Repository, tags, cancellationToken);

        // Whatever the plan may put a tag on: the candidate, or whoever owns one of the tags with the hold or without it.
        var owners = new[] { hold, null }.SelectMany(each => FloatingTagOwners.Of(image, builds, each)).Where(owner => tags.Contains(owner.Key)).Select(owner => owner.Value.Digest);
        var images = repository.Exists ? await registry.ReadTagsAsync(region, image.Repository, [.. owners.Append(candidate.Digest).Distinct()], cancellationToken) : null;
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

    /// <summary>Where the image of a build is, in each Region that it is promoted to.</summary>
    public async Task<IReadOnlyList<BuildPlace>> PlacesAsync(ImageSpec image, BuildRecord build, CancellationToken cancellationToken)
    {
        var places = new List<BuildPlace>();
        foreach (var region in RegionsOf(image))
        {
            var tagged = await registry.FindAsync(region, image.Repository, build.Version.Tag, cancellationToken);
            var isThere = build.Digest is { } recorded
                && (tagged?.Digest == recorded || await registry.FindAsync(region, image.Repository, recorded.Value, cancellationToken) is not null);
            places.Add(new BuildPlace(region, tagged?.Digest, isThere));
        }

        return places;
    }

    /// <summary>Where the floating tags of an image stand in one Region, and which build each digest is.</summary>
    public async Task<(RepositoryFacts Repository, IReadOnlyDictionary<Digest, ImageVersion> Versions)> StandingAsync(
        ImageSpec image, string region, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        // Templates of floating tags have no hole that would differ from digest to digest.
        var tags = builds.Where(build => build.State.Succeeded())
            .SelectMany(build => image.Promote.FloatingTags.Select(template => template.Render(build.Version, build.CreatedAt, build.Digest ?? NoDigest)))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var repository = await registry.ReadRepositoryAsync(region, image.Repository, tags, cancellationToken);
        return (repository, await VersionsAsync(image, region, repository, builds, null, cancellationToken));
    }

    /// <summary>Everything that is asked about the images of a repository, for one run. A new source of usage is added here.</summary>
    public RetentionSources RetentionSources() =>
        new([new RecipeUsages(imageBuilder, scope, parameters)], new BuildOwnerReader(imageBuilder, scope));

    /// <summary>Pulls cached bases, for one run.</summary>
    public BaseRenewal Renewal() => new(catalog, registry, scope);

    /// <summary>What the question "which releases and rollbacks must run now" rests on. Where everything stands, it costs one call for each Region.</summary>
    /// <param name="running">Names of all executions that run now.</param>
    public async Task<ReleaseFacts> ReleaseFactsAsync(BuildFacts facts, IReadOnlySet<string> running, CancellationToken cancellationToken)
    {
        var (image, builds, hold) = (facts.Image, facts.Builds, facts.Pipeline.Hold);
        var regions = new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>>();
        var places = new Dictionary<ImageVersion, IReadOnlyList<BuildPlace>>();
        var newest = builds.Where(build => build.State == BuildState.Available).MaxBy(build => build.Version);
        if (newest?.Release?.State is ReleaseState.Missing or ReleaseState.Failed)
        {
            places[newest.Version] = await PlacesAsync(image, newest, cancellationToken);
            if (Inspector.Locate(image, newest, places[newest.Version]).Digest is { } digest)
            {
                await AddAsync(new Candidate(newest.Version, digest, newest.CreatedAt));
            }
        }

        var compared = TagDrift.Compared(builds, hold);
        if (compared.Count > 0)
        {
            var tags = new Dictionary<string, IReadOnlyDictionary<Digest, IReadOnlyList<string>>>(StringComparer.Ordinal);
            foreach (var region in RegionsOf(image))
            {
                tags[region] = await registry.ReadTagsAsync(region, image.Repository, [.. compared.Select(build => build.Digest!).Distinct()], cancellationToken);
            }

            foreach (var build in TagDrift.Find(image, builds, hold, tags))
            {
                await AddAsync(new Candidate(build.Version, build.Digest!, build.CreatedAt));
            }
        }

        return new ReleaseFacts(image, builds, hold, running, facts.Now) { Regions = regions, Places = places };

        async Task AddAsync(Candidate candidate)
        {
            var found = new List<PromotionFacts>();
            foreach (var region in RegionsOf(image))
            {
                found.Add(await PromotionFactsAsync(image, candidate, region, hold, builds, facts.Now, cancellationToken));
            }

            regions[candidate.Version] = found;
        }
    }

    /// <summary>Where an image is pruned: where it is promoted to, and last of all in our own Region, which has the build records even of
    /// images that are in other Regions only.</summary>
    public IReadOnlyList<string> PruneRegionsOf(ImageSpec image) => [.. RegionsOf(image).Except([scope.Region]), scope.Region];

    /// <summary>Null when the Region has no such repository: there is nothing to prune.</summary>
    public async Task<RetentionFacts?> RetentionFactsAsync(
        ImageSpec image, string region, PipelineFacts pipeline, IReadOnlyList<BuildRecord> builds, RetentionSources sources, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hasRepository = RegionsOf(image).Contains(region);
        if ((hasRepository ? await registry.ListImagesAsync(region, image.Repository, cancellationToken) : []) is not { } images)
        {
            return null;
        }

        var facts = new RetentionFacts
        {
            Image = image,
            Region = region,
            HasRepository = hasRepository,
            Images = images,
            Builds = builds,
            Hold = pipeline.Hold,
            OwnsRecords = region == scope.Region,
            Now = now,
        };
        var usages = new List<Usage>(PullUsages.Of(facts));
        foreach (var source in sources.Usages)
        {
            var answer = await source.AskAsync(facts, cancellationToken);
            if (answer.Unknown is { } why)
            {
                return facts with { UsageUnknown = why };
            }

            usages.AddRange(answer.Usages);
        }

        return facts with { Usages = usages, Owners = await sources.Owners.ReadAsync(facts, pipeline, cancellationToken) };
    }

    private Task<PipelineFacts?> FindPipelineAsync(ImageSpec image, CancellationToken cancellationToken) =>
        imageBuilder.FindPipelineAsync(NameOfPipeline(image), (image.Pipeline as PipelineSpec.Adopted)?.Recipe, cancellationToken);

    private static string NameOfPipeline(ImageSpec image) => (image.Pipeline as PipelineSpec.Adopted)?.NameOrArn ?? image.PipelineName;

    /// <returns>Null: a base whose changes are not seen; with the reason where it could not be read what it stands for.</returns>
    private async Task<(BaseFacts? Base, string? Unreadable)> BaseAsync(
        ImageSpec image, ParentImage parent, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (parent is ParentImage.RegistryImage named)
        {
            return (await BaseAsync(image, named.Image, builds, now, cancellationToken), null);
        }

        ResolvedBase resolved;
        try
        {
            resolved = await Bases.ResolveAsync(parent, cancellationToken);
        }
        catch (PermanentException e)
        {
            return (null, e.Message);
        }

        if (resolved.Missing is { } missing)
        {
            return (new BaseFacts(null, null, null) { Through = parent.Text, Missing = missing }, null);
        }

        if (resolved.StandsFor is { } text)
        {
            return (new BaseFacts(resolved.Reference, Digest.OfText(text), resolved.At) { Through = parent.Text, StandsFor = text }, null);
        }

        return resolved.Reference is { } reference && await BaseAsync(image, reference, builds, now, cancellationToken) is { } facts
            ? (facts with { Through = parent.Text }, null)
            : (null, null);
    }

    // A parent in somebody else's registry has no digest that could be compared.
    private async Task<BaseFacts?> BaseAsync(
        ImageSpec image, ImageReference parent, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (scope.RegionOf(parent) is not { } region)
        {
            return null;
        }

        var found = await registry.FindAsync(region, parent.Repository, parent.Digest?.Value ?? parent.EffectiveTag!, cancellationToken);
        var facts = new BaseFacts(parent, found?.Digest, found?.PushedAt)
        {
            // What the newest build was made from has been judged then.
            Owner = found is null || parent.Digest is not null || NewestWith(builds, build => build.BaseDigest) == found.Digest ? null
                : await OwnerAsync(image, parent, found.Tags, cancellationToken),
        };
        if (found is null || parent.Digest is not null || found.PushedAt.AddMinutes(image.Build.QuietMinutes) <= now)
        {
            return facts;
        }

        // Still in its quiet time: since when it has been changing bounds the wait.
        var tag = TagPattern.Parse(parent.EffectiveTag!);
        var pushes = await registry.ListPushesAsync(region, parent.Repository, cancellationToken);
        return facts.WithPushes(pushes.Where(push => push.MayHaveHad(tag)).Select(push => push.PushedAt), builds, TimeSpan.FromMinutes(image.Build.QuietMinutes));
    }

    private static Digest? NewestWith(IReadOnlyList<BuildRecord> builds, Func<BuildRecord, Digest?> digest) =>
        builds.Where(build => digest(build) is not null && (build.State.IsRunning() || build.State.Succeeded())).MaxBy(build => build.CreatedAt) is { } newest ? digest(newest) : null;

    /// <summary>The image of the catalog whose floating tag the reference is, with its builds; null: it is none.</summary>
    /// <param name="tags">All tags of what is under it now.</param>
    private async Task<TagOwner?> OwnerAsync(ImageSpec image, ImageReference reference, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        if (catalog.BuilderOf(reference, scope.AccountId, scope.Region) is not { } owner || owner.Name == image.Name
            || !owner.Promote.FloatingTags.Any(template => template.Matches(reference.EffectiveTag!)))
        {
            return null;
        }

        try
        {
            var name = NameOfPipeline(owner);
            var records = await imageBuilder.ListBuildsAsync(name.StartsWith("arn:", StringComparison.Ordinal) ? name : scope.PipelineArn(name), cancellationToken);
            return new TagOwner(owner, PipelineBuilds.Of(owner, records), VersionOf(tags));
        }
        catch (PermanentException e)
        {
            return new TagOwner(owner, [], Unreadable: e.Message);
        }
    }

    // Of a pipeline that the stack made the catalog's own check says which tags it puts.
    private async Task<PipelineFacts> WithDistributionAsync(ImageSpec image, PipelineFacts pipeline, CancellationToken cancellationToken)
    {
        if (image.Pipeline is not PipelineSpec.Adopted || image.Promote.FloatingTags.Count == 0 || pipeline.DistributionArn is not { } distribution)
        {
            return pipeline;
        }

        try
        {
            return pipeline with { ContainerTags = await imageBuilder.ListContainerTagsAsync(distribution, image.Repository, cancellationToken) };
        }
        catch (PermanentException e)
        {
            return pipeline with { DistributionUnreadable = e.Message };
        }
    }

    private async Task<IReadOnlyList<WatchedFacts>> WatchedAsync(
        ImageSpec image, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var quiet = TimeSpan.FromMinutes(image.Build.QuietMinutes);
        var watched = new List<WatchedFacts>();
        var listed = new Dictionary<string, IReadOnlyList<TaggedImage>>(StringComparer.Ordinal);
        foreach (var tags in image.Build.Watch)
        {
            try
            {
                var images = await ImagesAsync(tags);
                var facts = WatchedFacts.Of(tags, images, builds, quiet);
                watched.Add(facts.Newest is { } newest && tags.Tags.IsExact && NewestWith(builds, build => build.Watched.GetValueOrDefault(tags.Id)) != newest.Digest
                    ? facts with { Owner = await OwnerAsync(image, ImageReference.Local(tags.Repository, newest.Tag), images.First(found => found.Digest == newest.Digest).Tags, cancellationToken) }
                    : facts);
            }
            catch (PermanentException e)
            {
                watched.Add(new WatchedFacts(tags, null, Unreadable: e.Message));
            }
        }

        return watched;

        // One tag that has come to rest is asked for by itself: its repository may be large.
        async Task<IReadOnlyList<TaggedImage>> ImagesAsync(WatchedTags tags)
        {
            if (tags.Tags.IsExact && !listed.ContainsKey(tags.Repository)
                && await registry.FindAsync(scope.Region, tags.Repository, tags.Tags.Text, cancellationToken) is var found && !(found?.PushedAt + quiet > now))
            {
                return found is null ? [] : [found];
            }

            return listed.TryGetValue(tags.Repository, out var known) ? known
                : listed[tags.Repository] = await registry.ListPushesAsync(scope.Region, tags.Repository, cancellationToken);
        }
    }

    // What stands on a tag now may have been promoted long ago: its version is what its own version tag says, or its record.
    private async Task<Dictionary<Digest, ImageVersion>> VersionsAsync(
        ImageSpec image, string region, RepositoryFacts repository, IReadOnlyList<BuildRecord> builds, Candidate? candidate, CancellationToken cancellationToken)
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
            if (VersionOf(found?.Tags ?? []) is { } version)
            {
                versions[digest] = version;
            }
        }

        return versions;
    }

    // Image Builder tags each build <version>-<build>; of several, the newest counts.
    private static ImageVersion? VersionOf(IReadOnlyList<string> tags) =>
        tags.Select(tag => tag.Contains('-', StringComparison.Ordinal) && ImageVersion.TryParse(tag, out var version) ? version : null).Max();
}

/// <summary>What retention asks besides the repository and the records. Serves one run: nothing is read twice.</summary>
public sealed record RetentionSources(IReadOnlyList<IUsageSource> Usages, BuildOwnerReader Owners);
