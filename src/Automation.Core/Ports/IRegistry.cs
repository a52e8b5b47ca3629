using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Core.Ports;

/// <summary>What the automation needs of ECR, in any Region of the account. Failures are <see cref="AutomationException"/>s.</summary>
public interface IRegistry
{
    /// <summary>The image that a tag or a digest names now; null when repository or image is not there.</summary>
    Task<TaggedImage?> FindAsync(string region, string repository, string tagOrDigest, CancellationToken cancellationToken);

    /// <summary>Mutability, and where the given tags stand.</summary>
    Task<RepositoryFacts> ReadRepositoryAsync(string region, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken);

    /// <summary>The tags of images; an image that is not there has no entry, and without the repository none has.</summary>
    Task<IReadOnlyDictionary<Digest, IReadOnlyList<string>>> ReadTagsAsync(
        string region, string repository, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>What was pushed to be built on or copied from: all images but signatures and attestations. Empty when there is no such repository;
    /// reads no manifest.</summary>
    Task<IReadOnlyList<TaggedImage>> ListPushesAsync(string region, string repository, CancellationToken cancellationToken);

    /// <summary>All images of a repository, indexes with their children; null when there is no such repository.</summary>
    Task<IReadOnlyList<StoredImage>?> ListImagesAsync(string region, string repository, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a tag on a digest: the manifest is read by digest, checked against it, put back byte for byte, and the tag is read back.
    /// </summary>
    /// <exception cref="TagConflictException">The repository holds the tag fast on another digest.</exception>
    /// <exception cref="TransientException">It was put, and somebody else has moved it since: what it should be now is to be planned again.</exception>
    Task PutTagAsync(string region, string repository, Digest digest, string tag, CancellationToken cancellationToken);

    /// <summary>All findings of an image's scan; null when it was never scanned.</summary>
    Task<ScanFacts?> ReadScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>The rules under which the Region's registry fetches images from other registries.</summary>
    Task<IReadOnlyList<PullThroughRule>> ListCacheRulesAsync(string region, CancellationToken cancellationToken);

    /// <summary>Pulls a tag, which makes ECR look upstream where a rule covers the repository and the last look was long enough ago.</summary>
    Task<PulledImage> PullAsync(string region, string repository, string tag, CancellationToken cancellationToken);

    /// <summary>How the Region's registry scans images.</summary>
    Task<RegistryScanning> ReadScanningAsync(string region, CancellationToken cancellationToken);

    /// <summary>Starts a basic scan of an image; of an index, of each image it lists that has no scan.</summary>
    Task<ScanStart> StartScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes images with their tags, provided that each still carries exactly the tags it was planned with, which are read right before;
    /// and never an image that one which stays needs (<see cref="DeletionQueue"/>). An image that is not there any more counts as deleted.
    /// </summary>
    /// <param name="groups">Each in its order; the groups in any order, several at the same time.</param>
    /// <returns>What became of each, call by call: whoever is cut off knows what is gone.</returns>
    IAsyncEnumerable<Deletion> DeleteAsync(
        string region, string repository, IReadOnlyList<IReadOnlyList<DeletionTarget>> groups, CancellationToken cancellationToken);
}
