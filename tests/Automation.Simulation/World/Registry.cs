using System.Runtime.CompilerServices;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Simulation.World;

/// <summary>An image in a repository.</summary>
internal sealed class Manifest(Digest digest, DateTimeOffset pushedAt, Digest? subject = null)
{
    public Digest Digest => digest;

    public DateTimeOffset PushedAt => pushedAt;

    public Digest? Subject => subject;

    public DateTimeOffset? PulledAt { get; set; }

    public List<string> Tags { get; } = [];
}

/// <summary>A repository of one Region.</summary>
internal sealed class Repository
{
    private readonly Dictionary<Digest, Manifest> _byDigest = [];
    private readonly List<Manifest> _images = [];

    public bool Immutable { get; set; }

    /// <summary>In the order of their first pushes.</summary>
    public IReadOnlyList<Manifest> Images => _images;

    public Manifest? Find(Digest digest) => _byDigest.GetValueOrDefault(digest);

    public Manifest? On(string tag)
    {
        foreach (var image in _images)
        {
            if (image.Tags.Contains(tag))
            {
                return image;
            }
        }

        return null;
    }

    public Manifest Push(Digest digest, DateTimeOffset at, string? tag, Digest? subject = null)
    {
        if (!_byDigest.TryGetValue(digest, out var image))
        {
            _byDigest[digest] = image = new Manifest(digest, at, subject);
            _images.Add(image);
        }

        if (tag is not null && !image.Tags.Contains(tag))
        {
            On(tag)?.Tags.Remove(tag);
            image.Tags.Add(tag);
        }

        return image;
    }

    public void Remove(Digest digest)
    {
        if (_byDigest.Remove(digest, out var image))
        {
            _images.Remove(image);
        }
    }

    /// <summary>Like in ECR, an image is deleted with its last tag.</summary>
    public void Untag(string tag)
    {
        if (On(tag) is { } image)
        {
            image.Tags.Remove(tag);
            if (image.Tags.Count == 0)
            {
                Remove(image.Digest);
            }
        }
    }
}

/// <summary>ECR in memory, with the adapter's order of calls where it matters: a tag is written and read back, and a deletion first reads the
/// tags.</summary>
internal sealed class Registry(SimulatedWorld world) : IRegistry
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    public Dictionary<(string Region, string Repository), Repository> Repositories { get; } = [];

    public Repository? Find(string region, string repository) => Repositories.GetValueOrDefault((region, repository));

    public Task<TaggedImage?> FindAsync(string region, string repository, string tagOrDigest, CancellationToken cancellationToken) =>
        Call("Find", region, () => Look(region, repository, tagOrDigest) is { } image ? Tagged(image) : null, cancellationToken);

    public Task<RepositoryFacts> ReadRepositoryAsync(string region, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        Call("ReadRepository", region, () =>
        {
            var found = Read("tags", region, repository);
            var standing = new Dictionary<string, Digest>(StringComparer.Ordinal);
            foreach (var tag in tags)
            {
                if (found?.On(tag) is { } image)
                {
                    standing[tag] = image.Digest;
                }
            }

            return new RepositoryFacts(found is not null, found is { Immutable: true } ? new TagMutability(true, []) : TagMutability.Mutable, standing);
        }, cancellationToken);

    public Task<IReadOnlyDictionary<Digest, IReadOnlyList<string>>> ReadTagsAsync(
        string region, string repository, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        Call<IReadOnlyDictionary<Digest, IReadOnlyList<string>>>("ReadTags", region, () =>
        {
            var found = new Dictionary<Digest, IReadOnlyList<string>>();
            var there = Read("images", region, repository);
            foreach (var image in digests.Select(digest => there?.Find(digest)).OfType<Manifest>())
            {
                found[image.Digest] = [.. image.Tags];
            }

            return found;
        }, cancellationToken);

    public Task<IReadOnlyList<TaggedImage>> ListPushesAsync(string region, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<TaggedImage>>(
            "ListPushes", region, () => [.. (Find(region, repository)?.Images ?? []).Where(image => image.Subject is null).Select(Tagged)], cancellationToken);

    public Task<IReadOnlyList<StoredImage>?> ListImagesAsync(string region, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<StoredImage>?>("ListImages", region, () => Read("images", region, repository)?.Images
            .Select(image => new StoredImage(image.Digest, [.. image.Tags], image.PushedAt, image.PulledAt, ManifestType, image.Subject, [])).ToList(),
            cancellationToken);

    public Task<FoundSignatures> ReadSignaturesAsync(
        string region, string repository, Digest digest, SignatureRules rules, CancellationToken cancellationToken) =>
        Call("ReadSignatures", region, () => world.Findings.SignaturesOf(digest), cancellationToken);

    public Task<bool> AttachAsync(string region, string repository, Digest digest, Attachment attachment, CancellationToken cancellationToken) =>
        Call("Attach", region, () => false, cancellationToken);

    public Task<IReadOnlyList<PullThroughRule>> ListCacheRulesAsync(string region, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<PullThroughRule>>("ListCacheRules", region, () => [], cancellationToken);

    public Task<PulledImage> PullAsync(string region, string repository, string tag, CancellationToken cancellationToken) =>
        Call("Pull", region, () => Find(region, repository)?.On(tag) is { } image ? new PulledImage(image.Digest) : new PulledImage(null, "ImageNotFound"),
            cancellationToken);

    public Task<ScanFacts?> ReadScanAsync(string region, string repository, Digest digest, bool withEpss, CancellationToken cancellationToken) =>
        Call<ScanFacts?>("ReadScan", region, () =>
        {
            var scan = world.Findings.Scan(digest, Look(region, repository, digest.Value)?.PushedAt.Add(Findings.ScanTime) <= world.Timers.Now, withEpss);
            return Look(region, repository, digest.Value) is null ? null : scan;
        }, cancellationToken);

    public async Task PutTagAsync(string region, string repository, Digest digest, string tag, CancellationToken cancellationToken)
    {
        await Call("ReadManifest", region, () => Find(region, repository)?.Find(digest)
            ?? throw new PermanentException($"{repository} in {region} has no image {digest}: ImageNotFound."), cancellationToken);
        var refused = await Call("PutTag", region, () => !Put(region, repository, digest, tag), cancellationToken);
        var found = await FindAsync(region, repository, tag, cancellationToken);
        if (found?.Digest != digest)
        {
            var where = $"Tag {repository}:{tag} in {region} is on {found?.Digest.Value ?? "nothing"} instead of {digest}";
            throw refused && found is not null
                ? new TagConflictException($"{where}: it is immutable in the repository.")
                : new TransientException($"{where}: another caller moved it meanwhile.");
        }
    }

    public Task<RegistryScanning> ReadScanningAsync(string region, CancellationToken cancellationToken) =>
        Call("ReadScanning", region, () => RegistryScanning.Default, cancellationToken);

    public Task<ScanStart> StartScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken) =>
        Call("StartScan", region, () => ScanStart.LimitExceeded, cancellationToken);

    public async IAsyncEnumerable<Deletion> DeleteAsync(
        string region, string repository, IReadOnlyList<IReadOnlyList<DeletionTarget>> groups, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var group in groups)
        {
            var done = new List<Deletion>(group.Count);
            var queue = new DeletionQueue(group, 100);
            while (queue.Next(done) is { Count: > 0 } batch)
            {
                var current = await Call("DescribeImages", region, () =>
                    batch.ToDictionary(target => target.Digest, target => Find(region, repository)?.Find(target.Digest)?.Tags.ToArray()), cancellationToken);
                var unchanged =
                    batch.Where(target => current[target.Digest] is { } tags && tags.ToHashSet(StringComparer.Ordinal).SetEquals(target.Tags)).ToList();
                var standing =
                    await Call("DeleteImages", region,
                        () => unchanged.Where(target => !Delete(region, repository, target)).Select(target => target.Digest).ToHashSet(), cancellationToken);
                foreach (var target in batch)
                {
                    var deletion = new Deletion(target.Digest, current[target.Digest] is null ? null
                        : !unchanged.Contains(target) ? "its tags changed since the decision"
                        : standing.Contains(target.Digest) ? "a tag was added during its deletion"
                        : null);
                    queue.Report(deletion);
                    done.Add(deletion);
                }
            }

            foreach (var deletion in done)
            {
                yield return deletion;
            }
        }
    }

    private Repository? Read(string what, string region, string repository)
    {
        world.Watch.Read($"{what} {region} {repository[(repository.IndexOf('/') + 1)..]}");
        return Find(region, repository);
    }

    private Task<T> Call<T>(string operation, string region, Func<T> work, CancellationToken cancellationToken) =>
        world.Calls.Make("ecr", operation, region, work, cancellationToken);

    private Manifest? Look(string region, string repository, string tagOrDigest) => Find(region, repository) is not { } found ? null
        : Digest.TryParse(tagOrDigest, out var digest) ? found.Find(digest) : found.On(tagOrDigest);

    /// <returns>False if the repository refuses it.</returns>
    private bool Put(string region, string repository, Digest digest, string tag)
    {
        var found = Find(region, repository) ?? throw new PermanentException($"Could not put {tag}: RepositoryNotFoundException.");
        var before = found.On(tag)?.Digest;
        if (before is not null && before != digest && found.Immutable)
        {
            return false;
        }

        world.Watch.TagPut(region, repository, tag, before, digest);
        found.Push(digest, world.Timers.Now, tag);
        world.Pushed(region, repository, tag, digest);
        return true;
    }

    // By tag and digest if there are tags, so that a tag that was added meanwhile keeps the image.
    private bool Delete(string region, string repository, DeletionTarget target)
    {
        if (Find(region, repository) is not { } found || found.Find(target.Digest) is not { } image)
        {
            return true;
        }

        world.Watch.ImageDeleted(region, repository, image, target.Tags);
        if (target.Tags.Count == 0)
        {
            found.Remove(target.Digest);
            return true;
        }

        foreach (var tag in target.Tags)
        {
            image.Tags.Remove(tag);
        }

        if (image.Tags.Count == 0)
        {
            found.Remove(target.Digest);
        }

        return image.Tags.Count == 0;
    }

    private static TaggedImage Tagged(Manifest image) => new(image.Digest, image.PushedAt, [.. image.Tags], image.PulledAt);
}
