using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Automation.LocalCloud.Storage;

/// <summary>
/// The records of one kind, by key. All state that must survive a restart is in tables of immutable
/// records: a change sets a new record, so every change is written to the store.
/// </summary>
public sealed class Table<T> : IEnumerable<KeyValuePair<string, T>>
    where T : class
{
    private readonly string _name;
    private readonly ICloudStore _store;
    private readonly Func<JsonTypeInfo<T>> _json;
    private readonly bool _durable;
    private Dictionary<string, T>? _rows;

    /// <param name="name">Unique among all tables, such as <c>ecr.images</c>.</param>
    /// <param name="json">
    /// How a row is stored. Generated code assigns every init-only member, also one that an older row lacks. So a member with a default value has a setter.
    /// It is called when a row is read or written, because a cloud in memory does neither. The descriptions of all rows took half of the cloud's start.
    /// </param>
    public Table(string name, ICloudStore store, Func<JsonTypeInfo<T>> json)
    {
        _name = name;
        _store = store;
        _json = json;
        _durable = store.KeepsRows;
        if (_durable)
        {
            // A row that cannot be read must stop the start, not a later request.
            _rows = Load();
        }
    }

    public int Count => Rows.Count;

    /// <summary>Counts changes. While it is the same, values derived from the rows stay valid.</summary>
    public long Revision { get; private set; }

    /// <summary>Called with the key and the new row, or the removed one.</summary>
    internal Action<string, T>? Changed { get; set; }

    public IEnumerable<T> Values => Rows.Values;

    // A copy of a deployed cloud in memory reads a table when it first needs it: few histories need the stacks and templates of CloudFormation.
    private Dictionary<string, T> Rows => _rows ??= Load();

    public T? Find(string key) => Rows.GetValueOrDefault(key);

    public void Set(string key, T value)
    {
        Rows[key] = value;
        Revision++;
        Changed?.Invoke(key, value);
        if (_durable)
        {
            _store.Set(_name, key, JsonSerializer.Serialize(value, _json()));
        }
    }

    public bool Remove(string key)
    {
        if (!Rows.Remove(key, out var row))
        {
            return false;
        }

        Revision++;
        Changed?.Invoke(key, row);
        _store.Remove(_name, key);
        return true;
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => Rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Dictionary<string, T> Load()
    {
        var rows = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, text) in _store.Load(_name))
        {
            rows[key] = JsonSerializer.Deserialize(text, _json())!;
        }

        return rows;
    }
}
