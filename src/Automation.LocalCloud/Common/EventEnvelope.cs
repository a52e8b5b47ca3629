using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// A published event, in the envelope that targets receive.
/// <code>
/// {"version":"0","id":"…","detail-type":"ECR Image Action","source":"aws.ecr","account":"123456789012",
///  "time":"2026-01-05T08:00:00Z","region":"us-east-1","resources":[],"detail":{…}}
/// </code>
/// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
/// </summary>
/// <param name="Hops">How many buses forwarded it.</param>
internal sealed record EventEnvelope(string Id, string Json, DateTimeOffset Ingested, int Hops)
{
    private JsonElement? _parsed;

    [JsonIgnore]
    public JsonElement Parsed => _parsed ??= JsonElement.Parse(Json, ClientJson.Deep);

    /// <summary>For the patterns of all rules of a bus.</summary>
    [JsonIgnore]
    public EventFields Fields => field ??= new EventFields(Parsed);

    public static EventEnvelope Create(
        Engine engine, string region, string source, string detailType, IEnumerable<string> resources, JsonObject detail, DateTimeOffset? time = null)
    {
        var id = engine.Ids.Next().ToString();
        var json = new JsonObject
        {
            ["version"] = "0",
            ["id"] = id,
            ["detail-type"] = detailType,
            ["source"] = source,
            ["account"] = engine.Options.AccountId,
            ["time"] = Time(time ?? engine.Clock.Now),
            ["region"] = region,
            ["resources"] = JsonMembers.ToList(resources),
            ["detail"] = detail.DeepClone(),
        }.ToJsonString(WireJson.Compact);
        return new EventEnvelope(id, json, engine.Clock.Now, 0);
    }

    /// <summary>Event times have whole seconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
