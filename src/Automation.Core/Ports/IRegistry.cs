using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Core.Ports;

/// <summary>ECR in any Region of the account, as far as Automation uses it. Failures are <see cref="AutomationException"/>s.</summary>
public interface IRegistry
{
    /// <summary>The image that a tag or a digest names now; null if the repository or the image is missing.</summary>
    Task<TaggedImage?> FindAsync(string region, string repository, string tagOrDigest, CancellationToken cancellationToken);

    /// <summary>The mutability of a repository, and the digests of the given tags.</summary>
    Task<RepositoryFacts> ReadRepositoryAsync(string region, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken);

    /// <summary>The tags of images; a missing image has no entry, and a missing repository gives no entries.</summary>
    Task<IReadOnlyDictionary<Digest, IReadOnlyList<string>>> ReadTagsAsync(
        string region, string repository, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>All images except signatures and attestations, without reading manifests. Empty if the repository does not exist.</summary>
    Task<IReadOnlyList<TaggedImage>> ListPushesAsync(string region, string repository, CancellationToken cancellationToken);

    /// <summary>All images of a repository, indexes with their children; null if the repository does not exist.</summary>
    Task<IReadOnlyList<StoredImage>?> ListImagesAsync(string region, string repository, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a tag on a digest: reads the manifest by digest, verifies it, puts it back byte for byte, and reads the tag again.
    /// </summary>
    /// <exception cref="TagConflictException">The tag is immutable and on another digest.</exception>
    /// <exception cref="TransientException">The tag was written, but somebody else has moved it since. The caller must plan again.</exception>
    Task PutTagAsync(string region, string repository, Digest digest, string tag, CancellationToken cancellationToken);

    /// <summary>All findings of an image's scan; null if it was never scanned.</summary>
    /// <param name="withEpss">Whether to read EPSS scores too, if the registry uses enhanced scanning. That costs one call for 100 findings.</param>
    Task<ScanFacts?> ReadScanAsync(string region, string repository, Digest digest, bool withEpss, CancellationToken cancellationToken);

    /// <summary>The signatures of an image, each verified. Their number and size are limited.</summary>
    Task<FoundSignatures> ReadSignaturesAsync(
        string region, string repository, Digest digest, SignatureRules rules, CancellationToken cancellationToken);

    /// <summary>Writes an artifact beside an image.</summary>
    /// <returns>False if the image has one of the same type and kind already.</returns>
    Task<bool> AttachAsync(string region, string repository, Digest digest, Attachment attachment, CancellationToken cancellationToken);

    /// <summary>The pull-through cache rules of the Region's registry.</summary>
    Task<IReadOnlyList<PullThroughRule>> ListCacheRulesAsync(string region, CancellationToken cancellationToken);

    /// <summary>Pulls a tag. If a cache rule covers the repository and its last check is old enough, ECR then checks the upstream registry.</summary>
    Task<PulledImage> PullAsync(string region, string repository, string tag, CancellationToken cancellationToken);

    /// <summary>How the Region's registry scans images.</summary>
    Task<RegistryScanning> ReadScanningAsync(string region, CancellationToken cancellationToken);

    /// <summary>Starts a basic scan of an image. For an index it scans each listed image that has no scan.</summary>
    Task<ScanStart> StartScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes images with their tags. An image is deleted only if it still has exactly the planned tags, which are read right before, and only
    /// if no remaining image needs it (<see cref="DeletionQueue"/>). A missing image counts as deleted.
    /// </summary>
    /// <param name="groups">Each group is deleted in its order. Groups run in any order and concurrently.</param>
    /// <returns>The result of each image, call by call, so that an interrupted caller knows what was deleted.</returns>
    IAsyncEnumerable<Deletion> DeleteAsync(
        string region, string repository, IReadOnlyList<IReadOnlyList<DeletionTarget>> groups, CancellationToken cancellationToken);
}
