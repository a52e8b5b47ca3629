using System.Collections;
using System.Text.Json;

namespace Automation.LocalCloud.Storage;

/// <summary>Where the cloud's state is kept: in memory, or in a folder that survives the process.</summary>
public interface ICloudStore : IDisposable
{
    IEnumerable<(string Key, string Json)> Load(string table);

    void Set(string table, string key, string json);

    void Remove(string table, string key);

    /// <param name="digest">Such as <c>sha256:…</c>.</param>
    bool HasBlob(string digest);

    ReadOnlyMemory<byte>? ReadBlob(string digest);

    void WriteBlob(string digest, ReadOnlyMemory<byte> content);

    void RemoveBlob(string digest);

    /// <summary>Removes every blob but these: what a kill between a blob and the row that was to name it, or the other way round, has left.</summary>
    void KeepOnly(IReadOnlySet<string> digests);

    /// <summary>Makes everything since the last call durable. The cloud calls it before it answers a request.</summary>
    void Commit();
}

/// <summary>Keeps blobs in memory and records nowhere but in their tables.</summary>
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

    // A copy: the content may be a slice of a request's larger buffer.
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

/// <summary>
/// The records of one kind, by key. All state of all services that must survive a restart lives in tables of immutable
/// records: a change is a new record that is set, so nothing can change without being written through to the store.
/// </summary>
public sealed class Table<T> : IEnumerable<KeyValuePair<string, T>>
    where T : class
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { MaxDepth = 512 };
    private readonly Dictionary<string, T> _rows = new(StringComparer.Ordinal);
    private readonly string _name;
    private readonly ICloudStore _store;
    private readonly bool _durable;

    /// <param name="name">Unique among all tables, such as <c>ecr.images</c>.</param>
    public Table(string name, ICloudStore store)
    {
        _name = name;
        _store = store;
        _durable = store is not MemoryStore;
        foreach (var (key, json) in store.Load(name))
        {
            _rows[key] = JsonSerializer.Deserialize<T>(json, Json)!;
        }
    }

    public int Count => _rows.Count;

    /// <summary>Counts changes: as long as it stays, what was derived from the rows holds.</summary>
    public long Revision { get; private set; }

    public IEnumerable<T> Values => _rows.Values;

    public T? Find(string key) => _rows.GetValueOrDefault(key);

    public void Set(string key, T value)
    {
        _rows[key] = value;
        Revision++;
        if (_durable)
        {
            _store.Set(_name, key, JsonSerializer.Serialize(value, Json));
        }
    }

    public bool Remove(string key)
    {
        if (!_rows.Remove(key))
        {
            return false;
        }

        Revision++;
        _store.Remove(_name, key);
        return true;
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
