using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>
/// Selects the messages for a subscription: an event pattern over the message's attributes, or over its body if that is a JSON object.
/// <c>{"store":["example_corp"],"price":[{"numeric":["&gt;=",100]}]}</c>
/// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
/// </summary>
internal static class FilterPolicy
{
    private const int MaxNames = 5;
    private const int MaxCombinations = 150;

    /// <param name="origin">How the message names the request's member that contains the attributes.</param>
    /// <exception cref="AwsException">InvalidParameter: the policy is not valid in its scope.</exception>
    public static void Check(string json, string scope, string origin)
    {
        try
        {
            // The service's messages show the policy without white space.
            using var document = JsonDocument.Parse(json, ClientJson.Deep);
            EventPattern.Parse(WireJson.Text(document.RootElement), PatternDialect.Sns);
            var policy = AsObject(json);
            CheckSize(policy);
            if (scope == "MessageAttributes" && policy.Any(member => member.Value is JsonObject))
            {
                throw new AwsException(
                    "InvalidParameter", $"Invalid parameter: {origin}Filter policy scope MessageAttributes does not support nested filter policy");
            }
        }
        catch (PatternException fault)
        {
            throw new AwsException("InvalidParameter", $"Invalid parameter: {origin}FilterPolicy: {fault.Message}");
        }
        catch (JsonException fault)
        {
            throw new AwsException(
                "InvalidParameter", $"Invalid parameter: {origin}FilterPolicy: failed to parse JSON. {JacksonFault.WithoutSource(json, fault)}");
        }
    }

    /// <summary>
    /// At most five names at the top level, and at most 150 combinations, where a list counts its values times its depth. Alternatives add up.
    /// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
    /// </summary>
    private static void CheckSize(JsonObject policy)
    {
        if (policy.Count > MaxNames)
        {
            throw new PatternException($"Filter policy can not have more than {MaxNames} keys");
        }

        if (Combinations(policy, 1) > MaxCombinations)
        {
            throw new PatternException("Filter policy is too complex");
        }

        static double Combinations(JsonObject level, int depth) => level.Aggregate(1.0, (product, member) => product * member.Value switch
        {
            JsonArray alternatives when member.Key == "$or" => alternatives.OfType<JsonObject>().Sum(alternative => Combinations(alternative, depth)),
            JsonArray { Count: > 0 } values => values.Count * depth,
            JsonObject nested => Combinations(nested, depth + 1),
            _ => 1,
        });
    }

    public static bool Accepts(Subscription subscription, Notification notification)
    {
        if (subscription.Attributes.GetValueOrDefault("FilterPolicy") is not { } json)
        {
            return true;
        }

        if (subscription.FilterScope == "MessageAttributes")
        {
            using var attributes = JsonDocument.Parse(AsObject(notification.Attributes).ToJsonString(), ClientJson.Deep);
            return EventPattern.Parse(json).Matches(attributes.RootElement);
        }

        try
        {
            using var body = JsonDocument.Parse(notification.TextFor(subscription.Protocol), ClientJson.Deep);
            return body.RootElement.ValueKind == JsonValueKind.Object && EventPattern.Parse(json).Matches(body.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonObject AsObject(string json)
    {
        try
        {
            return ClientJson.Parse(json) as JsonObject ?? throw new PatternException("Filter is not an object");
        }
        catch (JsonException e)
        {
            throw new PatternException(e.Message);
        }
    }

    /// <summary>Binary attributes cannot be used in filters. An attribute with a value that does not fit its type counts as text.</summary>
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
            return ClientJson.Parse(value) as JsonArray;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
