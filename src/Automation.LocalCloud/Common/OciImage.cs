using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Common;

/// <summary>A small but real OCI image with one layer: a manifest, a configuration and real digests. The same content gives the same bytes.</summary>
public sealed record OciImage(ReadOnlyMemory<byte> Manifest, ReadOnlyMemory<byte> Config, ReadOnlyMemory<byte> Layer)
{
    /// <summary>The media type of <see cref="Manifest"/>.</summary>
    public const string ManifestType = MediaTypes.OciManifest;

    /// <param name="files">Path and text of each file.</param>
    /// <param name="subject">The descriptor of the image that this one refers to, as a signature refers to what it signs.</param>
    public static OciImage Of(
        IEnumerable<(string Path, string Text)> files,
        string architecture = "amd64",
        DateTimeOffset? created = null,
        IReadOnlyDictionary<string, string>? labels = null,
        JsonObject? subject = null)
    {
        var (tar, layer) = Pack(files);
        var json = new JsonObject();
        if (created is { } time)
        {
            json["created"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        json["architecture"] = architecture;
        json["os"] = "linux";
        json["config"] = labels is null
            ? new JsonObject()
            : new JsonObject { ["Labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))) };
        json["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(DigestOf(tar)) };
        var config = Encoding.UTF8.GetBytes(json.ToJsonString());
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
        };
        if (subject is not null)
        {
            manifest["subject"] = subject.DeepClone();
        }

        return new OciImage(Encoding.UTF8.GetBytes(manifest.ToJsonString()), config, layer);
    }

    /// <summary>The digest of a manifest, a configuration or a layer.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>A layer with the files, plain and compressed.</summary>
    internal static (byte[] Tar, byte[] Compressed) Pack(IEnumerable<(string Path, string Text)> files)
    {
        using var plain = new MemoryStream();
        using (var writer = new TarWriter(plain, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (path, text) in files.DistinctBy(file => file.Path).OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
                {
                    Mode = (UnixFileMode)0b110_100_100,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = content,
                });
            }
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(plain.GetBuffer(), 0, (int)plain.Length);
        }

        return (plain.ToArray(), packed.ToArray());
    }

    private static JsonObject Descriptor(string mediaType, byte[] content) =>
        new() { ["mediaType"] = mediaType, ["digest"] = DigestOf(content), ["size"] = content.Length };
}
