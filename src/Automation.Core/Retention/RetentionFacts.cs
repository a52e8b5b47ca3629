using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>What one Region's repository holds, and who uses it.</summary>
public sealed record RetentionFacts
{
    public required ImageSpec Image { get; init; }

    public required string Region { get; init; }

    /// <summary>False where the image is not promoted to: then there are only the records here.</summary>
    public bool HasRepository { get; init; } = true;

    /// <summary>Everything in the repository: indexes, their children, signatures, untagged leftovers.</summary>
    public IReadOnlyList<StoredImage> Images { get; init; } = [];

    /// <summary>All build versions of the image over all recipe versions.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    /// <summary>The same read again right before something is deleted, because a release or rollback may have begun since; null: not read again.
    /// Only what it keeps counts.</summary>
    public IReadOnlyList<BuildRecord>? BuildsNow { get; init; }

    /// <summary>On the pipeline: while it stands, what was taken back may be asked for again.</summary>
    public Hold? Hold { get; init; }

    /// <summary>What all sources of usage say.</summary>
    public IReadOnlyList<Usage> Usages { get; init; } = [];

    /// <summary>Why a source of usage cannot tell: then nothing is deleted. Null when all of them know.</summary>
    public string? UsageUnknown { get; init; }

    /// <summary>What Image Builder says about builds that the pipeline's records do not explain; asked for are those of <see cref="BuildLookups"/>.</summary>
    public BuildOwners Owners { get; init; } = BuildOwners.NotAsked;

    /// <summary>Whether build records are marked and deleted here: in the pipeline's own Region, after the images of every other Region.</summary>
    public bool OwnsRecords { get; init; } = true;

    /// <summary>What the other Regions' plans came to; only read where the records are.</summary>
    public ImagesElsewhere Elsewhere { get; init; } = new();

    public required DateTimeOffset Now { get; init; }

    /// <summary>What each tag of the repository names now.</summary>
    public Dictionary<string, Digest> DigestsByTag()
    {
        var digests = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var image in Images)
        {
            foreach (var tag in image.Tags)
            {
                digests[tag] = image.Digest;
            }
        }

        return digests;
    }
}
