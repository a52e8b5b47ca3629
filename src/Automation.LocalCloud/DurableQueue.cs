using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>
/// The work that the cloud has accepted and not completed: events in transit, deliveries and their retries, asynchronous invocations. An
/// entry is in the store from its acceptance until its completion, so a reopened cloud completes the rest. The changes that an entry
/// makes are committed together with its removal. Only work outside the cloud, a function, may happen twice.
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
        _entries = new Table<Entry>("cloud.queue", store, () => CloudJson.Default.Entry);
        _last = _entries.Select(row => long.Parse(row.Key, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
    }

    /// <summary>Registers the handler for the entries of a topic.</summary>
    /// <param name="topic">Such as <c>sns.delivery</c>. Entries in the store have this name, so it must not change.</param>
    public void On<T>(string topic, Func<JsonTypeInfo<T>> json, Action<T> perform) => On(topic, json, (what, done) =>
    {
        done();
        perform(what);
    });

    /// <summary>The same for work outside the cloud: the entry stays until the handler calls its second argument.</summary>
    public void On<T>(string topic, Func<JsonTypeInfo<T>> json, Action<T, Action> perform) =>
        _topics.Add(topic, (what, done) => perform(what.Deserialize(json())!, done));

    /// <summary>Runs after everything that is due by then. Entries with the same time run in the order in which they were added.</summary>
    public void Add<T>(string topic, TimeSpan delay, string description, T what, JsonTypeInfo<T> json)
    {
        var key = (++_last).ToString("D18", CultureInfo.InvariantCulture);
        var entry = new Entry(topic, _clock.Now + delay, description, JsonSerializer.SerializeToElement(what, json));
        _entries.Set(key, entry);
        Arm(key, entry);
    }

    /// <summary>Resumes the entries of a previous run, after every topic is registered.</summary>
    public void Resume()
    {
        foreach (var (key, entry) in _entries.OrderBy(row => row.Key, StringComparer.Ordinal))
        {
            Arm(key, entry);
        }
    }

    private void Arm(string key, Entry entry) => _clock.At(
        entry.Due, TimerKind.Work, entry.Description, () => _topics[entry.Topic](entry.What, () => _entries.Remove(key)));

    internal sealed record Entry(string Topic, DateTimeOffset Due, string Description, JsonElement What);
}
