namespace Automation.Core.Images;

/// <summary>One manifest in a repository.</summary>
/// <param name="Subject">The image that a referrer (signature, SBOM) belongs to; null for other manifests.</param>
/// <param name="Children">The children of an index; null for a plain image, and for an index that could not be read.</param>
public sealed record StoredImage(
    Digest Digest,
    IReadOnlyList<string> Tags,
    DateTimeOffset PushedAt,
    DateTimeOffset? LastPulledAt = null,
    string? MediaType = null,
    Digest? Subject = null,
    IReadOnlyList<Digest>? Children = null)
{
    private const long Never = -1;
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";

    // Ticks take half of the space, and retention holds a hundred thousand images.
    private readonly long _pushedAt = PushedAt.UtcTicks;
    private readonly long _lastPulledAt = LastPulledAt?.UtcTicks ?? Never;

    public DateTimeOffset PushedAt { get => new(_pushedAt, TimeSpan.Zero); init => _pushedAt = value.UtcTicks; }

    public DateTimeOffset? LastPulledAt
    {
        get =>
        _lastPulledAt == Never ? null : new(_lastPulledAt, TimeSpan.Zero); init => _lastPulledAt = value?.UtcTicks ?? Never;
    }

    /// <summary>The size of its layers, compressed, as ECR reports it; 0 for an index, whose children have the layers. Images share layers, so their
    /// sum is more than the repository stores. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html</summary>
    public long Bytes { get; init; }

    /// <summary>Whether the media type is that of an index. The caller fetches exactly these manifests to find their children.</summary>
    public bool IsIndex => MediaType is OciIndex or DockerIndex;

    /// <summary>Whether the manifest may have children that are not known: an index that was not read, or a manifest without a media type.</summary>
    public bool HasUnknownChildren => Children is null && (IsIndex || MediaType is null);
}
