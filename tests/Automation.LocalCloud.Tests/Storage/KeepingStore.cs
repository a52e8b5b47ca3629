using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Tests.Storage;

/// <summary>Keeps everything over several clouds, like a store on disk but in memory.</summary>
internal sealed class KeepingStore : ICloudStore
{
    private readonly Dictionary<(string Table, string Key), string> _rows = [];
    private readonly MemoryStore _blobs = new();

    public IEnumerable<(string Key, string Json)> Load(string table) =>
        [.. _rows.Where(row => row.Key.Table == table).Select(row => (row.Key.Key, row.Value))];

    public void Set(string table, string key, string json) => _rows[(table, key)] = json;

    public void Remove(string table, string key) => _rows.Remove((table, key));

    public bool HasBlob(string digest) => _blobs.HasBlob(digest);

    public ReadOnlyMemory<byte>? ReadBlob(string digest) => _blobs.ReadBlob(digest);

    public void WriteBlob(string digest, ReadOnlyMemory<byte> content) => _blobs.WriteBlob(digest, content);

    public void RemoveBlob(string digest) => _blobs.RemoveBlob(digest);

    public void KeepOnly(IReadOnlySet<string> digests) => _blobs.KeepOnly(digests);

    public void Commit()
    {
    }

    // The clouds dispose it, and the next one opens it again; it keeps its contents.
    public void Dispose() => _blobs.Dispose();
}
