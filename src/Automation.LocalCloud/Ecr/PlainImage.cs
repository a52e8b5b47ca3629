using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Ecr;

/// <summary>An OCI image for linux/amd64 with one file. The same content gives the same bytes.</summary>
internal sealed record PlainImage(byte[] Manifest, byte[] Config, byte[] Layer)
{
    public static PlainImage Of(string content)
    {
        var (tar, layer) = Pack([("upstream/content", content)]);
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(EcrState.DigestOf(tar)) },
            ["history"] = new JsonArray(),
        }.ToJsonString());
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
        };
        return new PlainImage(Encoding.UTF8.GetBytes(manifest.ToJsonString()), config, layer);
    }

    /// <summary>A layer with the files, uncompressed and compressed.</summary>
    public static (byte[] Tar, byte[] Compressed) Pack(IEnumerable<(string Path, string Text)> files)
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
        new() { ["mediaType"] = mediaType, ["size"] = content.Length, ["digest"] = EcrState.DigestOf(content) };
}
