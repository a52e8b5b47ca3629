using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;

namespace Automation.Aws.Facts;

/// <summary>Reads what an image is built from: its base image and the images that it watches.</summary>
public sealed class BaseReader(
    ImageCatalog catalog, IImageBuilder imageBuilder, IRegistry registry, IParameters? parameters, PipelineReader pipelines, AwsScope scope)
{
    private readonly BaseResolver _resolver = new(imageBuilder, parameters, scope);

    /// <summary>The base image: what the recipe of an adopted pipeline names now, or what the catalog names. Null when it is not known.</summary>
    public async Task<ImageReference?> BaseOfAsync(ImageSpec image, CancellationToken cancellationToken) =>
        (image.Pipeline is PipelineSpec.Adopted ? (await pipelines.FindAsync(image, cancellationToken))?.Parent : image.Parent) is { } parent
            ? await ReferenceOfAsync(parent, cancellationToken)
            : image.From;

    /// <returns>No base when its changes cannot be seen, with the reason when the base could not be resolved.</returns>
    internal async Task<(BaseFacts? Base, string? Unreadable)> ReadAsync(
        ImageSpec image, ParentImage parent, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (parent is ParentImage.RegistryImage named)
        {
            return (await BaseAsync(image, named.Image, builds, now, cancellationToken), null);
        }

        ResolvedBase resolved;
        try
        {
            resolved = await _resolver.ResolveAsync(parent, cancellationToken);
        }
        catch (PermanentException e)
        {
            return (null, e.Message);
        }

        if (resolved.Missing is { } missing)
        {
            return (new BaseFacts(null, null, null) { Through = parent.Text, Missing = missing }, null);
        }

        if (resolved.ResolvedTo is { } text)
        {
            return (new BaseFacts(resolved.Reference, Digest.OfText(text), resolved.At) { Through = parent.Text, ResolvedTo = text }, null);
        }

        return resolved.Reference is { } reference && await BaseAsync(image, reference, builds, now, cancellationToken) is { } facts
            ? (facts with { Through = parent.Text }, null)
            : (null, null);
    }

    /// <summary>Judges the findings of the base by <c>build.baseGate</c>. Without that it makes no call.</summary>
    internal async Task<BaseVerdict?> JudgeAsync(
        ImageSpec image, BaseFacts? found, ParentImage parent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A base that does not exist has a reason of its own.
        if (image.Build.BaseGate is not { } rules || found is { Digest: null })
        {
            return null;
        }

        if (found is not { ResolvedTo: null, Digest: { } digest, Reference: { } reference } || scope.RegionOf(reference) is not { } region)
        {
            return BaseGate.NotScanned(found?.Name ?? parent.Text);
        }

        try
        {
            var scan = await registry.ReadScanAsync(region, reference.Repository, digest, withEpss: rules.Epss is not null, cancellationToken);
            return BaseGate.Judge(rules, found, scan, now);
        }
        catch (PermanentException e)
        {
            return BaseGate.Unreadable(found, e.Message);
        }
    }

    internal async Task<IReadOnlyList<WatchedFacts>> WatchedAsync(
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
                watched.Add(
                    facts.Newest is { } newest && tags.Tags.IsExact && NewestWith(builds, build => build.Watched.GetValueOrDefault(tags.Id)) != newest.Digest
                    ? facts with
                    {
                        Owner = await OwnerAsync(image, ImageReference.Local(tags.Repository, newest.Tag),
                            images.First(found => found.Digest == newest.Digest).Tags, cancellationToken)
                    }
                    : facts);
            }
            catch (PermanentException e)
            {
                watched.Add(new WatchedFacts(tags, null, Unreadable: e.Message));
            }
        }

        return watched;

        // A single tag after its quiet time needs one call. Listing its repository may need many.
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

    private async Task<ImageReference?> ReferenceOfAsync(ParentImage parent, CancellationToken cancellationToken)
    {
        try
        {
            return (await _resolver.ResolveAsync(parent, cancellationToken)).Reference;
        }
        catch (PermanentException)
        {
            // The image's own reconcile gives the reason.
            return null;
        }
    }

    // The digest of a parent in another registry cannot be read.
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
            // The owner of the newest build's digest was checked when that build started.
            Owner = found is null || parent.Digest is not null || NewestWith(builds, build => build.BaseDigest) == found.Digest ? null
                : await OwnerAsync(image, parent, found.Tags, cancellationToken),
        };
        if (found is null || parent.Digest is not null || found.PushedAt.AddMinutes(image.Build.QuietMinutes) <= now)
        {
            return facts;
        }

        // The base is still in its quiet time. The time of its first change limits the wait.
        var tag = TagPattern.Parse(parent.EffectiveTag!);
        var pushes = await registry.ListPushesAsync(region, parent.Repository, cancellationToken);
        return facts.WithPushes(
            pushes.Where(push => push.MayHaveHad(tag)).Select(push => push.PushedAt), builds, TimeSpan.FromMinutes(image.Build.QuietMinutes));
    }

    /// <summary>The catalog image that owns the floating tag, with its builds. Null when no catalog image owns it.</summary>
    /// <param name="tags">All tags of the image that the reference names now.</param>
    private async Task<TagOwner?> OwnerAsync(ImageSpec image, ImageReference reference, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        if (catalog.BuilderOf(reference, scope.AccountId, scope.Region) is not { } owner || owner.Name == image.Name
            || !owner.Promote.FloatingTags.Any(template => template.Matches(reference.EffectiveTag!)))
        {
            return null;
        }

        try
        {
            var name = PipelineReader.NameOf(owner);
            var records =
                await imageBuilder.ListBuildsAsync(name.StartsWith("arn:", StringComparison.Ordinal) ? name : scope.PipelineArn(name), cancellationToken);
            return new TagOwner(owner, PipelineBuilds.Of(owner, records), ImageVersion.OfBuildTags(tags));
        }
        catch (PermanentException e)
        {
            return new TagOwner(owner, [], Unreadable: e.Message);
        }
    }

    private static Digest? NewestWith(IReadOnlyList<BuildRecord> builds, Func<BuildRecord, Digest?> digest) =>
        builds.Where(build => digest(build) is not null && (build.State.IsRunning() || build.State.Succeeded())).MaxBy(build => build.CreatedAt) is { } newest
            ? digest(newest)
            : null;
}
