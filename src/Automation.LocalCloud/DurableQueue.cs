using System.Globalization;
using System.Text.Json;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>
/// What the cloud has promised and not done yet: events on their way, deliveries and their retries, asynchronous invocations. An entry
/// is in the store from when it was accepted until it was done, so a cloud that is opened again does what is left. What an entry
/// changes is committed together with its removal; only what runs outside of the cloud, a function, may happen twice.
/// </summary>
internal sealed class DurableQueue
{
    private readonly VirtualClock _clock;
    private readonly Table<Entry> _entries;
    private readonly Dictionary<string, Action<JsonElement, Action>> _topics = new(StringComparer.Ordinal);
    private long _last;

    public DurableQueue(VirtualClock clock, ICloudStore store)
    {
        _clock = clock;
        _entries = new Table<Entry>("cloud.agenda", store);
        _last = _entries.Select(row => long.Parse(row.Key, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
    }

    /// <summary>Says how entries of a topic are done.</summary>
    /// <param name="topic">Such as <c>sns.delivery</c>; it names entries in the store, so it does not change.</param>
    public void On<T>(string topic, Action<T> perform) => On<T>(topic, (what, done) =>
    {
        done();
        perform(what);
    });

    /// <summary>As above for what runs outside: the entry stays until the second argument is called.</summary>
    public void On<T>(string topic, Action<T, Action> perform) =>
        _topics.Add(topic, (what, done) => perform(what.Deserialize<T>(JsonSerializerOptions.Web)!, done));

    /// <summary>After everything that is due by then: entries with the same time are done in the order in which they were added.</summary>
    public void Add<T>(string topic, TimeSpan delay, string description, T what)
    {
        var key = (++_last).ToString("D18", CultureInfo.InvariantCulture);
        var entry = new Entry(topic, _clock.Now + delay, description, JsonSerializer.SerializeToElement(what, JsonSerializerOptions.Web));
        _entries.Set(key, entry);
        Arm(key, entry);
    }

    /// <summary>Takes up what an earlier cloud has left, once every topic is known.</summary>
    public void Resume()
    {
        foreach (var (key, entry) in _entries.OrderBy(row => row.Key, StringComparer.Ordinal))
        {
            Arm(key, entry);
        }
    }

    private void Arm(string key, Entry entry) => _clock.At(
        entry.Due, TimerKind.Work, entry.Description, () => _topics[entry.Topic](entry.What, () => _entries.Remove(key)));

    private sealed record Entry(string Topic, DateTimeOffset Due, string Description, JsonElement What);
}
