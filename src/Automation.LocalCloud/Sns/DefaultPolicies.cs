using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>
/// The policies that <c>GetTopicAttributes</c> shows for a topic without its own, as recorded. The first permits what the topic's own account
/// may do anyway, so it has no effect here; the second is for HTTP endpoints, to which the embedded cloud does not deliver.
/// </summary>
internal static class DefaultPolicies
{
    private const string Delivery =
        """{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}""";

    private static readonly string[] FirstShown = ["defaultHealthyRetryPolicy", "disableSubscriptionOverrides"];

    private static readonly string[] Actions =
    [
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish",
    ];

    /// <summary>The default, changed by the topic's own policy.</summary>
    public static string DeliveryWith(string? policy)
    {
        var effective = JsonNode.Parse(Delivery)!.AsObject();
        if (policy is not null && ClientJson.Parse(policy) is JsonObject own)
        {
            Lay(own, effective);
        }

        return effective.ToJsonString(WireJson.Compact);
    }

    /// <summary>How a topic's own policy is shown, as recorded: with the switch that it may have left out, between the retries and the rest.</summary>
    public static string ShownDelivery(string policy)
    {
        if (ClientJson.Parse(policy) is not JsonObject own || own["http"] is not JsonObject http)
        {
            return policy;
        }

        var shown = new JsonObject();
        foreach (var name in FirstShown.Concat(http.Select(pair => pair.Key)).Distinct())
        {
            if (http.ContainsKey(name) || name == "disableSubscriptionOverrides")
            {
                shown[name] = http[name]?.DeepClone() ?? JsonValue.Create(false);
            }
        }

        return new JsonObject { ["http"] = shown }.ToJsonString(WireJson.Compact);
    }

    public static void CheckDelivery(string policy)
    {
        try
        {
            if (ClientJson.Parse(policy) is not JsonObject)
            {
                throw new AwsException("InvalidParameter", "Invalid parameter: DeliveryPolicy: JSON must be an object");
            }
        }
        catch (JsonException fault)
        {
            throw new AwsException("InvalidParameter", $"Invalid parameter: DeliveryPolicy: failed to parse JSON. {JacksonFault.WithoutSource(policy, fault)}");
        }
    }

    private static void Lay(JsonObject own, JsonObject effective)
    {
        foreach (var (name, value) in own)
        {
            if (value is JsonObject inner && effective[name] is JsonObject known)
            {
                Lay(inner, known);
            }
            else if (value is not null)
            {
                effective[name] = value.DeepClone();
            }
        }
    }

    public static string Of(string topicArn, string account) => new JsonObject
    {
        ["Version"] = "2008-10-17",
        ["Id"] = "__default_policy_ID",
        ["Statement"] = new JsonArray(new JsonObject
        {
            ["Sid"] = "__default_statement_ID",
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = "*" },
            ["Action"] = JsonMembers.ToList(Actions.Select(action => "SNS:" + action)),
            ["Resource"] = topicArn,
            ["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["AWS:SourceOwner"] = account } },
        }),
    }.ToJsonString(WireJson.Compact);
}
