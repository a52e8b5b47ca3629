namespace Automation.Core.Images;

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
