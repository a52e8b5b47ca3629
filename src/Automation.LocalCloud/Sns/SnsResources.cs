using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>AWS::SNS::Topic. Ref and GetAtt TopicArn are its ARN; GetAtt TopicName.</summary>
internal sealed class TopicResource(SnsService service) : IResourceType
{
    public string Name => "AWS::SNS::Topic";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "TopicName", "DisplayName", "Subscription", "FifoTopic", "DeliveryPolicy", "SignatureVersion", "Tags",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["KmsMasterKeyId"] = "messages are not encrypted here",
        ["TracingConfig"] = "there is no tracing here",
        ["DataProtectionPolicy"] = "messages are not inspected here",
    };

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in new[] { "DisplayName", "SignatureVersion", "FifoTopic" })
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

        var topic = service.State.Create(
            request.Region, properties.Text("TopicName") ?? PhysicalName.For(request, 256), attributes, properties.Tags("Tags"));
        foreach (var subscription in properties.Objects("Subscription"))
        {
            service.State.Subscribe(topic.Arn, subscription.Required("Protocol"), subscription.Required("Endpoint"), new Dictionary<string, string>());
        }

        return new Resource(topic.Arn, new Dictionary<string, string> { ["TopicArn"] = topic.Arn, ["TopicName"] = topic.Name });
    }

    public void Delete(string physicalId, string region) => service.State.Delete(physicalId);
}

/// <summary>AWS::SNS::Subscription. Ref and GetAtt Arn are its ARN.</summary>
internal sealed class SubscriptionResource(SnsService service) : IResourceType
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

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in new[] { "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy" })
        {
            if ((properties[property] is JsonObject policy ? policy.ToJsonString(WireJson.Compact) : properties.Text(property)) is { } value)
            {
                attributes[property] = value;
            }
        }

        var subscription = service.State.Subscribe(
            properties.Required("TopicArn"), properties.Required("Protocol"), properties.Required("Endpoint"), attributes);
        return new Resource(subscription.Arn, new Dictionary<string, string> { ["Arn"] = subscription.Arn });
    }

    public void Delete(string physicalId, string region) => service.State.Unsubscribe(physicalId);
}

/// <summary>AWS::SNS::TopicPolicy: kept as the topics' Policy attribute, not enforced.</summary>
internal sealed class TopicPolicyResource(SnsService service) : IResourceType
{
    public string Name => "AWS::SNS::TopicPolicy";

    public IReadOnlySet<string> Properties { get; } = new[] { "PolicyDocument", "Topics" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var document = request.Properties.Object("PolicyDocument")
            ?? throw new AwsException("ValidationException", "The parameter PolicyDocument is required.");
        foreach (var arn in request.Properties.Texts("Topics"))
        {
            service.State.SetTopicAttribute(service.State.Topic(arn), "Policy", document.ToJsonString(WireJson.Compact));
        }

        var id = PhysicalName.For(request, 256);
        return new Resource(id, new Dictionary<string, string> { ["Id"] = id });
    }

    public void Delete(string physicalId, string region)
    {
        // The policy goes with its topics; on its own it has no effect here.
    }
}
