using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// Requests of SQS in the Query protocol, which older clients speak, as the input of the JSON protocol. Its lists and maps are flat, with names in
/// the singular: <c>Action=CreateQueue&amp;QueueName=q&amp;Attribute.1.Name=VisibilityTimeout&amp;Attribute.1.Value=60</c>.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
/// </summary>
internal static class SqsForm
{
    private static readonly FrozenDictionary<string, (string Member, Func<Dictionary<string, string>[], JsonNode> Read)> Lists =
        new Dictionary<string, (string, Func<Dictionary<string, string>[], JsonNode>)>
        {
            ["AttributeName"] = ("AttributeNames", Texts),
            ["MessageAttributeName"] = ("MessageAttributeNames", Texts),
            ["MessageSystemAttributeName"] = ("MessageSystemAttributeNames", Texts),
            ["TagKey"] = ("TagKeys", Texts),
            ["AWSAccountId"] = ("AWSAccountIds", Texts),
            ["ActionName"] = ("Actions", Texts),
            ["Attribute"] = ("Attributes", items => Map(items, "Name")),
            ["Tag"] = ("Tags", items => Map(items, "Key")),
            ["MessageAttribute"] = ("MessageAttributes", TypedMap),
            ["MessageSystemAttribute"] = ("MessageSystemAttributes", TypedMap),
            ["SendMessageBatchRequestEntry"] = ("Entries", Entries),
            ["DeleteMessageBatchRequestEntry"] = ("Entries", Entries),
            ["ChangeMessageVisibilityBatchRequestEntry"] = ("Entries", Entries),
        }.ToFrozenDictionary();

    /// <summary>Whether a request is in the Query protocol.</summary>
    public static bool Applies(WireRequest request) => request.Header("x-amz-target") is null && QueryXml.Read(request).ContainsKey("Action");

    public static string? Operation(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    /// <summary>The URL of the request names the queue if no parameter does.</summary>
    public static JsonObject Read(WireRequest request) => request.Parsed(each =>
    {
        var input = Object(QueryXml.Read(each));
        if (!input.ContainsKey("QueueUrl") && each.Path.Trim('/').Contains('/', StringComparison.Ordinal))
        {
            input["QueueUrl"] = each.Path;
        }

        // CreateQueue alone spells this member in lower case.
        if (input["Action"]?.ToString() == "CreateQueue" && input["Tags"] is { } tags)
        {
            input.Remove("Tags");
            input["tags"] = tags;
        }

        return input;
    });

    private static JsonObject Object(Dictionary<string, string> fields)
    {
        var result = new JsonObject();
        foreach (var member in fields.GroupBy(field => field.Key.Split('.')[0], StringComparer.Ordinal))
        {
            if (Lists.TryGetValue(member.Key, out var list))
            {
                result[list.Member] = list.Read(Items(member));
            }
            else if (fields.TryGetValue(member.Key, out var text))
            {
                result[member.Key] = text;
            }
        }

        return result;
    }

    /// <summary>The fields of each item by the rest of their names; an item that is a text has the rest "".</summary>
    private static Dictionary<string, string>[] Items(IEnumerable<KeyValuePair<string, string>> fields) =>
    [
        .. fields.Select(field => (Parts: field.Key.Split('.', 3), field.Value))
            .Where(field => field.Parts.Length > 1 && int.TryParse(field.Parts[1], CultureInfo.InvariantCulture, out _))
            .GroupBy(field => int.Parse(field.Parts[1], CultureInfo.InvariantCulture))
            .OrderBy(item => item.Key)
            .Select(item => item.GroupBy(field => field.Parts.ElementAtOrDefault(2) ?? "", StringComparer.Ordinal)
                .ToDictionary(field => field.Key, field => field.Last().Value, StringComparer.Ordinal)),
    ];

    private static JsonArray Texts(Dictionary<string, string>[] items) => JsonMembers.ToList(items.Select(item => item.GetValueOrDefault("", "")));

    private static JsonArray Entries(Dictionary<string, string>[] items) => new JsonArray([.. items.Select(Object)]);

    private static JsonObject Map(Dictionary<string, string>[] items, string key)
    {
        var map = new JsonObject();
        foreach (var item in items)
        {
            map[item.GetValueOrDefault(key, "")] = item.GetValueOrDefault("Value", "");
        }

        return map;
    }

    // MessageAttribute.1.Name=kind&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=build
    private static JsonObject TypedMap(Dictionary<string, string>[] items)
    {
        const string Prefix = "Value.";
        var map = new JsonObject();
        foreach (var item in items)
        {
            map[item.GetValueOrDefault("Name", "")] = JsonMembers.ToMap(item.Where(field => field.Key.StartsWith(Prefix, StringComparison.Ordinal))
                .ToDictionary(field => field.Key[Prefix.Length..], field => field.Value, StringComparer.Ordinal));
        }

        return map;
    }
}
