using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>AWS::SNS::Topic. Ref and GetAtt TopicArn are its ARN; GetAtt also has TopicName.</summary>
internal sealed class TopicType(SnsService service) : IResourceType
{
    public string Name => "AWS::SNS::Topic";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "TopicName", "DisplayName", "KmsMasterKeyId", "Subscription", "FifoTopic", "DeliveryPolicy", "SignatureVersion", "Tags",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["TracingConfig"] = "the embedded cloud has no tracing",
        ["DataProtectionPolicy"] = "messages are not inspected here",
    };

    public IReadOnlySet<string> Replacing { get; } = new[] { "TopicName", "FifoTopic" }.ToFrozenSet();

    public string NameProperty => "TopicName";

    public IEnumerable<string> Refusals(JsonObject properties) =>
    [
        .. properties.Text("FifoTopic") == "true" ? ["FifoTopic: the embedded cloud does not serve FIFO topics"] : Array.Empty<string>(),
        .. properties.Objects("Subscription").SelectMany(SubscriptionType.Refused),
    ];

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var attributes = Attributes(properties);
        var topic = service.State.Create(
            request.Region, properties.Text("TopicName") ?? PhysicalName.For(request, 256), attributes, properties.Tags("Tags"));
        foreach (var subscription in properties.Objects("Subscription"))
        {
            service.State.Subscribe(topic.Arn, subscription.Required("Protocol"), subscription.Required("Endpoint"), new Dictionary<string, string>());
        }

        return new Resource(topic.Arn, new Dictionary<string, string> { ["TopicArn"] = topic.Arn, ["TopicName"] = topic.Name });
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var properties = request.Properties;
        var attributes = Attributes(properties);
        foreach (var name in Attributes(before).Keys.Concat(attributes.Keys).Distinct(StringComparer.Ordinal).ToArray())
        {
            service.State.SetTopicAttribute(service.State.Topic(physicalId), name, attributes.GetValueOrDefault(name, ""));
        }

        service.State.SetTags(service.State.Topic(physicalId), properties.Tags("Tags"));
        var wanted = properties.Objects("Subscription").Select(Endpoint).ToHashSet();
        foreach (var (protocol, endpoint) in before.Objects("Subscription").Select(Endpoint).Where(each => !wanted.Contains(each)))
        {
            foreach (var gone in service.State.SubscriptionsOf(physicalId).Where(each => each.Protocol == protocol && each.Endpoint == endpoint).ToArray())
            {
                service.State.Unsubscribe(gone.Arn);
            }
        }

        foreach (var (protocol, endpoint) in wanted)
        {
            service.State.Subscribe(physicalId, protocol, endpoint, new Dictionary<string, string>());
        }

        return new Resource(physicalId, new Dictionary<string, string> { ["TopicArn"] = physicalId, ["TopicName"] = service.State.Topic(physicalId).Name });
    }

    public void Delete(string physicalId, string region) => service.State.Delete(physicalId);

    private static (string Protocol, string Endpoint) Endpoint(JsonObject subscription) =>
        (subscription.Required("Protocol"), subscription.Required("Endpoint"));

    private static Dictionary<string, string> Attributes(JsonObject properties)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in new[] { "DisplayName", "KmsMasterKeyId", "SignatureVersion", "FifoTopic" })
        {
            if (properties.Text(property) is { } value && value != "false")
            {
                attributes[property] = value;
            }
        }

        if (properties.Object("DeliveryPolicy") is { } policy)
        {
            attributes["DeliveryPolicy"] = policy.ToJsonString(WireJson.Compact);
        }

        return attributes;
    }
}

/// <summary>AWS::SNS::Subscription. Ref and GetAtt Arn are its ARN.</summary>
internal sealed class SubscriptionType(SnsService service) : IResourceType
{
    public string Name => "AWS::SNS::Subscription";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "TopicArn", "Protocol", "Endpoint", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["Region"] = "the topic's ARN names its Region",
    };

    public IReadOnlySet<string> Replacing { get; } = new[] { "TopicArn", "Protocol", "Endpoint" }.ToFrozenSet();

    public IEnumerable<string> Refusals(JsonObject properties) => Refused(properties);

    internal static IEnumerable<string> Refused(JsonObject subscription) =>
        subscription.Text("Protocol") is "application" or "firehose"
            ? [$"the embedded cloud does not serve the protocol {subscription.Text("Protocol")}"]
            : [];

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var subscription = service.State.Subscribe(
            properties.Required("TopicArn"), properties.Required("Protocol"), properties.Required("Endpoint"), Attributes(properties));
        return new Resource(subscription.Arn, new Dictionary<string, string> { ["Arn"] = subscription.Arn });
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var attributes = Attributes(request.Properties);
        foreach (var name in Attributes(before).Keys.Concat(attributes.Keys).Distinct(StringComparer.Ordinal).ToArray())
        {
            service.State.SetSubscriptionAttribute(service.State.Subscription(physicalId), name, attributes.GetValueOrDefault(name, ""));
        }

        return new Resource(physicalId, new Dictionary<string, string> { ["Arn"] = physicalId });
    }

    public void Delete(string physicalId, string region) => service.State.Unsubscribe(physicalId);

    private static Dictionary<string, string> Attributes(JsonObject properties)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in new[] { "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy" })
        {
            if ((properties[property] is JsonObject policy ? policy.ToJsonString(WireJson.Compact) : properties.Text(property)) is { } value)
            {
                attributes[property] = value;
            }
        }

        return attributes;
    }
}

/// <summary>AWS::SNS::TopicPolicy: the Policy attribute of the topics.</summary>
internal sealed class TopicPolicyType(SnsService service) : IResourceType
{
    public string Name => "AWS::SNS::TopicPolicy";

    public IReadOnlySet<string> Properties { get; } = new[] { "PolicyDocument", "Topics" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    /// <summary>All changes are in place.</summary>
    public IReadOnlySet<string> Replacing => FrozenSet<string>.Empty;

    public Resource Create(ResourceRequest request)
    {
        Put(request);
        var id = PhysicalName.For(request, 256);
        return new Resource(id, new Dictionary<string, string> { ["Id"] = id });
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        Clear(before.Texts("Topics").Except(request.Properties.Texts("Topics")));
        Put(request);
        return new Resource(physicalId, new Dictionary<string, string> { ["Id"] = physicalId });
    }

    private void Clear(IEnumerable<string> topics)
    {
        foreach (var topic in service.State.Topics.Where(topic => topics.Contains(topic.Arn)).ToArray())
        {
            service.State.SetTopicAttribute(topic, "Policy", "");
        }
    }

    private void Put(ResourceRequest request)
    {
        var document = request.Properties.Object("PolicyDocument")
            ?? throw new AwsException("ValidationException", "The parameter PolicyDocument is required.");
        foreach (var arn in request.Properties.Texts("Topics"))
        {
            service.State.SetTopicAttribute(service.State.Topic(arn), "Policy", document.ToJsonString(WireJson.Compact));
        }
    }

    public void Delete(string physicalId, string region)
    {
        // Without its properties, the topics of the policy are not known.
    }

    public void Delete(string physicalId, string region, JsonObject properties) => Clear(properties.Texts("Topics"));
}
