using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>
/// The attributes that a queue can have, with their ranges and defaults.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
/// </summary>
internal static class QueueAttributes
{
    private static readonly string[] RedriveMembers = ["maxReceiveCount", "deadLetterTargetArn"];

    private static readonly FrozenDictionary<string, (long Min, long Max, long Default)> Numbers =
        new Dictionary<string, (long, long, long)>
        {
            ["DelaySeconds"] = (0, 900, 0),
            ["MaximumMessageSize"] = (1024, 1_048_576, 1_048_576),
            ["MessageRetentionPeriod"] = (60, 1_209_600, 345_600),
            ["ReceiveMessageWaitTimeSeconds"] = (0, 20, 0),
            ["VisibilityTimeout"] = (0, 43_200, 30),
        }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Others = new[]
    {
        "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled",
    }.ToFrozenSet();

    /// <summary>A standard queue does not know them.</summary>
    private static readonly FrozenSet<string> OfFifo =
        new[] { "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit" }.ToFrozenSet();

    /// <summary>The read-only attributes of a queue.</summary>
    private static readonly FrozenSet<string> Facts = new[]
    {
        "QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    }.ToFrozenSet();

    private static readonly FrozenDictionary<string, string> FifoDefaults = new Dictionary<string, string>
    {
        ["ContentBasedDeduplication"] = "false",
        ["DeduplicationScope"] = "queue",
        ["FifoThroughputLimit"] = "perQueue",
    }.ToFrozenDictionary();

    public static bool IsKnown(string name) => Numbers.ContainsKey(name) || Others.Contains(name) || OfFifo.Contains(name) || Facts.Contains(name);

    public static long Number(this Queue queue, string name) =>
        queue.Attributes.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : Numbers[name].Default;

    public static IEnumerable<(string Name, string Value)> WithDefaults(this Queue queue)
    {
        foreach (var (name, range) in Numbers)
        {
            if (!queue.Attributes.ContainsKey(name))
            {
                yield return (name, range.Default.ToString(CultureInfo.InvariantCulture));
            }
        }

        foreach (var (name, value) in FifoDefaults.Where(_ => queue.Fifo))
        {
            if (!queue.Attributes.ContainsKey(name))
            {
                yield return (name, value);
            }
        }

        if (!queue.Attributes.ContainsKey("SqsManagedSseEnabled"))
        {
            yield return ("SqsManagedSseEnabled", queue.Attributes.ContainsKey("KmsMasterKeyId") ? "false" : "true");
        }

        foreach (var (name, value) in queue.Attributes)
        {
            yield return (name, value);
        }
    }

    /// <exception cref="AwsException">InvalidAttributeName, InvalidAttributeValue.</exception>
    public static void Check(IReadOnlyDictionary<string, string> attributes, bool fifo)
    {
        if (attributes.GetValueOrDefault("SqsManagedSseEnabled") == "true" && attributes.ContainsKey("KmsMasterKeyId"))
        {
            throw new AwsException("InvalidAttributeName",
                "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.");
        }

        foreach (var (name, value) in attributes)
        {
            if (Numbers.TryGetValue(name, out var range))
            {
                if (!long.TryParse(value, CultureInfo.InvariantCulture, out var number) || number < range.Min || number > range.Max)
                {
                    throw new AwsException("InvalidAttributeValue", $"Invalid value for the parameter {name}.");
                }
            }
            else if (!Others.Contains(name) && !(fifo && OfFifo.Contains(name)))
            {
                throw new AwsException("InvalidAttributeName", $"Unknown Attribute {name}.");
            }
        }
    }

    /// <summary>Reads <c>{"deadLetterTargetArn":"arn:…","maxReceiveCount":3}</c>; an empty value means no policy.</summary>
    public static RedrivePolicy? ReadRedrivePolicy(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return null;
        }

        JsonObject? policy;
        try
        {
            policy = ClientJson.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            policy = null;
        }

        if (policy is null)
        {
            throw new AwsException("InvalidParameterValue", "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.");
        }

        if (RedriveMembers.FirstOrDefault(name => policy[name] is null) is { } missing)
        {
            throw InvalidRedrive(json, $"Redrive policy does not contain mandatory attribute: {missing}.");
        }

        var given = policy["maxReceiveCount"]!.ToString();
        return int.TryParse(given, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1000
            ? new RedrivePolicy(policy["deadLetterTargetArn"]!.ToString(), count)
            : throw InvalidRedrive(json, $"Invalid value for maxReceiveCount: {given}, valid values are from 1 to 1000 both inclusive.");
    }

    public static AwsException InvalidRedrive(string value, string reason) =>
        new("InvalidParameterValue", $"Value {value} for parameter RedrivePolicy is invalid. Reason: {reason}");
}

/// <summary>The number of receives after which a message goes to another queue, and that queue.</summary>
internal sealed record RedrivePolicy(string TargetArn, int MaxReceiveCount);
