using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Automation.LocalCloud.Storage;

/// <summary>Writes numbered rows through to the store for an owner that keeps them itself, as lists. A <see cref="Table{T}"/> would hold each of them
/// a second time, under a key of its own.</summary>
/// <param name="name">Unique among all tables.</param>
internal sealed class RowWriter<T>(string name, ICloudStore store, Func<JsonTypeInfo<T>> json)
    where T : class
{
    private readonly bool _durable = store.KeepsRows;

    /// <returns>What was stored before, by <c>owner#number</c>.</returns>
    public IEnumerable<KeyValuePair<string, T>> Load() =>
        store.Load(name).Select(row => KeyValuePair.Create(row.Key, JsonSerializer.Deserialize(row.Json, json())!));

    public void Set(string owner, long number, T row)
    {
        if (_durable)
        {
            store.Set(name, Key(owner, number), JsonSerializer.Serialize(row, json()));
        }
    }

    public void Remove(string owner, long number) => store.Remove(name, Key(owner, number));

    private static string Key(string owner, long number) => string.Create(CultureInfo.InvariantCulture, $"{owner}#{number}");
}
