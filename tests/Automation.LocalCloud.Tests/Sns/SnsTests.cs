using System.Text.Json.Nodes;
using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Sns;

public sealed class SnsTests
{
    [Fact]
    public async Task Publish_ToAFunction_HasTheLambdaEnvelope()
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        var subscription = MessagingFixture.Text(MessagingFixture.Xml(Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn)), "SubscriptionArn");
        cloud.Query(
            "Publish", ("TopicArn", topic), ("Subject", "TestInvoke"), ("Message", "Hello from SNS!"),
            ("MessageAttributes.entry.1.Name", "Test"), ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "TestString"));
        await cloud.Settle();
        var record = Assert.Single(JsonNode.Parse(Assert.Single(cloud.Seen))!["Records"]!.AsArray())!.AsObject();
        Assert.Equal(["EventVersion", "EventSubscriptionArn", "EventSource", "Sns"], record.Select(member => member.Key));
        Assert.Equal(subscription, (string?)record["EventSubscriptionArn"]);
        var sns = record["Sns"]!.AsObject();
        Assert.Equal(
            ["SignatureVersion", "Timestamp", "Signature", "SigningCertUrl", "MessageId", "Message", "MessageAttributes", "Type", "UnsubscribeUrl",
                "TopicArn", "Subject"],
            sns.Select(member => member.Key));
        Assert.Equal("2026-01-05T08:00:00.000Z", (string?)sns["Timestamp"]);
        Assert.Equal("""{"Test":{"Type":"String","Value":"TestString"}}""", sns["MessageAttributes"]!.ToJsonString());
        Assert.Contains(cloud.Journal, entry => entry is { Source: "sns", Kind: "delivered" });
    }

    [Fact]
    public async Task Publish_WithoutSubjectAndAttributes_KeepsTheMembersForLambdaAndOmitsThemForSqs()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn);
        Subscribe(cloud, topic, "sqs", MessagingFixture.QueueArn("q"));
        cloud.Cloud.Run(() => cloud.Cloud.Sns.Publish(topic, null, "text"));
        await cloud.Settle();
        var sns = JsonNode.Parse(Assert.Single(cloud.Seen))!["Records"]![0]!["Sns"]!.AsObject();
        Assert.True(sns.ContainsKey("Subject") && sns["Subject"] is null);
        Assert.Empty(sns["MessageAttributes"]!.AsObject());
        var body = JsonNode.Parse((string)Assert.Single(cloud.Receive(queue))["Body"]!)!.AsObject();
        Assert.Equal(
            ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL"],
            body.Select(member => member.Key));
    }

    [Fact]
    public async Task Publish_RawToAQueue_IsTheMessageItselfWithItsAttributes()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "sqs", MessagingFixture.QueueArn("q"), ("RawMessageDelivery", "true"));
        Publish(cloud, topic, "text", ("n", "Number", "5"));
        await cloud.Settle();
        var message = Assert.Single(cloud.Receive(queue));
        Assert.Equal("text", (string?)message["Body"]);
        Assert.Equal("5", MessagingFixture.Attribute(message, "n"));
    }

    [Theory]
    [InlineData("""{"kind":["build"]}""", "kind", "String", "build", true)]
    [InlineData("""{"kind":["build"]}""", "kind", "String", "prune", false)]
    [InlineData("""{"kind":["build"]}""", "other", "String", "build", false)]
    [InlineData("""{"kind":[{"prefix":"bu"}]}""", "kind", "String", "build", true)]
    [InlineData("""{"kind":[{"anything-but":["build"]}]}""", "kind", "String", "build", false)]
    [InlineData("""{"kind":[{"anything-but":{"prefix":"x"}}]}""", "kind", "String", "build", true)]
    [InlineData("""{"kind":[{"exists":false}]}""", "kind", "String", "build", false)]
    [InlineData("""{"price":[{"numeric":[">=",100]}]}""", "price", "Number", "1e2", true)]
    [InlineData("""{"price":[100]}""", "price", "Number", "100.0", true)]
    [InlineData("""{"price":[100]}""", "price", "String", "100", false)]
    [InlineData("""{"tags":["b"]}""", "tags", "String.Array", """["a","b"]""", true)]
    [InlineData("""{"tags":["c"]}""", "tags", "String.Array", """["a","b"]""", false)]
    [InlineData("""{"$or":[{"kind":["x"]},{"kind":["y"]}]}""", "kind", "String", "y", true)]
    public async Task Publish_FilteredByAttributes_ReachesOnlyMatchingSubscribers(string policy, string name, string type, string value, bool reaches)
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn, ("FilterPolicy", policy));
        Publish(cloud, topic, "text", (name, type, value));
        await cloud.Settle();
        Assert.Equal(reaches ? 1 : 0, cloud.Seen.Count);
    }

    [Theory]
    [InlineData("""{"state":{"status":["AVAILABLE"]},"type":["DOCKER"]}""", """{"state":{"status":"AVAILABLE"},"type":"DOCKER"}""", true)]
    [InlineData("""{"state":{"status":["AVAILABLE"]},"type":["DOCKER"]}""", """{"state":{"status":"FAILED"},"type":"DOCKER"}""", false)]
    [InlineData("""{"state":{"status":["AVAILABLE"]}}""", "no json", false)]
    [InlineData("""{"state":[{"exists":false}]}""", "[]", false)]
    [InlineData("""{"state.status":["AVAILABLE"]}""", """{"state":{"status":"AVAILABLE"}}""", true)]
    [InlineData("""{"state":{"status":["AVAILABLE"]}}""", """{"state.status":"AVAILABLE"}""", true)]
    public async Task Publish_FilteredByBody_ReachesOnlyMatchingSubscribers(string policy, string message, bool reaches)
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn, ("FilterPolicyScope", "MessageBody"), ("FilterPolicy", policy));
        Publish(cloud, topic, message);
        await cloud.Settle();
        Assert.Equal(reaches ? 1 : 0, cloud.Seen.Count);
        Assert.Equal(reaches ? 0 : 1, cloud.Journal.Count(entry => entry.Kind == "filtered-out"));
    }

    [Fact]
    public async Task Publish_MissingEndpoint_BecomesADeadLetterOfTheSubscription()
    {
        using var cloud = new MessagingFixture();
        var deadLetters = cloud.CreateQueue("dead");
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "lambda", MessagingFixture.MissingFunctionArn,
            ("RedrivePolicy", $$"""{"deadLetterTargetArn":"{{MessagingFixture.QueueArn("dead")}}"}"""));
        Publish(cloud, topic, "lost?");
        await cloud.Settle();
        var letter = Assert.Single(cloud.Receive(deadLetters));
        Assert.Equal("lost?", (string?)JsonNode.Parse((string)letter["Body"]!)!["Message"]);
        Assert.Null(letter["MessageAttributes"]);
        Assert.Contains(cloud.Journal, entry => entry.Kind == "message-sent" && entry.Data.GetValueOrDefault("errorCode") == "ResourceNotFoundException");
    }

    [Fact]
    public async Task Publish_ToAMailbox_IsJournalledAsNotDelivered()
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        Assert.Equal("pending confirmation", MessagingFixture.Text(MessagingFixture.Xml(Subscribe(cloud, topic, "email", "a@example.org")), "SubscriptionArn"));
        Publish(cloud, topic, "text");
        await cloud.Settle();
        Assert.Contains(cloud.Journal, entry => entry.Kind == "not-delivered");
        Assert.Equal("PendingConfirmation", MessagingFixture.Text(MessagingFixture.Xml(cloud.Query("ListSubscriptions")), "SubscriptionArn"));
    }

    [Fact]
    public async Task Publish_TextPerProtocol_ReachesEachProtocol()
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn);
        cloud.Query("Publish", ("TopicArn", topic), ("MessageStructure", "json"), ("Message", """{"default":"all","lambda":"for functions"}"""));
        await cloud.Settle();
        Assert.Equal("for functions", (string?)JsonNode.Parse(Assert.Single(cloud.Seen))!["Records"]![0]!["Sns"]!["Message"]);
        Assert.Equal(200, cloud.Query("Publish", ("TopicArn", topic), ("MessageStructure", "json"), ("Message", """{"default":"a","default":"b"}""")).Status);
        Assert.Equal("InvalidParameter", Code(cloud.Query("Publish", ("TopicArn", topic), ("MessageStructure", "json"), ("Message", """{"lambda":"x"}"""))));
    }

    [Fact]
    public async Task PublishBatch_OneBadEntry_DoesNotAffectTheOthers()
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn);
        var xml = MessagingFixture.Xml(cloud.Query(
            "PublishBatch", ("TopicArn", topic),
            ("PublishBatchRequestEntries.member.1.Id", "good"), ("PublishBatchRequestEntries.member.1.Message", "text"),
            ("PublishBatchRequestEntries.member.2.Id", "bad"), ("PublishBatchRequestEntries.member.2.Message", "")));
        await cloud.Settle();
        Assert.Single(cloud.Seen);
        Assert.Equal("InvalidParameter", MessagingFixture.Text(xml, "Code"));
    }

    [Fact]
    public void CreateTopic_Again_ReturnsTheSameTopic()
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        Assert.Equal(topic, cloud.CreateTopic("news"));
        var first = Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn);
        var again = Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn);
        Assert.Equal(MessagingFixture.Text(MessagingFixture.Xml(first), "SubscriptionArn"),
            MessagingFixture.Text(MessagingFixture.Xml(again), "SubscriptionArn"));
        Assert.Contains("<key>SubscriptionsConfirmed</key><value>1</value>", MessagingFixture.Xml(cloud.Query("GetTopicAttributes", ("TopicArn", topic)))
            .ToString(System.Xml.Linq.SaveOptions.DisableFormatting), StringComparison.Ordinal);
        cloud.Query("TagResource", ("ResourceArn", topic), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v"));
        Assert.Equal("v", MessagingFixture.Text(MessagingFixture.Xml(cloud.Query("ListTagsForResource", ("ResourceArn", topic))), "Value"));
        Assert.Equal(
            "ResourceNotFound", MessagingFixture.Text(MessagingFixture.Xml(cloud.Query("ListTagsForResource", ("ResourceArn", topic + "2"))), "Code"));
        cloud.Query("DeleteTopic", ("TopicArn", topic));
        Assert.Equal("NotFound", Code(cloud.Query("GetTopicAttributes", ("TopicArn", topic))));
    }

    [Theory]
    [InlineData("CreateTopic", "Name=a b", "InvalidParameter")]
    [InlineData("CreateTopic", "Name=a.fifo", "InvalidParameter")]
    [InlineData("CreateTopic", "Name=a&Attributes.entry.1.key=Nonsense&Attributes.entry.1.value=1", "InvalidParameter")]
    [InlineData("Publish", "TopicArn=arn:aws:sns:us-east-1:123456789012:none&Message=x", "NotFound")]
    [InlineData("Publish", "TopicArn=TOPIC&Message=", "InvalidParameter")]
    [InlineData("Publish", "TopicArn=TOPIC&Message=x&Subject=a\nb", "InvalidParameter")]
    [InlineData("Publish", "PhoneNumber=1&Message=x", "InvalidParameter")]
    [InlineData("Publish",
        "TopicArn=TOPIC&Message=x&MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=Number&MessageAttributes.entry.1.Value.StringValue=five", "ParameterValueInvalid")]
    [InlineData("Subscribe", "TopicArn=TOPIC&Protocol=lambda&Endpoint=nonsense", "InvalidParameter")]
    [InlineData("Subscribe", "TopicArn=TOPIC&Protocol=carrier-pigeon&Endpoint=x", "InvalidParameter")]
    [InlineData("Subscribe", "TopicArn=TOPIC&Protocol=lambda&Endpoint=FUNCTION&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=true",
        "InvalidParameter")]
    [InlineData("Subscribe", "TopicArn=TOPIC&Protocol=lambda&Endpoint=FUNCTION&Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value={\"a\":1}",
        "InvalidParameter")]
    [InlineData("Subscribe",
        "TopicArn=TOPIC&Protocol=lambda&Endpoint=FUNCTION&Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value={\"a\":{\"b\":[1]}}",
        "InvalidParameter")]
    [InlineData("GetSubscriptionAttributes", "SubscriptionArn=arn:aws:sns:us-east-1:123456789012:news:none", "NotFound")]
    [InlineData("CreatePlatformApplication", "Name=x", "InvalidAction")]
    public void Call_RefusedByTheService_SaysWhy(string action, string fields, string code)
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        var pairs = fields.Replace("TOPIC", topic, StringComparison.Ordinal).Replace("FUNCTION", MessagingFixture.FunctionArn, StringComparison.Ordinal)
            .Split('&').Select(field => (field.Split('=', 2)[0], field.Split('=', 2)[1]));
        Assert.Equal(code, Code(cloud.Query(action, [.. pairs])));
    }

    [Theory]
    [InlineData("""{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}""", "can not have more than 5 keys")]
    [InlineData("""{"a":{"b":{"c":["1","2","3","4"]}},"d":{"e":["1","2","3"]},"f":["1","2","3"]}""", "too complex")]
    public void FilterPolicy_BeyondItsLimits_IsRefused(string policy, string reason)
    {
        using var cloud = new MessagingFixture();
        var answer =
            Subscribe(cloud, cloud.CreateTopic("news"), "lambda", MessagingFixture.FunctionArn, ("FilterPolicyScope", "MessageBody"), ("FilterPolicy", policy));

        Assert.Equal("InvalidParameter", MessagingFixture.Text(MessagingFixture.Xml(answer), "Code"));
        Assert.Contains(reason, MessagingFixture.Text(MessagingFixture.Xml(answer), "Message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FilterPolicy", """{ "a": 1 }""", "FilterPolicy: \"a\" must be an object or an array\n at [Source: (String)\"{\"a\":1}\"; line: 1, column: 7]")]
    [InlineData("FilterPolicy", """{"a": {"b": ["c"]}}""", "Filter policy scope MessageAttributes does not support nested filter policy")]
    [InlineData("FilterPolicyScope", "Subject", "FilterPolicyScope: Invalid value [Subject]. Please use either MessageBody or MessageAttributes")]
    public void WrongFilter_IsRefusedInTheServicesWords(string name, string value, string reason)
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");
        var subscribed = Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn, (name, value));
        var existing = MessagingFixture.Text(
            MessagingFixture.Xml(Subscribe(cloud, topic, "lambda", MessagingFixture.FunctionArn)), "SubscriptionArn");
        var changed = cloud.Query("SetSubscriptionAttributes", ("SubscriptionArn", existing!), ("AttributeName", name), ("AttributeValue", value));

        Assert.Equal($"Invalid parameter: Attributes Reason: {reason}", MessagingFixture.Text(MessagingFixture.Xml(subscribed), "Message"));
        Assert.Equal($"Invalid parameter: {reason}", MessagingFixture.Text(MessagingFixture.Xml(changed), "Message"));
    }

    [Fact]
    public void Topic_WithoutPolicies_ShowsTheServicesDefaults()
    {
        using var cloud = new MessagingFixture();
        var topic = MessagingFixture.Text(MessagingFixture.Xml(cloud.Query("CreateTopic", ("Name", "news"))), "TopicArn");
        var attributes = TopicAttributes();

        var statement = Assert.Single(JsonNode.Parse(attributes["Policy"])!["Statement"]!.AsArray())!;
        Assert.Equal((topic, "123456789012"),
            ((string?)statement["Resource"], (string?)statement["Condition"]!["StringEquals"]!["AWS:SourceOwner"]));
        Assert.Equal(3, (int)JsonNode.Parse(attributes["EffectiveDeliveryPolicy"])!["http"]!["defaultHealthyRetryPolicy"]!["numRetries"]!);

        const string Own = """{"Version":"2012-10-17","Statement":[]}""";
        cloud.Query("SetTopicAttributes", ("TopicArn", topic), ("AttributeName", "Policy"), ("AttributeValue", Own));
        Assert.Equal(Own, TopicAttributes()["Policy"]);

        cloud.Query(
            "SetTopicAttributes", ("TopicArn", topic), ("AttributeName", "DeliveryPolicy"),
            ("AttributeValue", """{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}"""));
        var retries = JsonNode.Parse(TopicAttributes()["EffectiveDeliveryPolicy"])!["http"]!["defaultHealthyRetryPolicy"]!;
        Assert.Equal((1, 20), ((int)retries["numRetries"]!, (int)retries["minDelayTarget"]!));
        Assert.Equal(
            """{"http":{"defaultHealthyRetryPolicy":{"numRetries":1},"disableSubscriptionOverrides":false}}""", TopicAttributes()["DeliveryPolicy"]);

        Dictionary<string, string> TopicAttributes() => MessagingFixture.Xml(cloud.Query("GetTopicAttributes", ("TopicArn", topic)))
            .Descendants().Where(element => element.Name.LocalName == "entry")
            .ToDictionary(entry => entry.Elements().First().Value, entry => entry.Elements().Last().Value);
    }

    [Fact]
    public void StandardTopic_NamedAsSuch_IsTheTopicWithoutTheName()
    {
        using var cloud = new MessagingFixture();
        var named = Create(("Attributes.entry.1.key", "FifoTopic"), ("Attributes.entry.1.value", "false"));
        Assert.Equal(named, Create());

        var attributes = MessagingFixture.Xml(cloud.Query("GetTopicAttributes", ("TopicArn", named))).ToString();
        Assert.DoesNotContain("FifoTopic", attributes, StringComparison.Ordinal);

        string Create(params (string Name, string Value)[] fields) =>
            MessagingFixture.Text(MessagingFixture.Xml(cloud.Query("CreateTopic", [("Name", "news"), .. fields])), "TopicArn");
    }

    [Fact]
    public async Task MessageGroupId_ReachesTheQueue()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("fair");
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "sqs", MessagingFixture.QueueArn("fair"));
        cloud.Query("Publish", ("TopicArn", topic), ("Message", "m"), ("MessageGroupId", "tenant"));
        await cloud.Settle();

        Assert.Equal("tenant", (string?)Assert.Single(cloud.Receive(queue))["Attributes"]!["MessageGroupId"]);
    }

    [Fact]
    public async Task RawMessageDelivery_IsAcceptedInAnyCase()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("raw");
        var topic = cloud.CreateTopic("news");
        Subscribe(cloud, topic, "sqs", MessagingFixture.QueueArn("raw"), ("RawMessageDelivery", "True"));
        Publish(cloud, topic, "as it is");
        await cloud.Settle();

        Assert.Equal("as it is", (string?)Assert.Single(cloud.Receive(queue))["Body"]);
    }

    private static Wire.WireResponse Subscribe(
        MessagingFixture cloud, string topic, string protocol, string endpoint, params (string Name, string Value)[] attributes) =>
        cloud.Query("Subscribe",
        [
            ("TopicArn", topic), ("Protocol", protocol), ("Endpoint", endpoint),
            .. attributes.SelectMany((pair, i) => new[] { ($"Attributes.entry.{i + 1}.key", pair.Name), ($"Attributes.entry.{i + 1}.value", pair.Value) }),
        ]);

    private static void Publish(MessagingFixture cloud, string topic, string message, params (string Name, string Type, string Value)[] attributes) =>
        cloud.Cloud.Run(() => cloud.Cloud.Sns.Publish(topic, null, message, attributes.ToDictionary(pair => pair.Name, pair => (pair.Type, pair.Value))));

    private static string Code(Wire.WireResponse response) => MessagingFixture.Text(MessagingFixture.Xml(response), "Code");
}
