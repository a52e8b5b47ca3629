using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Local.Demo;
using Automation.LocalCloud.Common;

namespace Automation.Testing;

/// <summary>Pushes a small OCI image with real digests.</summary>
internal static class BaseImage
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    /// <param name="tag">Null to push only by digest.</param>
    /// <param name="release">The content; another release has another digest.</param>
    /// <param name="subject">The image that it refers to, such as the signed image of a signature.</param>
    /// <param name="packages">What Debian's package manager has installed; an image without any has no package database.</param>
    /// <returns>The digest of the manifest.</returns>
    public static Task<string> PushAsync(
        IAmazonECR ecr, string repository, string? tag, string release, string architecture = "amd64", JsonObject? subject = null,
        IReadOnlyList<(string Name, string Version)>? packages = null)
    {
        List<(string, string)> files = [("etc/os-release", $"VERSION=\"{release}\"\n")];
        if (packages is { Count: > 0 })
        {
            files.Add(("var/lib/dpkg/status", string.Concat(packages.Select(
                package => $"Package: {package.Name}\nStatus: install ok installed\nVersion: {package.Version}\n\n"))));
        }

        return ImagePush.PushAsync(ecr, repository, tag, OciImage.Of(files, architecture, subject: subject));
    }

    /// <summary>Puts a tag on an image that exists, as people do without the automation.</summary>
    /// <returns>The digest of the image.</returns>
    public static async Task<string> RetagAsync(IAmazonECR ecr, string repository, ImageIdentifier image, string tag)
    {
        var found = (await ecr.BatchGetImageAsync(new BatchGetImageRequest
        {
            RepositoryName = repository,
            ImageIds = [image],
            AcceptedMediaTypes = [OciImage.ManifestType, IndexType],
        })).Images[0];
        var put = await ecr.PutImageAsync(new PutImageRequest
        {
            RepositoryName = repository,
            ImageManifest = found.ImageManifest,
            ImageManifestMediaType = found.ImageManifestMediaType,
            ImageTag = tag,
        });
        return put.Image.ImageId.ImageDigest;
    }

    /// <summary>An image for two architectures: its children by digest first, the index with the tag last.</summary>
    public static async Task<string> PushIndexAsync(IAmazonECR ecr, string repository, string tag, string release)
    {
        var manifests = new JsonArray();
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            manifests.Add(new JsonObject
            {
                ["mediaType"] = OciImage.ManifestType,
                ["digest"] = await PushAsync(ecr, repository, null, release, architecture),
                ["size"] = 500,
                ["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture },
            });
        }

        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = IndexType, ["manifests"] = manifests };
        return await ImagePush.PutAsync(ecr, repository, tag, index.ToJsonString(), IndexType);
    }
}
