using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>AWS::SQS::Queue. Ref is the queue's URL; GetAtt Arn, QueueName, QueueUrl.</summary>
internal sealed class QueueResource(SqsService service) : IResourceType
{
    public string Name => "AWS::SQS::Queue";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "QueueName", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout",
        "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "Tags",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["KmsMasterKeyId"] = "messages are not encrypted here",
        ["KmsDataKeyReusePeriodSeconds"] = "messages are not encrypted here",
        ["SqsManagedSseEnabled"] = "messages are not encrypted here",
    };

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var fifo = properties.Flag("FifoQueue") ?? false;
        var name = properties.Text("QueueName") ?? (fifo ? PhysicalName.For(request, 75) + ".fifo" : PhysicalName.For(request, 80));
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (property, value) in properties.Where(property => property.Key is not ("QueueName" or "Tags") && !Ignored.ContainsKey(property.Key)))
        {
            if ((value is JsonObject policy ? policy.ToJsonString(WireJson.Compact) : properties.Text(property)) is { } text)
            {
                attributes[property] = text;
            }
        }

        if (!fifo)
        {
            attributes.Remove("FifoQueue");
        }

        var queue = service.State.Create(
            $"arn:aws:sqs:{request.Region}:{request.AccountId}:{name}", name, request.Region, attributes, properties.Tags("Tags"));
        var url = SqsService.UrlOf(queue);
        return new Resource(url, new Dictionary<string, string> { ["Arn"] = queue.Arn, ["QueueName"] = name, ["QueueUrl"] = url });
    }

    public void Delete(string physicalId, string region)
    {
        var path = physicalId.Split('/');
        service.State.Delete($"arn:aws:sqs:{region}:{path[^2]}:{path[^1]}");
    }
}

/// <summary>AWS::SQS::QueuePolicy: kept as the queues' Policy attribute, not enforced.</summary>
internal sealed class QueuePolicyResource(SqsService service) : IResourceType
{
    public string Name => "AWS::SQS::QueuePolicy";

    public IReadOnlySet<string> Properties { get; } = new[] { "PolicyDocument", "Queues" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var document = request.Properties.Object("PolicyDocument")
            ?? throw new AwsException("ValidationException", "The parameter PolicyDocument is required.");
        foreach (var url in request.Properties.Texts("Queues"))
        {
            var path = url.Split('/');
            var queue = service.State.Get($"arn:aws:sqs:{request.Region}:{request.AccountId}:{path[^1]}");
            service.State.SetAttributes(queue, new Dictionary<string, string> { ["Policy"] = document.ToJsonString(WireJson.Compact) });
        }

        return new Resource(PhysicalName.For(request, 80), new Dictionary<string, string>());
    }

    public void Delete(string physicalId, string region)
    {
        // The policy goes with its queues; on its own it has no effect here.
    }
}
