using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>What one Region's repository holds, and who uses it.</summary>
public sealed record RetentionFacts
{
    public required ImageSpec Image { get; init; }

    public required string Region { get; init; }

    /// <summary>Everything in the repository: indexes, their children, signatures, untagged leftovers.</summary>
    public IReadOnlyList<StoredImage> Images { get; init; } = [];

    /// <summary>All build versions of the image over all recipe versions.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    public IReadOnlyList<Usage> Usages { get; init; } = [];

    /// <summary>False when any source of usages could not be read: then nothing is deleted.</summary>
    public bool UsageKnown { get; init; } = true;

    /// <summary>Whether build records are deleted here: in the pipeline's own Region, after the images of every other Region.</summary>
    public bool OwnsRecords { get; init; } = true;

    public required DateTimeOffset Now { get; init; }
}

/// <summary>One manifest in the repository.</summary>
/// <param name="Subject">What a referrer (signature, SBOM) belongs to.</param>
/// <param name="Children">Of an index; empty for a plain image; null: an index that could not be read.</param>
public sealed record StoredImage(
    Digest Digest,
    IReadOnlyList<string> Tags,
    DateTimeOffset PushedAt,
    DateTimeOffset? LastPulledAt = null,
    string? MediaType = null,
    Digest? Subject = null,
    IReadOnlyList<Digest>? Children = null)
{
    /// <summary>Whether the media type says that there are children.</summary>
    public bool IsIndex => MediaType is "application/vnd.oci.image.index.v1+json" or "application/vnd.docker.distribution.manifest.list.v2+json";
}

/// <summary>Something that uses an image of the repository: by digest, or by a tag that is resolved now.</summary>
/// <param name="Reference">A reference into the repository; other repositories are passed over.</param>
/// <param name="UsedBy">For people: <c>container recipe app 1.0.0</c>.</param>
public sealed record Usage(ImageReference Reference, string UsedBy);

public enum PruneAction
{
    Keep,

    /// <summary>Mark as superseded now; deleted after the grace days.</summary>
    Supersede,

    Delete,
}

/// <summary>One thing and what becomes of it: an ECR image, a build record, or a build with its image.</summary>
/// <param name="Digest">Null for a record without image.</param>
/// <param name="Tags">As read; to be compared right before a delete.</param>
/// <param name="RecordArn">The Image Builder record that goes with it, last; null for an image without record.</param>
/// <param name="Unmark">The mark "superseded" on the record is to be taken away, because it is kept again.</param>
public sealed record PruneItem(
    PruneAction Action,
    Digest? Digest,
    IReadOnlyList<string> Tags,
    string? RecordArn,
    ImageVersion? Version,
    IReadOnlyList<Reason> Reasons,
    bool Unmark = false);

/// <summary>The brake: why the run may delete nothing.</summary>
public sealed record Brake(bool Stopped, Reason? Reason);

public sealed record PruneCounts(int Keep, int Supersede, int Delete, int DeleteImages, int DeleteRecords);

/// <summary>Ordered: deletes first (indexes and whatever else has children, then the rest, records last of all), then marks, then keeps.</summary>
/// <param name="Execute">False: stop after the plan (report mode, or the brake).</param>
public sealed record PrunePlan(
    string Image,
    string Region,
    IReadOnlyList<PruneItem> Items,
    Brake Brake,
    PruneCounts Counts,
    bool Execute);
