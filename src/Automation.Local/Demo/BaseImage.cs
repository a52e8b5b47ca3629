using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;

namespace Automation.Local.Demo;

/// <summary>
/// A small but real OCI image (layer, config and manifest with real digests), pushed like any client does: layers first, the
/// manifest last.
/// </summary>
internal static class BaseImage
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    /// <param name="release">The content; another release has another digest.</param>
    /// <returns>The digest of the pushed manifest.</returns>
    public static async Task<string> PushAsync(IAmazonECR ecr, string repository, string tag, string release, DateTimeOffset created, CancellationToken cancellationToken)
    {
        var tar = Tar(("etc/os-release", $"NAME=\"Golden Linux\"\nVERSION=\"{release}\"\n"), ("var/lib/packages.list", $"openssl {release}\nglibc 2.41\n"));
        var layer = Gzip(tar);
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["created"] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Labels"] = new JsonObject { ["org.opencontainers.image.version"] = release } },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(tar)) },
        }.ToJsonString());
        await UploadAsync(ecr, repository, layer, cancellationToken);
        await UploadAsync(ecr, repository, config, cancellationToken);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
        }.ToJsonString();
        var response = await ecr.PutImageAsync(
            new PutImageRequest { RepositoryName = repository, ImageManifest = manifest, ImageManifestMediaType = ManifestType, ImageTag = tag },
            cancellationToken);
        return response.Image.ImageId.ImageDigest;
    }

    private static async Task UploadAsync(IAmazonECR ecr, string repository, byte[] content, CancellationToken cancellationToken)
    {
        var upload = await ecr.InitiateLayerUploadAsync(new InitiateLayerUploadRequest { RepositoryName = repository }, cancellationToken);
        using var blob = new MemoryStream(content);
        await ecr.UploadLayerPartAsync(
            new UploadLayerPartRequest
            {
                RepositoryName = repository,
                UploadId = upload.UploadId,
                PartFirstByte = 0,
                PartLastByte = content.Length - 1,
                LayerPartBlob = blob,
            },
            cancellationToken);
        try
        {
            await ecr.CompleteLayerUploadAsync(
                new CompleteLayerUploadRequest { RepositoryName = repository, UploadId = upload.UploadId, LayerDigests = [Digest(content)] },
                cancellationToken);
        }
        catch (LayerAlreadyExistsException)
        {
            // An earlier push has uploaded the same bytes.
        }
    }

    private static JsonObject Descriptor(string mediaType, byte[] content) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digest(content), ["size"] = content.Length };

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    private static byte[] Tar(params (string Name, string Text)[] files)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var data = new MemoryStream(Encoding.UTF8.GetBytes(text));
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch });
            }
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
