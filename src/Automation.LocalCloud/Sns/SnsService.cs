using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>
/// Amazon SNS over the AWS Query protocol: forms in, XML out. Standard topics; messages go to functions and queues.
/// https://docs.aws.amazon.com/sns/latest/api/
/// </summary>
public sealed class SnsService : IWireService, ITopics
{
    private const int PageSize = 100;
    private const int MaxBatchSize = 10;

    private static readonly QueryXml Xml = new("http://sns.amazonaws.com/doc/2010-03-31/");

    private long _requests;

    public SnsService(Engine engine)
    {
        State = new SnsState(engine);
        ResourceTypes = [new TopicType(this), new SubscriptionType(this), new TopicPolicyType(this)];
    }

    public string SigningName => "sns";

    /// <summary>AWS::SNS::Topic, AWS::SNS::Subscription and AWS::SNS::TopicPolicy.</summary>
    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    internal SnsState State { get; }

    public string? OperationOf(WireRequest request) => QueryForm.Parse(request).Text("Action");

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_sns.html</summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context)
    {
        var form = QueryForm.Parse(request);
        return operation switch
        {
            "Publish" or "PublishBatch" => [new Need("sns:Publish", TopicOf(form))],
            "ListTopics" or "ListSubscriptions" => [new Need($"sns:{operation}", "*")],
            _ => (form.Text("TopicArn") ?? form.Text("ResourceArn")) is { } topic ? [new Need($"sns:{operation}", topic)] : null,
        };
    }

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var form = QueryForm.Parse(request);
        var operation = form.Text("Action") ?? throw new AwsException("MissingAction", "The request names no Action.");
        return Answer(operation, form, context) is { } result
            ? Xml.Result(operation, RequestId(), result is [] ? [""] : result)
            : Xml.Result(operation, RequestId());
    }

    public WireResponse Error(WireRequest request, AwsException error) => Xml.Error(error);

    ResourceGuard? ITopics.Guard(string arn) => State.Find(arn) is { } topic
        ? new ResourceGuard { Policy = topic.Attributes.GetValueOrDefault("Policy"), KmsKey = topic.Attributes.GetValueOrDefault("KmsMasterKeyId") }
        : null;

    /// <summary>Publishes a message to a topic.</summary>
    /// <returns>The message's id.</returns>
    /// <exception cref="AwsException">NotFound: the topic does not exist.</exception>
    public string Publish(string topicArn, string? subject, string message, IReadOnlyDictionary<string, (string Type, string Value)>? attributes = null) =>
        State.Publish(topicArn, subject, message, perProtocol: false, attributes ?? new Dictionary<string, (string, string)>());

    private object[]? Answer(string operation, QueryForm form, CallContext context)
    {
        if (form.Text("TopicArn") is { } arn && arn.Split(':') is { Length: >= 6 } parts && parts[3] != context.Region)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: TopicArn");
        }

        switch (operation)
        {
            case "CreateTopic":
                var topic = State.Create(
                    context.Region, form.Text("Name") ?? "", form.Map("Attributes.entry", "key", "value"), Tags(form));
                return [Element("TopicArn", topic.Arn)];
            case "DeleteTopic":
                State.Delete(form.Required("TopicArn"));
                return null;
            case "ListTopics":
                return List("Topics", State.Topics.Where(known => InRegion(known.Arn, context)), form, known => [Element("TopicArn", known.Arn)]);
            case "GetTopicAttributes":
                return [Map("Attributes", Attributes(State.Topic(form.Required("TopicArn")), context))];
            case "SetTopicAttributes":
                State.SetTopicAttribute(State.Topic(form.Required("TopicArn")), form.Required("AttributeName"), form.Text("AttributeValue") ?? "");
                return null;
            case "Subscribe":
                return [Element("SubscriptionArn", Subscribe(form))];
            case "Unsubscribe":
                State.Unsubscribe(form.Required("SubscriptionArn"));
                return null;
            case "ListSubscriptions":
                return List("Subscriptions", State.Subscriptions.Where(known => InRegion(known.Arn, context)), form, known => Describe(known, context));
            case "ListSubscriptionsByTopic":
                return List("Subscriptions", State.SubscriptionsOf(State.Topic(form.Required("TopicArn")).Arn), form, known => Describe(known, context));
            case "GetSubscriptionAttributes":
                return [Map("Attributes", Attributes(State.Subscription(form.Required("SubscriptionArn")), context))];
            case "SetSubscriptionAttributes":
                State.SetSubscriptionAttribute(
                    State.Subscription(form.Required("SubscriptionArn")), form.Required("AttributeName"), form.Text("AttributeValue") ?? "");
                return null;
            case "Publish":
                return [Element("MessageId", Publish(form))];
            case "PublishBatch":
                return PublishBatch(form);
            case "AddPermission":
                AddPermission(form, context);
                return null;
            case "RemovePermission":
                var owned = State.Topic(form.Required("TopicArn"));
                State.SetTopicAttribute(owned, "Policy", LabelledStatements.Remove(PolicyOf(owned, context), form.Required("Label")) ?? PolicyText(owned, context));
                return null;
            case "TagResource":
                Tag(form);
                return [];
            case "UntagResource":
                Untag(form);
                return [];
            case "ListTagsForResource":
                var tags = Tagged(form).Tags;
                return [Xml.List("Tags", tags.Select(tag => new[] { Element("Key", tag.Key), Element("Value", tag.Value) }))];
            default:
                throw new AwsException("InvalidAction", $"The embedded cloud does not serve sns:{operation}.");
        }
    }

    private string Subscribe(QueryForm form)
    {
        var subscription = State.Subscribe(
            form.Required("TopicArn"), form.Required("Protocol"), form.Required("Endpoint"), form.Map("Attributes.entry", "key", "value"));
        return subscription.Confirmed || form.Text("ReturnSubscriptionArn") == "true" ? subscription.Arn : "pending confirmation";
    }

    private static string TopicOf(QueryForm form)
    {
        if (form.Text("PhoneNumber") is not null)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: PhoneNumber Reason: the embedded cloud does not send SMS");
        }

        if (form.Text("TopicArn") is { } topic)
        {
            return topic;
        }

        // arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1; no endpoint exists here, and the answer is that of an unknown one, as recorded.
        var target = form.Required("TargetArn");
        return target.Contains(":endpoint/", StringComparison.Ordinal)
            ? throw new AwsException("InvalidParameter", "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified")
            : target;
    }

    private string Publish(QueryForm form)
    {
        var topicArn = TopicOf(form);
        if (form.Text("MessageDeduplicationId") is not null)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: MessageDeduplicationId Reason: The request includes "
                + "MessageDeduplicationId parameter that is not valid for this topic type");
        }

        return Publish(form, "", topicArn, PublishedAttributes.Read(form, "", "messageAttributes"));
    }

    /// <param name="prefix">The prefix of the entry's fields; empty for Publish.</param>
    private string Publish(QueryForm form, string prefix, string topicArn, Dictionary<string, (string Type, string Value)> attributes) =>
        State.Publish(
            topicArn, form.Text(prefix + "Subject"), form.Text(prefix + "Message") ?? "", PerProtocol(form, prefix), attributes,
            form.Text(prefix + "MessageGroupId"));

    private static bool PerProtocol(QueryForm form, string prefix) => form.Text(prefix + "MessageStructure") == "json";

    private object[] PublishBatch(QueryForm form)
    {
        var topicArn = State.Topic(form.Required("TopicArn")).Arn;
        var entries = form.Items("PublishBatchRequestEntries.member").ToArray();
        if (entries.Length == 0)
        {
            throw new AwsException("EmptyBatchRequest", "The batch request doesn't contain any entries.");
        }

        if (entries.Length > MaxBatchSize)
        {
            throw new AwsException("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
        }

        if (entries.Select(entry => form.Required(entry + "Id")).Distinct(StringComparer.Ordinal).Count() != entries.Length)
        {
            throw new AwsException("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
        }

        // Faults of these fail the whole request, faults of the rest only their entry.
        var attributes = entries
            .Select((entry, i) => PublishedAttributes.Read(form, entry, $"publishBatchRequestEntries.{i + 1}.member.messageAttributes")).ToArray();
        foreach (var entry in entries.Where(entry => PerProtocol(form, entry)))
        {
            SnsState.PerProtocol(form.Text(entry + "Message") ?? "");
        }

        if (entries.Select((entry, i) => Encoding.UTF8.GetByteCount(form.Text(entry + "Message") ?? "") + PublishedAttributes.Bytes(attributes[i])).Sum()
            > SnsState.MaxBytes)
        {
            throw new AwsException("BatchRequestTooLong", "The length of all the messages put together is more than the limit.");
        }

        var successful = Xml.Element("Successful");
        var failed = Xml.Element("Failed");
        foreach (var (entry, i) in entries.Select((entry, i) => (entry, i)))
        {
            var id = Element("Id", form.Required(entry + "Id"));
            try
            {
                successful.Add(Xml.Element("member", id, Element("MessageId", Publish(form, entry, topicArn, attributes[i]))));
            }
            catch (AwsException error)
            {
                failed.Add(Xml.Element(
                    "member", id, Element("Code", error.Code), Element("Message", error.Message),
                    Element("SenderFault", error.Status < 500 ? "true" : "false")));
            }
        }

        return [successful, failed];
    }

    /// <summary>https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html</summary>
    private void AddPermission(QueryForm form, CallContext context)
    {
        var topic = State.Topic(form.Required("TopicArn"));
        IEnumerable<string> Texts(string list) => form.Items(list).Select(item => form.Text(item) ?? "");
        State.SetTopicAttribute(topic, "Policy", LabelledStatements.Add(
            PolicyOf(topic, context), form.Required("Label"), Texts("AWSAccountId.member"), Texts("ActionName.member").Select(action => $"SNS:{action}"), topic.Arn)
            ?? throw new AwsException("InvalidParameter", "Invalid parameter: Statement already exists"));
    }

    private static JsonObject PolicyOf(Topic topic, CallContext context) => ClientJson.Parse(PolicyText(topic, context)) as JsonObject ?? [];

    private static string PolicyText(Topic topic, CallContext context) =>
        topic.Attributes.GetValueOrDefault("Policy") ?? DefaultPolicies.Of(topic.Arn, context.AccountId);

    private Topic Tagged(QueryForm form) =>
        State.Find(form.Required("ResourceArn")) ?? throw new AwsException("ResourceNotFound", "Resource does not exist", 404);

    private void Tag(QueryForm form)
    {
        var topic = Tagged(form);
        var tags = new Dictionary<string, string>(topic.Tags, StringComparer.Ordinal);
        foreach (var (key, value) in Tags(form))
        {
            tags[key] = value;
        }

        State.SetTags(topic, tags);
    }

    private void Untag(QueryForm form)
    {
        var topic = Tagged(form);
        var gone = form.Items("TagKeys.member").Select(item => form.Text(item)!).ToHashSet(StringComparer.Ordinal);
        State.SetTags(topic, topic.Tags.Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal));
    }

    private Dictionary<string, string> Attributes(Topic topic, CallContext context)
    {
        var subscriptions = State.SubscriptionsOf(topic.Arn).ToArray();
        var attributes = new Dictionary<string, string>(topic.Attributes, StringComparer.Ordinal)
        {
            ["TopicArn"] = topic.Arn,
            ["Owner"] = context.AccountId,
            ["Policy"] = PolicyText(topic, context),
            ["EffectiveDeliveryPolicy"] = DefaultPolicies.DeliveryWith(topic.Attributes.GetValueOrDefault("DeliveryPolicy")),
            ["DisplayName"] = topic.Attributes.GetValueOrDefault("DisplayName", ""),
            ["SubscriptionsConfirmed"] = Number(subscriptions.Count(subscription => subscription.Confirmed)),
            ["SubscriptionsPending"] = Number(subscriptions.Count(subscription => !subscription.Confirmed)),
            ["SubscriptionsDeleted"] = "0",
        };
        if (topic.Attributes.GetValueOrDefault("DeliveryPolicy") is { } own)
        {
            attributes["DeliveryPolicy"] = DefaultPolicies.ShownDelivery(own);
        }

        return attributes;
    }

    private static Dictionary<string, string> Tags(QueryForm form)
    {
        var tags = form.Map("Tags.member", "Key", "Value");
        return tags.Count == form.Items("Tags.member").Count()
            ? tags
            : throw new AwsException("InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.");
    }

    private static Dictionary<string, string> Attributes(Subscription subscription, CallContext context)
    {
        var attributes = new Dictionary<string, string>(subscription.Attributes, StringComparer.Ordinal)
        {
            ["SubscriptionArn"] = subscription.Arn,
            ["TopicArn"] = subscription.TopicArn,
            ["Owner"] = context.AccountId,
            ["Protocol"] = subscription.Protocol,
            ["Endpoint"] = subscription.Endpoint,
            ["PendingConfirmation"] = subscription.Confirmed ? "false" : "true",
            ["ConfirmationWasAuthenticated"] = subscription.Confirmed ? "true" : "false",
            ["SubscriptionPrincipal"] = new Arn("iam", "", context.AccountId, "user/local").ToString(),
            ["RawMessageDelivery"] = subscription.Raw ? "true" : "false",
        };
        attributes.Remove("FilterPolicyScope");
        if (attributes.ContainsKey("FilterPolicy"))
        {
            attributes["FilterPolicyScope"] = subscription.FilterScope;
        }

        return attributes;
    }

    private static object[] Describe(Subscription subscription, CallContext context) =>
    [
        Element("SubscriptionArn", subscription.Confirmed ? subscription.Arn : "PendingConfirmation"),
        Element("Owner", context.AccountId),
        Element("Protocol", subscription.Protocol),
        Element("Endpoint", subscription.Endpoint),
        Element("TopicArn", subscription.TopicArn),
    ];

    private static object[] List<T>(string name, IEnumerable<T> all, QueryForm form, Func<T, object[]> describe)
    {
        var token = form.Text("NextToken") is { Length: > 0 } given ? given : null;
        var (page, next) = Paging.Take([.. all], PageSize, token);
        var list = Xml.List(name, page.Select(describe));
        return next is null ? [list] : [list, Element("NextToken", next)];
    }

    private static XElement Map(string name, Dictionary<string, string> map) =>
        Xml.Element(name, map.Select(pair => Xml.Element("entry", Element("key", pair.Key), Element("value", pair.Value))));

    private static XElement Element(string name, string value) => Xml.Element(name, value);

    private static bool InRegion(string arn, CallContext context) => Arn.TryParse(arn) is { Service: "sns" } parsed && parsed.Region == context.Region;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private Guid RequestId() => Ids.From($"sns request {++_requests}");
}
