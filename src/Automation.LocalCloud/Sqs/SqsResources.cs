using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>AWS::SQS::Queue. Ref is the queue's URL; GetAtt has Arn, QueueName and QueueUrl.</summary>
internal sealed class QueueType(SqsService service) : IResourceType
{
    public string Name => "AWS::SQS::Queue";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "QueueName", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout",
        "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "KmsMasterKeyId", "Tags",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["KmsDataKeyReusePeriodSeconds"] = "messages are not encrypted here",
        ["SqsManagedSseEnabled"] = "messages are not encrypted here",
    };

    public IReadOnlySet<string> Replacing { get; } = new[] { "QueueName", "FifoQueue" }.ToFrozenSet();

    public string NameProperty => "QueueName";

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var fifo = properties.Flag("FifoQueue") ?? false;
        var name = properties.Text("QueueName") ?? (fifo ? PhysicalName.For(request, 75) + ".fifo" : PhysicalName.For(request, 80));
        var queue = service.State.Create(
            new Arn("sqs", request.Region, request.AccountId, name).ToString(), name, request.Region, Attributes(properties), properties.Tags("Tags"));
        return Describe(queue);
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var queue = service.State.Get(ArnOf(physicalId, request.Region));
        var after = Attributes(request.Properties);
        var changes = Attributes(before).Keys.Where(name => !after.ContainsKey(name)).ToDictionary(name => name, _ => "", StringComparer.Ordinal);
        foreach (var (name, value) in after.Where(attribute => attribute.Key != "FifoQueue"))
        {
            changes[name] = value;
        }

        service.State.SetAttributes(queue, changes);
        service.State.SetTags(service.State.Get(queue.Arn), request.Properties.Tags("Tags"));
        return Describe(queue);
    }

    public void Delete(string physicalId, string region) => service.State.Delete(ArnOf(physicalId, region));

    private static string ArnOf(string url, string region)
    {
        var path = url.Split('/');
        return new Arn("sqs", region, path[^2], path[^1]).ToString();
    }

    private static Resource Describe(Queue queue)
    {
        var url = SqsService.UrlOf(queue);
        return new Resource(url, new Dictionary<string, string> { ["Arn"] = queue.Arn, ["QueueName"] = queue.Name, ["QueueUrl"] = url });
    }

    private Dictionary<string, string> Attributes(JsonObject properties)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (property, value) in properties.Where(property => property.Key is not ("QueueName" or "Tags") && !Ignored.ContainsKey(property.Key)))
        {
            if ((value is JsonObject policy ? policy.ToJsonString(WireJson.Compact) : properties.Text(property)) is { } text)
            {
                attributes[property] = text;
            }
        }

        if (properties.Flag("FifoQueue") is not true)
        {
            attributes.Remove("FifoQueue");
        }

        return attributes;
    }
}

/// <summary>AWS::SQS::QueuePolicy: the Policy attribute of the queues.</summary>
internal sealed class QueuePolicyType(SqsService service) : IResourceType
{
    public string Name => "AWS::SQS::QueuePolicy";

    public IReadOnlySet<string> Properties { get; } = new[] { "PolicyDocument", "Queues" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    /// <summary>All changes are in place.</summary>
    public IReadOnlySet<string> Replacing => FrozenSet<string>.Empty;

    public Resource Create(ResourceRequest request)
    {
        Put(request);
        return new Resource(PhysicalName.For(request, 80), new Dictionary<string, string>());
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        Clear(before.Texts("Queues").Except(request.Properties.Texts("Queues")));
        Put(request);
        return new Resource(physicalId, new Dictionary<string, string>());
    }

    private void Put(ResourceRequest request)
    {
        var document = request.Properties.Object("PolicyDocument")
            ?? throw new AwsException("ValidationException", "The parameter PolicyDocument is required.");
        foreach (var url in request.Properties.Texts("Queues"))
        {
            var path = url.Split('/');
            var queue = service.State.Get(new Arn("sqs", request.Region, request.AccountId, path[^1]).ToString());
            service.State.SetAttributes(queue, new Dictionary<string, string> { ["Policy"] = document.ToJsonString(WireJson.Compact) });
        }
    }

    private void Clear(IEnumerable<string> urls)
    {
        foreach (var queue in service.State.Queues.Where(queue => urls.Contains(SqsService.UrlOf(queue))).ToArray())
        {
            service.State.SetAttributes(queue, new Dictionary<string, string> { ["Policy"] = "" });
        }
    }

    public void Delete(string physicalId, string region)
    {
        // Without its properties, the queues of the policy are not known.
    }

    public void Delete(string physicalId, string region, JsonObject properties) => Clear(properties.Texts("Queues"));
}
