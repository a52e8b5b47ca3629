using System.Runtime.CompilerServices;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Functions.Tests;

/// <summary>ECR in memory: repositories of Regions with images and the tags that point to them.</summary>
internal sealed class FakeRegistry : IRegistry
{
    private readonly Dictionary<(string Region, string Repository), List<StoredImage>> _repositories = [];

    public Dictionary<Digest, ScanFacts> Scans { get; } = [];

    /// <summary>The signatures of images; an image without an entry has none.</summary>
    public Dictionary<Digest, FoundSignatures> Signatures { get; } = [];

    /// <summary>The artifacts beside images.</summary>
    public Dictionary<(string Region, Digest Image, string Kind), Attachment> Attachments { get; } = [];

    public List<PullThroughRule> CacheRules { get; } = [];

    /// <summary>The images of upstream registries.</summary>
    public Action? OnPull { get; set; }

    /// <summary>The scanning configuration of every Region's registry.</summary>
    public RegistryScanning Scanning { get; set; } = RegistryScanning.Default;

    /// <summary>The results of the next requests for a scan, in order; afterwards <see cref="ScanStart.Started"/>.</summary>
    public Queue<ScanStart> ScanStarts { get; } = [];

    /// <summary>Repositories with tags that cannot move.</summary>
    public HashSet<string> Immutable { get; } = [];

    /// <summary>Images that cannot be deleted, with the reason.</summary>
    public Dictionary<Digest, string> Stuck { get; } = [];

    /// <summary>Regions where no image can be deleted, with the reason.</summary>
    public Dictionary<string, string> StuckIn { get; } = new(StringComparer.Ordinal);

    /// <summary>The changes, in order.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>Called before each call with its text; a returned exception is thrown.</summary>
    public Func<string, Exception?>? Fault { get; set; }

    /// <summary>After this many deletions, it stops responding until the caller's time is over.</summary>
    public int WaitBeforeDelete { get; set; } = int.MaxValue;

    /// <summary>Ends the caller's time.</summary>
    public required Action EndTime { get; init; }

    /// <summary>Runs once after the next tag was written, to simulate a race.</summary>
    public Action? AfterPut { get; set; }

    public void Create(string repository, string region = FunctionHarness.Region) => _repositories.TryAdd((region, repository), []);

    public void Drop(string repository, string region = FunctionHarness.Region) => _repositories.Remove((region, repository));

    public void Drop(string repository, string region, Digest digest) => _repositories[(region, repository)].RemoveAll(image => image.Digest == digest);

    /// <summary>Pushes an image with the digest of the given text and moves the tags to it.</summary>
    public Digest Push(string repository, string content, DateTimeOffset at, string[] tags, string region = FunctionHarness.Region) =>
        Push(repository, FunctionHarness.Digest(content), at, tags, region);

    public Digest Push(string repository, Digest digest, DateTimeOffset at, string[] tags, string region = FunctionHarness.Region)
    {
        Create(repository, region);
        var images = _repositories[(region, repository)];
        images.RemoveAll(image => image.Digest == digest);
        images.Add(new StoredImage(digest, [], at, MediaType: "application/vnd.oci.image.manifest.v1+json"));
        foreach (var tag in tags)
        {
            Move(region, repository, digest, tag);
        }

        return digest;
    }

    public Digest? On(string repository, string tag, string region = FunctionHarness.Region) =>
        _repositories.GetValueOrDefault((region, repository))?.Find(image => image.Tags.Contains(tag))?.Digest;

    public void Move(string region, string repository, Digest digest, string tag)
    {
        var images = _repositories[(region, repository)];
        for (var i = 0; i < images.Count; i++)
        {
            var others = images[i].Tags.Where(other => other != tag);
            images[i] = images[i] with { Tags = images[i].Digest == digest ? [.. others, tag] : [.. others] };
        }
    }

    public Task<TaggedImage?> FindAsync(string region, string repository, string tagOrDigest, CancellationToken cancellationToken) =>
        Call(($"find {region} {repository}:{tagOrDigest}", cancellationToken), () => _repositories.GetValueOrDefault((region, repository))
            ?.Where(image => image.Digest.Value == tagOrDigest || image.Tags.Contains(tagOrDigest))
            .Select(image => new TaggedImage(image.Digest, image.PushedAt, image.Tags)).FirstOrDefault());

    public Task<RepositoryFacts> ReadRepositoryAsync(string region, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        Call(($"read {region} {repository}", cancellationToken), () => new RepositoryFacts(
            _repositories.ContainsKey((region, repository)),
            Immutable.Contains(repository) ? new TagMutability(true, []) : TagMutability.Mutable,
            tags.Where(tag => On(repository, tag, region) is not null).ToDictionary(tag => tag, tag => On(repository, tag, region)!)));

    public Task<IReadOnlyDictionary<Digest, IReadOnlyList<string>>> ReadTagsAsync(
        string region, string repository, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        Call<IReadOnlyDictionary<Digest, IReadOnlyList<string>>>(
            ($"tags {region} {repository}", cancellationToken),
            () => _repositories.GetValueOrDefault((region, repository), []).Where(image => digests.Contains(image.Digest))
                .ToDictionary(image => image.Digest, image => image.Tags));

    public Task<IReadOnlyList<TaggedImage>> ListPushesAsync(string region, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<TaggedImage>>(
            ($"pushes {region} {repository}", cancellationToken),
            () => [.. _repositories.GetValueOrDefault((region, repository), []).Select(image => new TaggedImage(image.Digest, image.PushedAt, image.Tags))]);

    public Task<IReadOnlyList<StoredImage>?> ListImagesAsync(string region, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<StoredImage>?>(
            ($"list {region} {repository}", cancellationToken), () => _repositories.GetValueOrDefault((region, repository))?.ToList());

    public Task PutTagAsync(string region, string repository, Digest digest, string tag, CancellationToken cancellationToken) =>
        Call(($"put {region} {repository}:{tag}", cancellationToken), () =>
        {
            if (Immutable.Contains(repository) && On(repository, tag, region) is { } current)
            {
                return current == digest ? true : throw new TagConflictException($"Tag {repository}:{tag} in {region} is on {current}.");
            }

            Changes.Add($"put {region} {repository}:{tag}");
            Move(region, repository, digest, tag);
            var race = AfterPut;
            AfterPut = null;
            race?.Invoke();
            return On(repository, tag, region) == digest ? true : throw new TransientException($"Tag {repository}:{tag} in {region} was moved meanwhile.");
        });

    public Task<ScanFacts?> ReadScanAsync(string region, string repository, Digest digest, bool withEpss, CancellationToken cancellationToken) =>
        Call(($"scan {region} {repository}", cancellationToken), () => Scans.GetValueOrDefault(digest));

    public Task<FoundSignatures> ReadSignaturesAsync(
        string region, string repository, Digest digest, SignatureRules rules, CancellationToken cancellationToken) =>
        Call(($"signatures {region} {repository}", cancellationToken), () => Signatures.GetValueOrDefault(digest) ?? new FoundSignatures([]));

    public Task<bool> AttachAsync(string region, string repository, Digest digest, Attachment attachment, CancellationToken cancellationToken) =>
        Call(($"attach {attachment.Kind} {region} {repository}", cancellationToken), () =>
        {
            if (!Attachments.TryAdd((region, digest, attachment.Kind), attachment))
            {
                return false;
            }

            Changes.Add($"attach {attachment.Kind} {region} {repository}");
            return true;
        });

    public Task<IReadOnlyList<PullThroughRule>> ListCacheRulesAsync(string region, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<PullThroughRule>>(($"cache rules {region}", cancellationToken), () => CacheRules);

    public Task<PulledImage> PullAsync(string region, string repository, string tag, CancellationToken cancellationToken) =>
        Call(($"pull {region} {repository}:{tag}", cancellationToken), () =>
        {
            Changes.Add($"pull {region} {repository}:{tag}");
            OnPull?.Invoke();
            return On(repository, tag, region) is { } digest ? new PulledImage(digest) : new PulledImage(null, "ImageNotFound: there is none");
        });

    public Task<RegistryScanning> ReadScanningAsync(string region, CancellationToken cancellationToken) =>
        Call(($"scanning {region}", cancellationToken), () => Scanning);

    public Task<ScanStart> StartScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken) =>
        Call(($"start scan {region} {repository}", cancellationToken), () =>
        {
            Changes.Add($"start scan {region} {repository}");
            return ScanStarts.TryDequeue(out var start) ? start : ScanStart.Started;
        });

    public async IAsyncEnumerable<Deletion> DeleteAsync(
        string region, string repository, IReadOnlyList<IReadOnlyList<DeletionTarget>> groups, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var group in groups)
        {
            var queue = new DeletionQueue(group, 1);
            var staying = new List<Deletion>();
            while (queue.Next(staying) is [var target])
            {
                if (WaitBeforeDelete-- == 0)
                {
                    EndTime();
                }

                var deletion = await Call(($"delete {region} {repository}", cancellationToken), () => Delete(region, repository, target));
                queue.Report(deletion);
                yield return deletion;
            }

            foreach (var deletion in staying)
            {
                yield return deletion;
            }
        }
    }

    private Deletion Delete(string region, string repository, DeletionTarget target)
    {
        if (!Stuck.TryGetValue(target.Digest, out var why) && !StuckIn.TryGetValue(region, out why))
        {
            Changes.Add($"delete image {region} {repository} {string.Join(',', target.Tags)}");
            _repositories[(region, repository)].RemoveAll(image => image.Digest == target.Digest);
        }

        return new Deletion(target.Digest, why);
    }

    private Task<T> Call<T>((string What, CancellationToken Token) call, Func<T> answer)
    {
        call.Token.ThrowIfCancellationRequested();
        return Fault?.Invoke(call.What) is { } fault ? Task.FromException<T>(fault) : Task.FromResult(answer());
    }
}
