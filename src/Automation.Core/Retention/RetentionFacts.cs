using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;

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

/// <summary>One manifest in the repository.</summary>
/// <param name="Subject">What a referrer (signature, SBOM) belongs to.</param>
/// <param name="Children">Of an index; null for a plain image, and for an index that could not be read.</param>
public sealed record StoredImage(
    Digest Digest,
    IReadOnlyList<string> Tags,
    DateTimeOffset PushedAt,
    DateTimeOffset? LastPulledAt = null,
    string? MediaType = null,
    Digest? Subject = null,
    IReadOnlyList<Digest>? Children = null)
{
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Whether the media type says that there are children; the caller has to fetch exactly these manifests.</summary>
    public bool IsIndex => MediaType is OciIndex or DockerIndex;

    /// <summary>Whether it may have children that nobody has named: an index that was not read, or something without a media type.</summary>
    public bool HasUnknownChildren => Children is null && (IsIndex || MediaType is null);
}
