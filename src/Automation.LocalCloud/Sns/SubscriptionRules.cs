using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>What a subscription may have, in the service's words.</summary>
internal static class SubscriptionRules
{
    public static void CheckEndpoint(string protocol, string endpoint)
    {
        var valid = protocol switch
        {
            "lambda" => Arn.ServiceOf(endpoint) == "lambda",
            "sqs" => Arn.ServiceOf(endpoint) == "sqs",
            "http" or "https" => endpoint.StartsWith(protocol + "://", StringComparison.Ordinal),
            "email" or "email-json" => endpoint.Contains('@', StringComparison.Ordinal),
            "sms" => endpoint.Length > 0,
            "application" or "firehose" =>
                throw new AwsException("InvalidParameter", $"Invalid parameter: the embedded cloud does not serve the protocol '{protocol}'"),
            _ => throw new AwsException("InvalidParameter", $"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}"),
        };
        if (!valid)
        {
            throw new AwsException(
                "InvalidParameter", protocol == "sqs" ? "Invalid parameter: SQS endpoint ARN" : $"Invalid parameter: {protocol} endpoint '{endpoint}'");
        }

        if (protocol == "sms" && !Regex.IsMatch(endpoint, "^\\+?[0-9]+([-./][0-9]+)*$"))
        {
            throw new AwsException("InvalidParameter", $"Invalid SMS endpoint: {endpoint}");
        }

        if (protocol == "sqs" && endpoint.EndsWith(".fifo", StringComparison.Ordinal))
        {
            throw new AwsException("InvalidParameter",
                "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
        }
    }

    /// <param name="origin">How the message names the request's member that contains the attributes.</param>
    public static void CheckAttributes(Subscription subscription, string origin)
    {
        foreach (var (name, value) in subscription.Attributes)
        {
            switch (name)
            {
                case "FilterPolicy":
                    FilterPolicy.Check(value, subscription.FilterScope, origin);
                    break;
                case "FilterPolicyScope" when value is "MessageAttributes" or "MessageBody":
                    break;
                case "RawMessageDelivery" when bool.TryParse(value, out var raw):
                    if (raw && subscription.Protocol == "lambda")
                    {
                        throw new AwsException("InvalidParameter", "Invalid parameter: Delivery protocol [lambda] does not support raw message delivery.");
                    }

                    break;
                case "RedrivePolicy":
                    CheckRedrive(subscription, value, origin);
                    break;
                case "DeliveryPolicy" when !subscription.Delivered:
                    break;
                case "SubscriptionRoleArn" or "ReplayPolicy" or "DeliveryPolicy":
                    throw new AwsException("InvalidParameter",
                        $"Invalid parameter: AttributeName Reason: the embedded cloud does not serve the attribute {name} of {subscription.Protocol} subscriptions");
                case "FilterPolicyScope":
                    throw new AwsException("InvalidParameter",
                        $"Invalid parameter: {origin}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes");
                case "RawMessageDelivery":
                    throw InvalidRaw(origin, value);
                default:
                    throw new AwsException("InvalidParameter", "Invalid parameter: AttributeName");
            }
        }
    }

    public static string? RedriveTarget(Subscription subscription) =>
        subscription.Attributes.GetValueOrDefault("RedrivePolicy") is { } json ? (ClientJson.Parse(json) as JsonObject)?.Text("deadLetterTargetArn") : null;

    private static void CheckRedrive(Subscription subscription, string json, string origin)
    {
        try
        {
            if (RedriveTarget(subscription) is not { } target || Arn.ServiceOf(target) != "sqs")
            {
                throw new AwsException("InvalidParameter", $"Invalid parameter: {origin}RedrivePolicy: deadLetterTargetArn is an invalid arn");
            }
        }
        catch (JsonException fault)
        {
            throw new AwsException("InvalidParameter", $"Invalid parameter: {origin}RedrivePolicy: failed to parse JSON. {JacksonFault.WithoutSource(json, fault)}");
        }
    }

    public static AwsException InvalidRaw(string origin, string value) =>
        new("InvalidParameter", $"Invalid parameter: {origin}RawMessageDelivery: Invalid value [{value}]. Must be true or false.");
}
