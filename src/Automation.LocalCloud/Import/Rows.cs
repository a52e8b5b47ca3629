using System.Text.Json;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Import;

/// <summary>The rows of a store, by table and key.</summary>
internal sealed class Rows(MemoryStore store)
{
    public MemoryStore Store => store;

    public void Set<T>(string table, string key, T row)
        where T : class => store.Set(table, key, JsonSerializer.Serialize(row, Table<T>.Json));

    public T? Find<T>(string table, string key)
        where T : class =>
        store.Load(table).Where(row => row.Key == key).Select(row => JsonSerializer.Deserialize<T>(row.Json, Table<T>.Json)).FirstOrDefault();

    public IReadOnlyList<KeyValuePair<string, T>> Load<T>(string table)
        where T : class => [.. store.Load(table).Select(row => KeyValuePair.Create(row.Key, JsonSerializer.Deserialize<T>(row.Json, Table<T>.Json)!))];

    public void Clear(string table, Func<string, bool> fits)
    {
        foreach (var (key, _) in store.Load(table).Where(row => fits(row.Key)).ToList())
        {
            store.Remove(table, key);
        }
    }
}
