namespace Automation.LocalCloud.Common;

/// <summary>The manifest formats that the registry accepts.</summary>
internal static class MediaTypes
{
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";

    public static bool IsIndex(string mediaType) => mediaType is DockerList or OciIndex;

    public static bool IsManifest(string mediaType) => mediaType is DockerManifest or OciManifest;

    /// <summary>Whether a config belongs to a runnable image, which scanners understand.</summary>
    public static bool IsImageConfig(string? mediaType) =>
        mediaType is "application/vnd.docker.container.image.v1+json" or "application/vnd.oci.image.config.v1+json";
}
