using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>
/// The two protocols of CloudWatch: older clients send AWS Query, newer ones AWS JSON 1.0 with the same members.
/// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible
/// </summary>
internal static class CloudWatchWire
{
    private const string Target = "GraniteServiceVersion20100801.";
    private const string ContentType = "application/x-amz-json-1.0";

    private static readonly QueryXml Xml = new("http://monitoring.amazonaws.com/doc/2010-08-01/");

    public static string? OperationOf(WireRequest request) =>
        IsJson(request) ? request.Header("x-amz-target")![Target.Length..] : QueryXml.Read(request).GetValueOrDefault("Action");

    /// <param name="answer">Times are values of the type <see cref="DateTimeOffset"/>.</param>
    public static WireResponse Answer(WireRequest request, string operation, JsonObject answer, Guid id) => IsJson(request)
        ? WireResponse.Json(Json(answer)!, ContentType)
        : Xml.Result(operation, id, [.. answer.Select(member => Element(member.Key, member.Value))]);

    /// <summary>A JSON error has the name of its shape, and in a header the code of the AWS Query protocol.</summary>
    public static WireResponse Error(WireRequest request, AwsException error)
    {
        if (!IsJson(request))
        {
            return Xml.Error(error);
        }

        var shape = error.Code is "InvalidParameterValue" or "InvalidParameterCombination" ? error.Code + "Exception" : error.Code;
        return WireResponse.Json(
            new JsonObject { ["__type"] = $"com.amazonaws.cloudwatch#{shape}", ["message"] = error.Message }, ContentType, error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-query-error"] = $"{error.Code};{(error.Status < 500 ? "Sender" : "Receiver")}" },
        };
    }

    internal static bool IsJson(WireRequest request) => request.Header("x-amz-target")?.StartsWith(Target, StringComparison.Ordinal) == true;

    private static JsonNode? Json(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Json(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Json)]),
        JsonValue value when value.TryGetValue<DateTimeOffset>(out var time) => time.ToUnixTimeMilliseconds() / 1000m,
        null => null,
        _ => node.DeepClone(),
    };

    private static XElement Element(string name, JsonNode? node) => node switch
    {
        JsonObject members => Xml.Element(name, [.. members.Select(member => Element(member.Key, member.Value))]),
        JsonArray items => Xml.Element(name, [.. items.Select(item => Element("member", item))]),
        JsonValue value when value.TryGetValue<DateTimeOffset>(out var time) =>
            Xml.Element(name, time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)),
        JsonValue value when value.TryGetValue<double>(out var number) =>
            Xml.Element(name, number.ToString("0.0###############", CultureInfo.InvariantCulture)),
        JsonValue value when value.TryGetValue<bool>(out var flag) => Xml.Element(name, flag ? "true" : "false"),
        null => Xml.Element(name),
        _ => Xml.Element(name, node.ToString()),
    };
}
