using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Automation.LocalCloud.ImageBuilder;

/// <param name="Name">As the package manager writes it.</param>
internal sealed record InstalledPackage(string Name, string Version);

/// <summary>
/// The packages that dpkg (Debian, Ubuntu, distroless) and apk (Alpine) record in the files of an image. rpm's database is binary and is not read.
/// https://man7.org/linux/man-pages/man1/dpkg.1.html, https://wiki.alpinelinux.org/wiki/Apk_spec
/// </summary>
internal static class PackageDatabase
{
    private const string Dpkg = "var/lib/dpkg/status";
    private const string Distroless = "var/lib/dpkg/status.d/";
    private const string Apk = "lib/apk/db/installed";

    /// <summary>A file that removes another one of a lower layer, and one that removes all files of its folder there.
    /// https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts</summary>
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    /// <summary>The databases of large images have a few megabytes.</summary>
    private const int MaxFileSize = 32 * 1024 * 1024;

    /// <param name="layers">The layers in the order of the manifest: tar archives, plain or compressed with gzip. Others count as empty.</param>
    public static IReadOnlyList<InstalledPackage> Read(IEnumerable<ReadOnlyMemory<byte>> layers)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            var (removed, found) = ReadLayer(layer);
            foreach (var path in files.Keys.Where(path => removed.Any(gone => IsIn(gone, path))).ToList())
            {
                files.Remove(path);
            }

            foreach (var (path, text) in found)
            {
                files[path] = text;
            }
        }

        return [.. files.SelectMany(file => Parse(file.Key, file.Value)).Distinct()
            .OrderBy(package => package.Name, StringComparer.Ordinal).ThenBy(package => package.Version, StringComparer.Ordinal)];
    }

    private static (HashSet<string> Removed, Dictionary<string, string> Found) ReadLayer(ReadOnlyMemory<byte> layer)
    {
        var removed = new HashSet<string>(StringComparer.Ordinal);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var packed = new MemoryStream(layer.ToArray(), writable: false);
            using Stream plain = layer.Span is [0x1F, 0x8B, ..] ? new GZipStream(packed, CompressionMode.Decompress) : packed;
            using var tar = new TarReader(plain);
            while (tar.GetNextEntry() is { } entry)
            {
                var path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name.TrimStart('/');
                var (folder, name) = path.LastIndexOf('/') is var slash and >= 0 ? (path[..slash], path[(slash + 1)..]) : ("", path);
                if (name == Opaque)
                {
                    removed.Add(folder);
                }
                else if (name.StartsWith(Whiteout, StringComparison.Ordinal))
                {
                    removed.Add($"{folder}/{name[Whiteout.Length..]}".TrimStart('/'));
                }
                else if (IsDatabase(path) && entry is { DataStream: { } data, Length: <= MaxFileSize })
                {
                    using var reader = new StreamReader(data, Encoding.UTF8);
                    found[path] = reader.ReadToEnd();
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            // Not such an archive. A registry stores any bytes as a layer.
        }

        return (removed, found);
    }

    private static bool IsIn(string folder, string path) =>
        folder.Length == 0 || path == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal);

    private static bool IsDatabase(string path) => path is Dpkg or Apk
        || (path.StartsWith(Distroless, StringComparison.Ordinal) && !path.EndsWith(".md5sums", StringComparison.Ordinal));

    // dpkg:  Package: libc6 ⏎ Status: install ok installed ⏎ Version: 2.36-9+deb12u7 ⏎⏎      (a removed package keeps "deinstall ok config-files")
    // apk:   P:musl ⏎ V:1.2.5-r0 ⏎⏎
    private static IEnumerable<InstalledPackage> Parse(string path, string text)
    {
        var (nameKey, versionKey) = path == Apk ? ("P:", "V:") : ("Package:", "Version:");
        string? name = null, version = null;
        var isInstalled = true;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Append(""))
        {
            if (line.Length == 0)
            {
                if (isInstalled && name is { Length: > 0 } && version is { Length: > 0 })
                {
                    yield return new InstalledPackage(name, version);
                }

                (name, version, isInstalled) = (null, null, true);
            }
            else if (line.StartsWith(nameKey, StringComparison.Ordinal))
            {
                name = line[nameKey.Length..].Trim();
            }
            else if (line.StartsWith(versionKey, StringComparison.Ordinal))
            {
                version = line[versionKey.Length..].Trim();
            }
            else if (line.StartsWith("Status:", StringComparison.Ordinal))
            {
                isInstalled = line.EndsWith(" installed", StringComparison.Ordinal);
            }
        }
    }
}
