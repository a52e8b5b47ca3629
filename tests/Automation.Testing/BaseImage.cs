using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;

namespace Automation.Testing;

/// <summary>A small OCI image with real digests, pushed like any client does: blobs first, the manifest last.</summary>
internal static class BaseImage
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    /// <param name="tag">Null means only by digest.</param>
    /// <param name="release">The content; another release has another digest.</param>
    /// <param name="subject">The image that it refers to, such as the signed image of a signature.</param>
    /// <returns>The digest of the manifest.</returns>
    public static async Task<string> PushAsync(IAmazonECR ecr, string repository, string? tag, string release, string architecture = "amd64", JsonObject? subject = null)
    {
        var tar = Tar(release);
        var layer = Gzip(tar);
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["config"] = new JsonObject(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(tar)) },
        }.ToJsonString());
        await UploadAsync(ecr, repository, layer);
        await UploadAsync(ecr, repository, config);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
        };
        if (subject is not null)
        {
            manifest["subject"] = subject;
        }

        return await PutAsync(ecr, repository, tag, manifest, ManifestType);
    }

    /// <summary>An image for two architectures: its children by digest first, the index with the tag last.</summary>
    public static async Task<string> PushIndexAsync(IAmazonECR ecr, string repository, string tag, string release)
    {
        var manifests = new JsonArray();
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var digest = await PushAsync(ecr, repository, null, release, architecture);
            manifests.Add(new JsonObject
            {
                ["mediaType"] = ManifestType,
                ["digest"] = digest,
                ["size"] = 500,
                ["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture },
            });
        }

        return await PutAsync(ecr, repository, tag, new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = IndexType, ["manifests"] = manifests }, IndexType);
    }

    private static async Task<string> PutAsync(IAmazonECR ecr, string repository, string? tag, JsonObject manifest, string mediaType) =>
        (await ecr.PutImageAsync(new PutImageRequest
        {
            RepositoryName = repository,
            ImageManifest = manifest.ToJsonString(),
            ImageManifestMediaType = mediaType,
            ImageTag = tag,
        })).Image.ImageId.ImageDigest;

    /// <returns>The digest of the content.</returns>
    public static async Task<string> UploadAsync(IAmazonECR ecr, string repository, byte[] content)
    {
        var upload = await ecr.InitiateLayerUploadAsync(new InitiateLayerUploadRequest { RepositoryName = repository });
        using var blob = new MemoryStream(content);
        await ecr.UploadLayerPartAsync(new UploadLayerPartRequest
        {
            RepositoryName = repository,
            UploadId = upload.UploadId,
            PartFirstByte = 0,
            PartLastByte = content.Length - 1,
            LayerPartBlob = blob,
        });
        try
        {
            await ecr.CompleteLayerUploadAsync(
                new CompleteLayerUploadRequest { RepositoryName = repository, UploadId = upload.UploadId, LayerDigests = [Digest(content)] });
        }
        catch (LayerAlreadyExistsException)
        {
            // An earlier push has uploaded the same bytes.
        }

        return Digest(content);
    }

    private static JsonObject Descriptor(string mediaType, byte[] content) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digest(content), ["size"] = content.Length };

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    private static byte[] Tar(string release)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            using var data = new MemoryStream(Encoding.UTF8.GetBytes($"VERSION=\"{release}\"\n"));
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "etc/os-release") { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch });
        }

        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}
