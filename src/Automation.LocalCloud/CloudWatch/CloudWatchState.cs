using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>The alarms of all Regions. They never run actions, because the embedded cloud has no data for most metrics.</summary>
internal sealed class CloudWatchState(Engine engine)
{
    private readonly Table<Alarm> _alarms = new("cloudwatch.alarms", engine.Store, () => CloudWatchJson.Default.Alarm);

    public IReadOnlyList<Alarm> In(string region) => [
        .. _alarms.Values.Where(alarm => alarm.Region == region).OrderBy(alarm => alarm.Name, StringComparer.Ordinal)
    ];

    public Alarm? Find(string region, string name) => _alarms.Find(Key(region, name));

    public Alarm Put(string region, string name, JsonObject settings)
    {
        var arn = new Arn("cloudwatch", region, engine.Options.AccountId, $"alarm:{name}").ToString();
        var alarm = new Alarm(region, name, arn, settings, engine.Clock.Now);
        _alarms.Set(Key(region, name), alarm);
        return alarm;
    }

    public bool Remove(string region, string name) => _alarms.Remove(Key(region, name));

    private static string Key(string region, string name) => $"{region}/{name}";
}
