using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.EventBridge;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>
/// Which messages a subscription wants: an event pattern over the message's attributes, or over its body when that is a JSON object.
/// <c>{"store":["example_corp"],"price":[{"numeric":["&gt;=",100]}]}</c>
/// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
/// </summary>
internal static class FilterPolicy
{
    /// <exception cref="AwsException">InvalidParameter: the policy is not valid in its scope.</exception>
    public static void Check(string json, string scope)
    {
        var pattern = Parse(json);
        if (scope == "MessageAttributes" && JsonNode.Parse(json)!.AsObject().FirstOrDefault(member => member.Value is JsonObject).Key is { } nested)
        {
            throw Invalid($"Filter policy scope MessageAttributes does not support nested filter policy ({nested})");
        }

        _ = pattern;
    }

    public static bool Accepts(Subscription subscription, Notification notification)
    {
        if (subscription.Attributes.GetValueOrDefault("FilterPolicy") is not { } json)
        {
            return true;
        }

        if (subscription.FilterScope == "MessageAttributes")
        {
            using var attributes = JsonDocument.Parse(AsObject(notification.Attributes).ToJsonString());
            return Parse(json).Matches(attributes.RootElement);
        }

        try
        {
            using var body = JsonDocument.Parse(notification.TextFor(subscription.Protocol));
            return body.RootElement.ValueKind == JsonValueKind.Object && Parse(json).Matches(body.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static EventPattern Parse(string json)
    {
        try
        {
            return EventPattern.Parse(json, numbersByValue: true);
        }
        catch (PatternException e)
        {
            throw Invalid(e.Message);
        }
    }

    /// <summary>Binary attributes cannot be filtered by; an attribute that is not what its type says counts as its text.</summary>
    private static JsonObject AsObject(IReadOnlyDictionary<string, TypedText> attributes)
    {
        var json = new JsonObject();
        foreach (var (name, (type, value)) in attributes)
        {
            switch (type.Split('.')[0])
            {
                case "Number" when decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                    json[name] = number;
                    break;
                case "String" when type == "String.Array" && AsArray(value) is { } list:
                    json[name] = list;
                    break;
                case "Binary":
                    break;
                default:
                    json[name] = value;
                    break;
            }
        }

        return json;
    }

    private static JsonArray? AsArray(string value)
    {
        try
        {
            return JsonNode.Parse(value) as JsonArray;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static AwsException Invalid(string reason) => new("InvalidParameter", $"Invalid parameter: Attributes Reason: FilterPolicy: {reason}");
}
