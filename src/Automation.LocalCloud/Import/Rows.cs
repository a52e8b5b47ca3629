using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Import;

/// <summary>The rows of a store, by table and key.</summary>
internal sealed class Rows(MemoryStore store)
{
    public MemoryStore Store => store;

    public void Set<T>(string table, string key, T row, JsonTypeInfo<T> json)
        where T : class => store.Set(table, key, JsonSerializer.Serialize(row, json));

    public T? Find<T>(string table, string key, JsonTypeInfo<T> json)
        where T : class =>
        store.Load(table).Where(row => row.Key == key).Select(row => JsonSerializer.Deserialize(row.Json, json)).FirstOrDefault();

    public IReadOnlyList<KeyValuePair<string, T>> Load<T>(string table, JsonTypeInfo<T> json)
        where T : class => [.. store.Load(table).Select(row => KeyValuePair.Create(row.Key, JsonSerializer.Deserialize(row.Json, json)!))];

    public void Clear(string table, Func<string, bool> fits)
    {
        foreach (var (key, _) in store.Load(table).Where(row => fits(row.Key)).ToList())
        {
            store.Remove(table, key);
        }
    }
}
