using System.Text;
using System.Text.Json;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>Topics, subscriptions and deliveries.</summary>
internal sealed class SnsState
{
    private const string DeliveryTopic = "sns.delivery";
    public const int MaxBytes = 262_144;
    private const int LastRetry = 100_015;

    private readonly Engine _engine;
    private readonly Table<Topic> _topics;
    private readonly Table<Subscription> _subscriptions;

    public SnsState(Engine engine)
    {
        _engine = engine;
        _topics = new Table<Topic>("sns.topics", engine.Store, () => SnsJson.Default.Topic);
        _subscriptions = new Table<Subscription>("sns.subscriptions", engine.Store, () => SnsJson.Default.Subscription);
        engine.DurableQueue.On(DeliveryTopic, () => SnsJson.Default.Attempt, Try);
    }

    public IEnumerable<Topic> Topics => _topics.Values.OrderBy(topic => topic.Arn, StringComparer.Ordinal);

    public IEnumerable<Subscription> Subscriptions => _subscriptions.Values.OrderBy(subscription => subscription.Arn, StringComparer.Ordinal);

    public Topic? Find(string arn) => _topics.Find(arn);

    public Topic Topic(string arn)
    {
        CheckArn("TopicArn", arn);
        return _topics.Find(arn) ?? throw new AwsException("NotFound", "Topic does not exist", 404);
    }

    public Subscription Subscription(string arn)
    {
        CheckSubscription(arn);
        return _subscriptions.Find(arn) ?? throw new AwsException("NotFound", "Subscription does not exist", 404);
    }

    public IEnumerable<Subscription> SubscriptionsOf(string topicArn) => Subscriptions.Where(subscription => subscription.TopicArn == topicArn);

    /// <summary>Creating an existing topic with the same attributes returns that topic.</summary>
    public Topic Create(string region, string name, IReadOnlyDictionary<string, string> attributes, IReadOnlyDictionary<string, string> tags)
    {
        if (attributes.GetValueOrDefault("FifoTopic") == "true" || name.EndsWith(".fifo", StringComparison.Ordinal))
        {
            throw Invalid("FifoTopic", "the embedded cloud does not serve FIFO topics");
        }

        if (name.Length is 0 or > 256 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: Topic Name");
        }

        attributes = attributes.Where(pair => pair.Key != "FifoTopic").ToDictionary(StringComparer.Ordinal);
        foreach (var (attribute, value) in attributes)
        {
            CheckTopicAttribute(attribute, value);
        }

        var arn = new Arn("sns", region, _engine.Options.AccountId, name).ToString();
        if (_topics.Find(arn) is { } known)
        {
            return tags.Any(tag => known.Tags.GetValueOrDefault(tag.Key) != tag.Value) ? throw Invalid("Tags", "Topic already exists with different tags")
                : attributes.All(pair => known.Attributes.GetValueOrDefault(pair.Key) == pair.Value) ? known
                : throw Invalid("Attributes", "Topic already exists with different attributes");
        }

        var topic = new Topic(arn, name, attributes, tags);
        _topics.Set(arn, topic);
        return topic;
    }

    public void SetTopicAttribute(Topic topic, string name, string value)
    {
        CheckTopicAttribute(name == "FifoTopic" ? "" : name, value);
        _topics.Set(topic.Arn, topic with { Attributes = With(topic.Attributes, name, value) });
    }

    public void SetTags(Topic topic, IReadOnlyDictionary<string, string> tags) => _topics.Set(topic.Arn, topic with { Tags = tags });

    /// <summary>Deletes a topic with its subscriptions. Deleting a topic that does not exist is not an error.</summary>
    public void Delete(string arn)
    {
        foreach (var subscription in SubscriptionsOf(arn).ToArray())
        {
            _subscriptions.Remove(subscription.Arn);
        }

        _topics.Remove(arn);
    }

    /// <summary>Subscribing the same endpoint again with the same attributes returns the existing subscription.</summary>
    public Subscription Subscribe(string topicArn, string protocol, string endpoint, IReadOnlyDictionary<string, string> attributes)
    {
        Topic(topicArn);
        SubscriptionRules.CheckEndpoint(protocol, endpoint);
        if (_subscriptions.Values.FirstOrDefault(
            known => known.TopicArn == topicArn && known.Protocol == protocol && known.Endpoint == endpoint) is { } existing)
        {
            return attributes.All(pair => existing.Attributes.GetValueOrDefault(pair.Key) == pair.Value)
                ? existing
                : throw Invalid("Attributes", "Subscription already exists with different attributes");
        }

        var subscription = new Subscription($"{topicArn}:{_engine.Ids.Next()}", topicArn, protocol, endpoint, attributes);
        SubscriptionRules.CheckAttributes(subscription, "Attributes Reason: ");
        _subscriptions.Set(subscription.Arn, subscription);
        return subscription;
    }

    public void SetSubscriptionAttribute(Subscription subscription, string name, string value)
    {
        var changed = name == "RawMessageDelivery" && value.Length == 0
            ? throw SubscriptionRules.InvalidRaw("", value)
            : subscription with { Attributes = With(subscription.Attributes, name, value) };
        SubscriptionRules.CheckAttributes(changed, "");
        _subscriptions.Set(changed.Arn, changed);
    }

    /// <summary>Deleting a subscription that does not exist is not an error.</summary>
    public void Unsubscribe(string arn)
    {
        CheckSubscription(arn);
        _subscriptions.Remove(arn);
    }

    public string Publish(
        string topicArn, string? subject, string message, bool perProtocol, IReadOnlyDictionary<string, (string Type, string Value)> attributes,
        string? groupId = null)
    {
        var topic = Topic(topicArn);
        CheckMessage(subject, message, attributes);
        var texts = perProtocol ? PerProtocol(message) : [];
        var notification = new Notification(
            _engine.Ids.Next().ToString(), topicArn, subject, texts.GetValueOrDefault("default", message), texts,
            attributes.ToDictionary(pair => pair.Key, pair => new TypedText(pair.Value.Type, pair.Value.Value), StringComparer.Ordinal), _engine.Clock.Now)
        {
            GroupId = groupId,
        };
        _engine.Journal.Write(
            "sns", "message-published", $"{topic.Name}: {subject ?? "message " + notification.Id}",
            ("topic", topicArn), ("subject", subject), ("messageId", notification.Id), ("message", notification.Text));
        foreach (var subscription in SubscriptionsOf(topicArn))
        {
            if (!subscription.Delivered)
            {
                Write("not-delivered", subscription, notification, $"the embedded cloud does not deliver to {subscription.Protocol}");
            }
            else if (!FilterPolicy.Accepts(subscription, notification))
            {
                Write("filtered-out", subscription, notification, "filter policy does not match");
            }
            else
            {
                _engine.Faults.Deliver(
                    "sns", "Deliver", $"{subscription.Arn} {subscription.Endpoint} {notification.Text}",
                    delay => Add(new Attempt(subscription, notification, 0), delay));
            }
        }

        return notification.Id;
    }

    private void Add(Attempt attempt, TimeSpan delay) => _engine.DurableQueue.Add(
        DeliveryTopic, delay, $"{(attempt.Retries == 0 ? "sns delivery" : "retry sns delivery")} to {attempt.Subscription.Endpoint}", attempt,
        SnsJson.Default.Attempt);

    private void Try(Attempt attempt)
    {
        var (subscription, notification, retries) = attempt;
        try
        {
            _engine.Faults.BeforeDelivery("sns", "Deliver", $"{subscription.Arn} {subscription.Endpoint} {notification.Text}");
            var function = subscription.Protocol == "lambda";
            _engine.Access.RequirePermission(Service(subscription), function ? "lambda:InvokeFunction" : "sqs:SendMessage", subscription.Endpoint);
            if (function)
            {
                var payload = Encoding.UTF8.GetBytes(SnsEnvelope.ForLambda(subscription, notification));
                _engine.Functions.InvokeEvent(subscription.Endpoint, Arn.Parse(subscription.Endpoint).Region, payload);
            }
            else
            {
                _engine.Queues.Send(subscription.Endpoint, ForQueue(subscription, notification) with { GroupId = notification.GroupId });
            }

            Write("delivered", subscription, notification, null);
        }
        catch (AwsException error) when (error.IsTransient && retries < LastRetry)
        {
            Add(attempt with { Retries = retries + 1 }, Pause(retries));
        }
        catch (AwsException error)
        {
            Fail(subscription, notification, error);
        }
    }

    private void Fail(Subscription subscription, Notification notification, AwsException error)
    {
        Write("delivery-failed", subscription, notification, $"{error.Code}: {error.Message}");
        if (SubscriptionRules.RedriveTarget(subscription) is not { } deadLetters)
        {
            return;
        }

        // Only the message for the subscriber: unlike EventBridge and Lambda, SNS does not add the error.
        // https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
        try
        {
            _engine.Access.RequirePermission(Service(subscription), "sqs:SendMessage", deadLetters);
            _engine.Queues.Send(deadLetters, ForQueue(subscription, notification) with { DeadLetterReason = error.Code });
        }
        catch (AwsException refused)
        {
            Write("dead-letter-lost", subscription, notification, $"{deadLetters}: {refused.Code}");
        }
    }

    private static Caller Service(Subscription subscription) => Caller.Service("sns.amazonaws.com", subscription.TopicArn);

    /// <summary>
    /// The pause before the n-th retry of a delivery inside AWS: three retries at once, two a second apart, ten with pauses from one to twenty
    /// seconds, then every twenty seconds for 23 days. https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
    /// </summary>
    private static TimeSpan Pause(int retries) => TimeSpan.FromSeconds(retries switch
    {
        < 3 => 0,
        < 5 => 1,
        < 15 => Math.Min(Math.Pow(2, (retries - 5) / 2.0), 20),
        _ => 20,
    });

    /// <summary>With raw delivery a queue receives the message itself, and its attributes as message attributes.</summary>
    private static NewMessage ForQueue(Subscription subscription, Notification notification) => subscription.Raw
        ? new NewMessage(notification.TextFor(subscription.Protocol))
        {
            Attributes = notification.Attributes.ToDictionary(
                pair => pair.Key,
                pair => PublishedAttributes.IsBinary(pair.Value.Type)
                    ? new MessageAttribute(pair.Value.Type, null, Convert.FromBase64String(pair.Value.Value))
                    : new MessageAttribute(pair.Value.Type, pair.Value.Value),
                StringComparer.Ordinal),
        }
        : new NewMessage(SnsEnvelope.ForQueue(subscription, notification));

    /// <summary>The texts per protocol of a message of the structure json.</summary>
    public static Dictionary<string, string> PerProtocol(string message)
    {
        try
        {
            // As recorded, a key may occur more than once.
            using var document = ClientJson.ParseRepeating(message);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("default", out var common) && common.ValueKind == JsonValueKind.String)
            {
                return document.RootElement.EnumerateObject()
                    .GroupBy(member => member.Name, StringComparer.Ordinal)
                    .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal)
                    .ToDictionary(
                        text => text.Key, text => text.Value.ValueKind == JsonValueKind.String ? text.Value.GetString()! : "", StringComparer.Ordinal);
            }
        }
        catch (JsonException)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse");
        }

        throw new AwsException("InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body");
    }

    private static void CheckMessage(string? subject, string message, IReadOnlyDictionary<string, (string Type, string Value)> attributes)
    {
        if (message.Length == 0)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: Empty message");
        }

        if (Encoding.UTF8.GetByteCount(message) + PublishedAttributes.Bytes(attributes) > MaxBytes)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: Message too long");
        }

        if (subject is not null && (subject.Length is 0 or > 100 || subject.Any(char.IsControl)))
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: Subject");
        }

        PublishedAttributes.Check(attributes);
    }

    private static void CheckSubscription(string arn)
    {
        CheckArn("SubscriptionArn", arn);
        if (arn.Split(':').Length < 7)
        {
            throw new AwsException("InvalidParameter", "Invalid parameter: SubscriptionId");
        }
    }

    private static void CheckArn(string parameter, string arn)
    {
        if (arn.Split(':').Length is var parts and < 6)
        {
            throw Invalid(parameter, $"An ARN must have at least 6 elements, not {parts}");
        }
    }

    private void CheckTopicAttribute(string name, string value)
    {
        if (name == "Policy" && value.Length > 0)
        {
            _engine.Access.CheckResourcePolicy("a topic", value, "InvalidParameter");
        }

        if (name == "DeliveryPolicy" && value.Length > 0)
        {
            DefaultPolicies.CheckDelivery(value);
        }

        if (name is not ("DisplayName" or "Policy" or "DeliveryPolicy" or "KmsMasterKeyId" or "SignatureVersion" or "TracingConfig" or "FifoTopic"))
        {
            throw name is "ArchivePolicy" or "DataProtectionPolicy" or "ContentBasedDeduplication" or "FifoThroughputScope"
                || name.Contains("Feedback", StringComparison.Ordinal)
                ? Invalid("AttributeName", $"the embedded cloud does not serve the attribute {name}")
                : new AwsException("InvalidParameter", "Invalid parameter: AttributeName");
        }
    }

    private void Write(string kind, Subscription subscription, Notification notification, string? reason) => _engine.Journal.Write(
        "sns", kind, $"{subscription.Protocol} {subscription.Endpoint}{(reason is null ? "" : ": " + reason)}",
        ("topic", notification.TopicArn), ("messageId", notification.Id), ("subscription", subscription.Arn), ("endpoint", subscription.Endpoint),
        ("reason", reason));

    /// <summary>An empty value removes the attribute.</summary>
    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> attributes, string name, string value)
    {
        var changed = new Dictionary<string, string>(attributes, StringComparer.Ordinal) { [name] = value };
        if (value.Length == 0)
        {
            changed.Remove(name);
        }

        return changed;
    }

    internal sealed record Attempt(Subscription Subscription, Notification Notification, int Retries);

    private static AwsException Invalid(string parameter, string reason) => new("InvalidParameter", $"Invalid parameter: {parameter} Reason: {reason}");
}
