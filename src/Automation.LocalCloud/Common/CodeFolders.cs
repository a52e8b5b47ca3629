using System.IO.Compression;
using System.Security.Cryptography;

namespace Automation.LocalCloud.Common;

/// <summary>Folders with the unpacked code of zips. Each zip is unpacked once; the folders are removed with the cloud.</summary>
public sealed class CodeFolders : IDisposable
{
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private string? _root;

    /// <summary>The folder of a zip; null if this cloud has not unpacked it yet.</summary>
    /// <param name="digest">The digest <c>sha256:…</c> of the zip.</param>
    public string? Find(string digest) => _folders.GetValueOrDefault(digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    /// <exception cref="InvalidDataException">The bytes are not a zip, or an entry points outside the folder.</exception>
    public string Unpack(ReadOnlyMemory<byte> zip)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(zip.Span));
        if (_folders.TryGetValue(digest, out var known))
        {
            return known;
        }

        _root ??= Directory.CreateTempSubdirectory("automation-code-").FullName;
        var folder = Path.Combine(_root, digest);
        using var stream = new MemoryStream(zip.ToArray());
        try
        {
            ZipFile.ExtractToDirectory(stream, folder);
        }
        catch (IOException e)
        {
            throw new InvalidDataException($"The zip cannot be unpacked: {e.Message}", e);
        }

        // Zips created on Windows have no file modes, and the entry point must be executable.
        var bootstrap = Path.Combine(folder, "bootstrap");
        if (!OperatingSystem.IsWindows() && File.Exists(bootstrap))
        {
            File.SetUnixFileMode(bootstrap, File.GetUnixFileMode(bootstrap) | UnixFileMode.UserExecute);
        }

        return _folders[digest] = folder;
    }

    public void Dispose()
    {
        if (_root is not null)
        {
            try
            {
                Directory.Delete(_root, recursive: true);
            }
            catch (IOException)
            {
                // A process may still hold a file. The folder is temporary.
            }
        }
    }
}
