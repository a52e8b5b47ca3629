namespace Automation.LocalCloud.Storage;

/// <summary>Keeps blobs in memory. Usually the rows exist only in their tables.</summary>
/// <param name="keepsRows">Whether another cloud can start from the state of this one, either on this store after this cloud has ended, or on a copy.</param>
public sealed class MemoryStore(bool keepsRows = false) : ICloudStore
{
    private readonly Dictionary<string, Dictionary<string, string>> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _blobs = new(StringComparer.Ordinal);

    public bool KeepsRows => keepsRows;

    /// <summary>A copy of this store, which does not keep rows itself.</summary>
    /// <exception cref="InvalidOperationException">This store keeps no rows.</exception>
    public MemoryStore Copy()
    {
        var copy = new MemoryStore();
        foreach (var (table, rows) in keepsRows ? _rows : throw new InvalidOperationException("This store keeps no rows."))
        {
            copy._rows.Add(table, new Dictionary<string, string>(rows, StringComparer.Ordinal));
        }

        foreach (var (digest, blob) in _blobs)
        {
            copy._blobs.Add(digest, blob);
        }

        return copy;
    }

    /// <summary>Replaces names in all keys and rows, the longest first.</summary>
    internal void Rewrite(IEnumerable<(string Old, string New)> names)
    {
        var ordered = names.Where(name => name.Old != name.New).OrderByDescending(name => name.Old.Length).ToList();
        foreach (var table in ordered.Count == 0 ? [] : _rows.Keys.ToList())
        {
            _rows[table] = _rows[table].ToDictionary(row => Renamed(row.Key), row => Renamed(row.Value), StringComparer.Ordinal);
        }

        string Renamed(string text) => ordered.Aggregate(text, (renamed, name) => renamed.Replace(name.Old, name.New, StringComparison.Ordinal));
    }

    public IEnumerable<(string Key, string Json)> Load(string table) =>
        _rows.TryGetValue(table, out var rows) ? rows.Select(row => (row.Key, row.Value)) : [];

    public void Set(string table, string key, string json)
    {
        if (!_rows.TryGetValue(table, out var rows))
        {
            _rows.Add(table, rows = new Dictionary<string, string>(StringComparer.Ordinal));
        }

        rows[key] = json;
    }

    public void Remove(string table, string key) => _rows.GetValueOrDefault(table)?.Remove(key);

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
