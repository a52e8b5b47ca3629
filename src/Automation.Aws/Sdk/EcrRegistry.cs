using System.Collections.Concurrent;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Signatures;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Aws.Sdk;

/// <summary>ECR in every Region that the catalog names: one client per Region, created on first use.</summary>
/// <param name="jsonOf">Makes the client of another service for a Region: Amazon Inspector for EPSS scores, AWS Signer for revocations.</param>
public sealed class EcrRegistry(Func<string, IAmazonECR> clientOf, Func<JsonApi, string, JsonClient> jsonOf) : IRegistry
{
    // The API's limits. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
    private const int ImagesPerPage = 1000;
    private const int ImagesPerCall = 100;

    private readonly ConcurrentDictionary<string, IAmazonECR> _clients = new(StringComparer.Ordinal);

    public Task<TaggedImage?> FindAsync(string region, string repository, string tagOrDigest, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read {repository}:{tagOrDigest} in {region}", async () =>
        {
            var id = Digest.TryParse(tagOrDigest, out _)
                ? new ImageIdentifier { ImageDigest = tagOrDigest }
                : new ImageIdentifier { ImageTag = tagOrDigest };
            try
            {
                var response = await Client(region).DescribeImagesAsync(
                    new DescribeImagesRequest { RepositoryName = repository, ImageIds = [id] },
                    cancellationToken);
                return response.ImageDetails is [{ ImageDigest: not null } image, ..] && !IsPlaceholder(image) ? Tagged(image) : null;
            }
            catch (ImageNotFoundException)
            {
                return null;
            }
            catch (RepositoryNotFoundException)
            {
                return null;
            }
        });

    public Task<RepositoryFacts> ReadRepositoryAsync(
        string region, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read repository {repository} in {region}", async () =>
        {
            Repository? found;
            try
            {
                var response = await Client(region).DescribeRepositoriesAsync(
                    new DescribeRepositoriesRequest { RepositoryNames = [repository] },
                    cancellationToken);
                found = response.Repositories?.FirstOrDefault();
            }
            catch (RepositoryNotFoundException)
            {
                found = null;
            }

            if (found is null)
            {
                return new RepositoryFacts(Exists: false, TagMutability.Mutable, new Dictionary<string, Digest>());
            }

            var tagged = new Dictionary<string, Digest>(StringComparer.Ordinal);
            foreach (var tag in tags)
            {
                // One by one, because a single unknown tag fails the call for all of them.
                if (await FindAsync(region, repository, tag, cancellationToken) is { } image)
                {
                    tagged[tag] = image.Digest;
                }
            }

            var mutability = TagMutability.Parse(
                found.ImageTagMutability?.Value,
                found.ImageTagMutabilityExclusionFilters?.Select(filter => filter.Filter).OfType<string>());
            return new RepositoryFacts(Exists: true, mutability, tagged);
        });

    public Task<IReadOnlyDictionary<Digest, IReadOnlyList<string>>> ReadTagsAsync(
        string region, string repository, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyDictionary<Digest, IReadOnlyList<string>>>($"read the tags in {repository} in {region}", async () =>
        {
            var found = new Dictionary<Digest, IReadOnlyList<string>>();
            try
            {
                foreach (var batch in digests.Chunk(ImagesPerCall))
                {
                    foreach (var (digest, tags) in await ImageTagReader.ReadAsync(Client(region), repository, batch, cancellationToken))
                    {
                        found[digest] = tags;
                    }
                }
            }
            catch (RepositoryNotFoundException)
            {
                return new Dictionary<Digest, IReadOnlyList<string>>();
            }

            return found;
        });

    public Task<IReadOnlyList<TaggedImage>> ListPushesAsync(string region, string repository, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<TaggedImage>>($"list the pushes to {repository} in {region}", async () =>
        {
            var pushes = new List<TaggedImage>();
            try
            {
                var request = new DescribeImagesRequest { RepositoryName = repository, MaxResults = ImagesPerPage };
                await foreach (var image in Client(region).Paginators.DescribeImages(request).ImageDetails.WithCancellation(cancellationToken))
                {
                    if (image is { ImagePushedAt: not null, ImageDigest: not null } && IsPlain(image) && !IsPlaceholder(image))
                    {
                        pushes.Add(Tagged(image));
                    }
                }
            }
            catch (RepositoryNotFoundException)
            {
                return [];
            }

            return pushes;
        });

    public Task<IReadOnlyList<StoredImage>?> ListImagesAsync(string region, string repository, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<StoredImage>?>($"list the images of {repository} in {region}", async () =>
        {
            var images = new List<StoredImage>();
            var indexes = new List<int>();
            try
            {
                // Keep only the needed members of each page: a hundred thousand of the service's own objects would not fit into the function's memory.
                var request = new DescribeImagesRequest { RepositoryName = repository, MaxResults = ImagesPerPage };
                await foreach (var image in Client(region).Paginators.DescribeImages(request).ImageDetails.WithCancellation(cancellationToken))
                {
                    if (image.ImageDigest is null)
                    {
                        continue;
                    }

                    var stored = Stored(image);
                    if (stored.IsIndex)
                    {
                        indexes.Add(images.Count);
                    }

                    images.Add(stored);
                }
            }
            catch (RepositoryNotFoundException)
            {
                return null;
            }

            foreach (var batch in indexes.Chunk(ImagesPerCall))
            {
                var children = await ManifestReader.ReadChildrenAsync(
                    Client(region), repository, [.. batch.Select(at => images[at].Digest)], cancellationToken);
                foreach (var at in batch)
                {
                    images[at] = images[at] with { Children = children.GetValueOrDefault(images[at].Digest.Value) };
                }
            }

            return images;
        });

    public Task<ScanFacts?> ReadScanAsync(string region, string repository, Digest digest, bool withEpss, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read the scan of {repository}@{digest} in {region}", async () =>
        {
            var inspector = withEpss ? () => jsonOf(JsonApi.Inspector, region) : (Func<JsonClient>?)null;
            return await ScanReader.ReadAsync(Client(region), inspector, repository, digest, cancellationToken)
                ?? await ReadChildScansAsync(region, inspector, repository, digest, cancellationToken);
        });

    public Task<FoundSignatures> ReadSignaturesAsync(
        string region, string repository, Digest digest, SignatureRules rules, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read the signatures of {repository}@{digest} in {region}", () =>
            new SignatureReader(Client(region), of => jsonOf(JsonApi.SignerData, of), repository, rules).ReadAsync(
                digest, cancel => ReadRunnableChildrenAsync(region, repository, digest, cancel), cancellationToken));

    public Task<bool> AttachAsync(string region, string repository, Digest digest, Attachment attachment, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"attach {attachment.Kind} to {repository}@{digest} in {region}",
            () => EcrAttachment.RunAsync(Client(region), region, repository, digest, attachment, cancellationToken));

    public Task<IReadOnlyList<PullThroughRule>> ListCacheRulesAsync(string region, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<PullThroughRule>>($"list the pull-through cache rules in {region}", async () =>
        {
            var rules = new List<PullThroughRule>();
            var request = new DescribePullThroughCacheRulesRequest { MaxResults = ImagesPerPage };
            await foreach (var rule in Client(region).Paginators.DescribePullThroughCacheRules(request).PullThroughCacheRules
                .WithCancellation(cancellationToken))
            {
                if (rule.EcrRepositoryPrefix is { } prefix)
                {
                    rules.Add(new PullThroughRule(prefix, rule.UpstreamRegistryUrl ?? "an upstream registry"));
                }
            }

            return rules;
        });

    // BatchGetImage is what a pull calls: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    public Task<PulledImage> PullAsync(string region, string repository, string tag, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"pull {repository}:{tag} in {region}", async () =>
        {
            try
            {
                var response = await Client(region).BatchGetImageAsync(
                    new BatchGetImageRequest
                    {
                        RepositoryName = repository,
                        ImageIds = [new ImageIdentifier { ImageTag = tag }],
                        AcceptedMediaTypes = ManifestReader.MediaTypes
                    },
                    cancellationToken);
                return response.Images is [{ ImageId.ImageDigest: { } digest }, ..] ? new PulledImage(Digest.Parse(digest))
                    : response.Failures is [var failure, ..] ? new PulledImage(null, $"{failure.FailureCode}: {failure.FailureReason}")
                    : new PulledImage(null, "ECR returned neither an image nor a reason");
            }
            catch (Exception e) when (e is RepositoryNotFoundException or UnableToGetUpstreamImageException or LimitExceededException)
            {
                return new PulledImage(null, e.Message);
            }
        });

    public Task<RegistryScanning> ReadScanningAsync(string region, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read how the registry in {region} scans", () => ScanReader.ReadScanningAsync(Client(region), cancellationToken));

    public Task<ScanStart> StartScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"start a scan of {repository}@{digest} in {region}", async () =>
        {
            if (await ReadRunnableChildrenAsync(region, repository, digest, cancellationToken) is not { } children)
            {
                return await ScanReader.StartAsync(Client(region), repository, digest, cancellationToken);
            }

            // Request a scan of every child, whatever the result for the one before. An obstacle for one child is an obstacle for the index, unless the
            // limit refuses the child because it has been scanned today.
            var starts = new List<ScanStart>();
            foreach (var child in children)
            {
                var start = await ScanReader.StartAsync(Client(region), repository, child, cancellationToken);
                if (start != ScanStart.LimitExceeded
                    || await ScanReader.ReadAsync(Client(region), inspectorOf: null, repository, child, cancellationToken) is null)
                {
                    starts.Add(start);
                }
            }

            return starts.DefaultIfEmpty(ScanStart.Started).Max();
        });

    public Task PutTagAsync(string region, string repository, Digest digest, string tag, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"put tag {repository}:{tag} in {region}", async () =>
        {
            var manifest = await ManifestReader.ReadAsync(Client(region), region, repository, digest, cancellationToken);
            var isRefused = false;
            try
            {
                await Client(region).PutImageAsync(
                    new PutImageRequest
                    {
                        RepositoryName = repository,
                        ImageManifest = manifest.ImageManifest,
                        ImageManifestMediaType = manifest.ImageManifestMediaType,
                        ImageDigest = digest.Value,
                        ImageTag = tag,
                    },
                    cancellationToken);
            }
            catch (Exception e) when (e is ImageAlreadyExistsException or ImageTagAlreadyExistsException)
            {
                // Both errors also occur if the tag is on this digest already. Only another read shows which case it is.
                isRefused = true;
            }

            var found = await FindAsync(region, repository, tag, cancellationToken);
            var where = $"Tag {repository}:{tag} in {region} is on {found?.Digest.Value ?? "nothing"} instead of {digest}";
            return found?.Digest == digest ? found
                : isRefused && found is not null ? throw new TagConflictException($"{where}: it is immutable in the repository.")
                : throw new TransientException($"{where}: another caller moved it meanwhile.");
        });

    public IAsyncEnumerable<Deletion> DeleteAsync(
        string region, string repository, IReadOnlyList<IReadOnlyList<DeletionTarget>> groups, CancellationToken cancellationToken) =>
        new EcrDeletion(Client(region), region, repository).RunAsync(groups, cancellationToken);

    // ECR scans images, not indexes, so an index is judged by the images that it lists.
    private async Task<ScanFacts?> ReadChildScansAsync(
        string region, Func<JsonClient>? inspectorOf, string repository, Digest digest, CancellationToken cancellationToken)
    {
        if (await ReadRunnableChildrenAsync(region, repository, digest, cancellationToken) is not { } children)
        {
            return null;
        }

        var scans = new List<ScanFacts?>();
        foreach (var child in children)
        {
            scans.Add(await ScanReader.ReadAsync(Client(region), inspectorOf, repository, child, cancellationToken));
        }

        return ScanFacts.Combine(scans);
    }

    /// <summary>The runnable images of an index; null if the digest does not name an index.</summary>
    private async Task<IReadOnlyList<Digest>?> ReadRunnableChildrenAsync(string region, string repository, Digest digest, CancellationToken cancellationToken)
    {
        var described = await Client(region).DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageDigest = digest.Value }] },
            cancellationToken);
        if (described.ImageDetails is not [{ ImageDigest: not null } image, ..] || !Stored(image).IsIndex)
        {
            return null;
        }

        var manifest = await ManifestReader.ReadAsync(Client(region), region, repository, digest, cancellationToken);
        return ManifestIndex.TryReadChildren(manifest.ImageManifest, runnableOnly: true) ?? [];
    }

    private static StoredImage Stored(ImageDetail image)
    {
        // Shares a few strings among a hundred thousand images.
        var mediaType = image.ImageManifestMediaType is { } type ? string.Intern(type) : null;
        var stored = new StoredImage(
            Digest.Parse(image.ImageDigest),
            TagList.Of(image.ImageTags),
            Time(image.ImagePushedAt) ?? DateTimeOffset.UnixEpoch,
            Time(image.LastRecordedPullTime),
            mediaType,
            Digest.TryParse(image.SubjectManifestDigest, out var subject) ? subject : null);
        return stored.IsIndex ? stored : stored with { Children = [], Bytes = image.ImageSizeInBytes ?? 0 };
    }

    private static bool IsPlaceholder(ImageDetail image) => image.ImageTags?.Contains(Placeholder.Tag) == true;

    /// <summary>Whether it is an image, and not a signature or another artifact that no build, release or tag move depends on.</summary>
    // A plain image's artifact type is that of its config; an index has none. Only their tag distinguishes older signatures from images. "cosign copy" also
    // gives an image a tag with its own digest.
    private static bool IsPlain(ImageDetail image) =>
        image.SubjectManifestDigest is null
        && image.ArtifactMediaType is null or "application/vnd.oci.image.config.v1+json" or "application/vnd.docker.container.image.v1+json"
        && image.ImageTags?.Exists(tag => Digest.OfReferrerTag(tag) is { } subject && subject.Value != image.ImageDigest) != true;

    private IAmazonECR Client(string region) => _clients.GetOrAdd(region, name => ApiCalls.Follow(clientOf(name)));

    private static TaggedImage Tagged(ImageDetail image) => new(
        Digest.Parse(image.ImageDigest),
        Time(image.ImagePushedAt) ?? DateTimeOffset.UnixEpoch,
        image.ImageTags ?? [],
        Time(image.LastRecordedPullTime));

    private static DateTimeOffset? Time(DateTime? time) =>
        time is { } value ? PlausibleTime.Clamp(new DateTimeOffset(DateTime.SpecifyKind(value, DateTimeKind.Utc))) : null;
}
