using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>The contents of one Region's repository and its users.</summary>
public sealed record RetentionFacts
{
    public required ImageSpec Image { get; init; }

    public required string Region { get; init; }

    /// <summary>False if the image is not promoted to this Region, so that it has only the records.</summary>
    public bool HasRepository { get; init; } = true;

    /// <summary>All manifests in the repository: indexes, their children, signatures, untagged leftovers.</summary>
    public IReadOnlyList<StoredImage> Images { get; init; } = [];

    /// <summary>All build versions of the image across all recipe versions.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    /// <summary>The same builds, read again right before a deletion because a release or rollback may have begun since; null if not read again.
    /// They can only keep more.</summary>
    public IReadOnlyList<BuildRecord>? BuildsNow { get; init; }

    /// <summary>The hold on the pipeline. While it is set, a rolled-back build may be promoted again.</summary>
    public Hold? Hold { get; init; }

    /// <summary>The answers of all sources of usage.</summary>
    public IReadOnlyList<Usage> Usages { get; init; } = [];

    /// <summary>Why a source of usage cannot answer, so that nothing is deleted; null if all can.</summary>
    public string? UsageUnknown { get; init; }

    /// <summary>Image Builder's answers about builds that the pipeline's records do not explain (<see cref="BuildLookups"/>).</summary>
    public BuildOwners Owners { get; init; } = BuildOwners.NotAsked;

    /// <summary>Whether this Region marks and deletes build records. That is the pipeline's own Region, after the images of every other Region.</summary>
    public bool OwnsRecords { get; init; } = true;

    /// <summary>The results of the other Regions' plans; used only in the Region with the records.</summary>
    public ImagesElsewhere Elsewhere { get; init; } = new();

    public required DateTimeOffset Now { get; init; }

    /// <summary>The current digests of these tags, if the repository has them. A table of all its tags would take more memory than its images.</summary>
    public Dictionary<string, Digest> DigestsOf(IReadOnlySet<string> tags)
    {
        var digests = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var image in tags.Count == 0 ? [] : Images)
        {
            foreach (var tag in image.Tags)
            {
                if (tags.Contains(tag))
                {
                    digests[tag] = image.Digest;
                }
            }
        }

        return digests;
    }
}
