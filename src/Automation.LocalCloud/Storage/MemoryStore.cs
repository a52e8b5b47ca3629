namespace Automation.LocalCloud.Storage;

/// <summary>Keeps blobs in memory; the rows exist only in their tables.</summary>
public sealed class MemoryStore : ICloudStore
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _blobs = new(StringComparer.Ordinal);

    public IEnumerable<(string Key, string Json)> Load(string table) => [];

    public void Set(string table, string key, string json)
    {
    }

    public void Remove(string table, string key)
    {
    }

    public bool HasBlob(string digest) => _blobs.ContainsKey(digest);

    public ReadOnlyMemory<byte>? ReadBlob(string digest) => _blobs.TryGetValue(digest, out var blob) ? blob : default(ReadOnlyMemory<byte>?);

    // A copy, because the content may be a slice of a request's larger buffer.
    public void WriteBlob(string digest, ReadOnlyMemory<byte> content) => _blobs[digest] = content.ToArray();

    public void RemoveBlob(string digest) => _blobs.Remove(digest);

    public void KeepOnly(IReadOnlySet<string> digests)
    {
        foreach (var orphan in _blobs.Keys.Where(digest => !digests.Contains(digest)).ToArray())
        {
            _blobs.Remove(orphan);
        }
    }

    public void Commit()
    {
    }

    public void Dispose()
    {
    }
}
