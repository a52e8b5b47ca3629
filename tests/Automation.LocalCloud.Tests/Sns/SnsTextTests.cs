using Automation.LocalCloud.Tests.EventBridge;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Sns;

/// <summary>Refusals in the words of recorded answers of SNS.</summary>
public sealed class SnsTextTests : IDisposable
{
    private readonly MessagingFixture _cloud = new();
    private readonly string _topic;

    public SnsTextTests() => _topic = _cloud.CreateTopic("news");

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("RawMessageDelivery", "perhaps", "RawMessageDelivery: Invalid value [perhaps]. Must be true or false.")]
    [InlineData("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false.")]
    [InlineData("RedrivePolicy", """{"deadLetterTargetArn":"nowhere"}""", "RedrivePolicy: deadLetterTargetArn is an invalid arn")]
    [InlineData("RedrivePolicy", "{x}",
        "RedrivePolicy: failed to parse JSON. Unexpected character ('x' (code 120)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]")]
    [InlineData("FilterPolicy", "{x}",
        "FilterPolicy: failed to parse JSON. Unexpected character ('x' (code 120)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]")]
    [InlineData("FilterPolicy", """{"a":[{"numeric":[">",1,"about"]}]}""",
        "FilterPolicy: Bad numeric range operator: about\n at [Source: (String)\"{\"a\":[{\"numeric\":[\">\",1,\"about\"]}]}\"; line: 1, column: 32]")]
    [InlineData("FilterPolicy", """{"key":[{"anything-but":{"suffix":"test"}}]}""",
        "FilterPolicy: Unsupported anything-but pattern: suffix\n at [Source: (String)\"{\"key\":[{\"anything-but\":{\"suffix\":\"test\"}}]}\"; line: 1, column: 36]")]
    [InlineData("FilterPolicy", """{"key":[{"anything-but":{"prefix":false}}]}""",
        "FilterPolicy: prefix match pattern must be a string\n at [Source: (String)\"{\"key\":[{\"anything-but\":{\"prefix\":false}}]}\"; line: 1, column: 40]")]
    [InlineData("FilterPolicy", """{"key":[{"suffix":["test","test2"]}]}""",
        "FilterPolicy: suffix match pattern must be a string\n at [Source: (String)\"{\"key\":[{\"suffix\":[\"test\",\"test2\"]}]}\"; line: 1, column: 20]")]
    [InlineData("FilterPolicy", """{"key":[{"exists":"no"}]}""",
        "FilterPolicy: exists match pattern must be either true or false.\n at [Source: (String)\"{\"key\":[{\"exists\":\"no\"}]}\"; line: 1, column: 20]")]
    [InlineData("FilterPolicy", """{"key":[{"numeric":[">",20,30]}]}""",
        "FilterPolicy: Bad value in numeric range: 30\n at [Source: (String)\"{\"key\":[{\"numeric\":[\">\",20,30]}]}\"; line: 1, column: 30]")]
    [InlineData("FilterPolicy", """{"a":[1,2,3,4],"$or":[{"b":[1,2,3,4,5,6]},{"c":[1,2,3,4],"$or":[{"d":[1,2,3,4]},{"e":[1,2,3,4]}]}]}""",
        "FilterPolicy: Filter policy is too complex")]
    [InlineData("Colour", "red", "AttributeName")]
    public void SubscriptionAttribute(string name, string value, string reason) =>
        Refused(
            $"Invalid parameter: {reason}",
            "SetSubscriptionAttributes", ("SubscriptionArn", Subscribe()), ("AttributeName", name), ("AttributeValue", value));

    [Theory]
    [InlineData("sms", "NAA+15551234567", null)]
    [InlineData("pigeon", "loft", "Amazon SNS does not support this protocol string: pigeon")]
    [InlineData("sqs", "http://127.0.0.1:4566/123456789012/q", "SQS endpoint ARN")]
    [InlineData("sqs", "arn:aws:sqs:us-east-1:123456789012:q.fifo",
        "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")]
    public void Endpoint(string protocol, string endpoint, string? reason) =>
        Refused(reason is null ? $"Invalid SMS endpoint: {endpoint}" : $"Invalid parameter: {reason}", "Subscribe", ("TopicArn", _topic), ("Protocol", protocol), ("Endpoint", endpoint));

    [Theory]
    [InlineData("{x}", "Message Structure - JSON message body failed to parse")]
    [InlineData("""{"sqs":"m"}""", "Message Structure - No default entry in JSON message body")]
    [InlineData("""{"default":1}""", "Message Structure - No default entry in JSON message body")]
    public void StructuredMessage(string message, string reason) =>
        Refused($"Invalid parameter: {reason}", "Publish", ("TopicArn", _topic), ("Message", message), ("MessageStructure", "json"));

    [Theory]
    [InlineData("Number", "", "must contain non-empty message attribute value for message attribute type 'Number'.")]
    [InlineData("Colour", "red", "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.")]
    public void MessageAttribute(string type, string value, string reason) => Refused(
        $"The message attribute 'a' {reason}", "Publish", ("TopicArn", _topic), ("Message", "m"),
        ("MessageAttributes.entry.1.Name", "a"), ("MessageAttributes.entry.1.Value.DataType", type), ("MessageAttributes.entry.1.Value.StringValue", value));

    [Theory]
    [InlineData("a^b", "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. "
        + "Can only include alphanumeric characters, hyphens, underscores, or dots.")]
    [InlineData(".a", "Invalid message attribute name starting with character '.' was found.")]
    [InlineData("a.", "Invalid message attribute name ending with character '.' was found.")]
    [InlineData("a..b", "Message attribute name can not have successive '.' character.")]
    [InlineData(null, "Length of message attribute name must be less than 256 bytes.")]
    public void MessageAttributeName(string? name, string reason) => Refused(
        reason, "Publish", ("TopicArn", _topic), ("Message", "m"), ("MessageAttributes.entry.1.Name", name ?? new string('a', 257)),
        ("MessageAttributes.entry.1.Value.DataType", "String"), ("MessageAttributes.entry.1.Value.StringValue", "v"));

    [Theory]
    [InlineData("String", "BinaryValue", "String")]
    [InlineData("Number.int", "BinaryValue", "String")]
    [InlineData("Binary", "StringValue", "Binary")]
    public void MessageAttribute_InTheWrongField(string type, string field, string right) => Refused(
        $"The message attribute 'a' with type '{type}' must use field '{right}'.", "Publish", ("TopicArn", _topic), ("Message", "m"),
        ("MessageAttributes.entry.1.Name", "a"), ("MessageAttributes.entry.1.Value.DataType", type), ($"MessageAttributes.entry.1.Value.{field}", "dg=="));

    [Fact]
    public void MessageAttribute_OfABatch_FailsTheWholeRequest() => Refused(
        "1 validation error detected: Value null at 'publishBatchRequestEntries.2.member.messageAttributes.a.member.dataType' "
        + "failed to satisfy constraint: Member must not be null",
        "PublishBatch", ("TopicArn", _topic), ("PublishBatchRequestEntries.member.1.Id", "1"), ("PublishBatchRequestEntries.member.1.Message", "m"),
        ("PublishBatchRequestEntries.member.2.Id", "2"), ("PublishBatchRequestEntries.member.2.Message", "m"),
        ("PublishBatchRequestEntries.member.2.MessageAttributes.entry.1.Name", "a"),
        ("PublishBatchRequestEntries.member.2.MessageAttributes.entry.1.Value.StringValue", "v"));

    [Fact]
    public void Endpoint_ThatDoesNotExist() => Refused(
        "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
        "Publish", ("TargetArn", "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1"), ("Message", "m"));

    [Fact]
    public void MessageDeduplicationId_OfAStandardTopic() => Refused(
        "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        "Publish", ("TopicArn", _topic), ("Message", "m"), ("MessageDeduplicationId", "d"));

    [Fact]
    public void Attributes_CountToTheSizeOfTheirMessage() => Refused(
        "Invalid parameter: Message too long", "Publish", ("TopicArn", _topic), ("Message", new string('m', 262_144)),
        ("MessageAttributes.entry.1.Name", "a"), ("MessageAttributes.entry.1.Value.DataType", "String"), ("MessageAttributes.entry.1.Value.StringValue", "v"));

    [Theory]
    [InlineData("nowhere", 1)]
    [InlineData("arn:aws:sns", 3)]
    public void TopicArn(string arn, int parts) => Refused(
        $"Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not {parts}", "GetTopicAttributes", ("TopicArn", arn));

    [Theory]
    [InlineData("nowhere", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")]
    [InlineData("arn:aws:sns:us-east-1:123456789012:news", "SubscriptionId")]
    public void Unsubscribe_WithAWrongArn(string arn, string reason) =>
        Refused($"Invalid parameter: {reason}", "Unsubscribe", ("SubscriptionArn", arn));

    [Theory]
    [InlineData("GetTopicAttributes")]
    [InlineData("Publish")]
    [InlineData("ListSubscriptionsByTopic")]
    [InlineData("DeleteTopic")]
    public void Topic_OfAnotherRegion(string action) => Refused(
        "Invalid parameter: TopicArn", action, ("TopicArn", _topic.Replace(MessagingFixture.Region, "eu-west-1", StringComparison.Ordinal)), ("Message", "m"));

    [Fact]
    public void FifoTopic_CannotBeSetLater() => Refused(
        "Invalid parameter: AttributeName", "SetTopicAttributes", ("TopicArn", _topic), ("AttributeName", "FifoTopic"), ("AttributeValue", "false"));

    [Fact]
    public void Batch_TooLongTogether() => Refused(
        "The length of all the messages put together is more than the limit.", "PublishBatch", ("TopicArn", _topic),
        ("PublishBatchRequestEntries.member.1.Id", "1"), ("PublishBatchRequestEntries.member.1.Message", new string('m', 140_000)),
        ("PublishBatchRequestEntries.member.2.Id", "2"), ("PublishBatchRequestEntries.member.2.Message", new string('m', 140_000)));

    [Fact]
    public void SmsSubscription_IsConfirmedAtOnce()
    {
        var answer = MessagingFixture.Xml(_cloud.Query("Subscribe", ("TopicArn", _topic), ("Protocol", "sms"), ("Endpoint", "+123123123")));
        Assert.StartsWith(_topic, MessagingFixture.Text(answer, "SubscriptionArn"), StringComparison.Ordinal);
    }

    [Fact]
    public void Tags()
    {
        (string, string)[] one = [("Name", "tagged"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "1")];
        Assert.Equal(200, _cloud.Query("CreateTopic", one).Status);
        Assert.Equal(200, _cloud.Query("CreateTopic", one).Status);
        Assert.Equal(200, _cloud.Query("CreateTopic", ("Name", "tagged")).Status);

        Refused("Invalid parameter: Duplicated keys are not allowed.", "CreateTopic",
            [.. one, ("Tags.member.2.Key", "k"), ("Tags.member.2.Value", "2")]);
        Refused("Invalid parameter: Tags Reason: Topic already exists with different tags", "CreateTopic",
            [.. one, ("Tags.member.2.Key", "m"), ("Tags.member.2.Value", "2")]);
    }

    [Fact]
    public void FilterPolicy_WithAlternativesBelowTheLimit_IsAccepted() => Assert.Equal(200, _cloud.Query(
        "SetSubscriptionAttributes", ("SubscriptionArn", Subscribe()), ("AttributeName", "FilterPolicy"),
        ("AttributeValue", """{"a":[1,2,3],"$or":[{"b":[1,2,3,4,5,6]},{"c":[1,2,3,4],"$or":[{"d":[1,2,3,4]},{"e":[1,2,3,4,5,6,7]}]}]}""")).Status);

    [Fact]
    public void Permissions_AreStatementsOfThePolicy()
    {
        (string, string)[] permission =
            [("TopicArn", _topic), ("Label", "one"), ("AWSAccountId.member.1", "111111111111"), ("ActionName.member.1", "Publish")];
        string Policy() => MessagingFixture.Xml(_cloud.Query("GetTopicAttributes", ("TopicArn", _topic))).ToString();

        Assert.Equal(200, _cloud.Query("AddPermission", permission).Status);
        Assert.Contains("\"Sid\":\"one\"", Policy(), StringComparison.Ordinal);
        Refused("Invalid parameter: Statement already exists", "AddPermission", permission);
        Assert.Equal(200, _cloud.Query("RemovePermission", ("TopicArn", _topic), ("Label", "one")).Status);
        Assert.DoesNotContain("\"Sid\":\"one\"", Policy(), StringComparison.Ordinal);
    }

    [Fact]
    public void FilterPolicyScope_IsShownWithAPolicyOnly()
    {
        var subscription = Subscribe();
        bool IsShown() => MessagingFixture.Xml(_cloud.Query("GetSubscriptionAttributes", ("SubscriptionArn", subscription))).ToString()
            .Contains("FilterPolicyScope", StringComparison.Ordinal);
        WireResponse Set(string name, string value) => _cloud.Query(
            "SetSubscriptionAttributes", ("SubscriptionArn", subscription), ("AttributeName", name), ("AttributeValue", value));

        Set("FilterPolicyScope", "MessageBody");
        Assert.False(IsShown());
        Set("FilterPolicy", """{"a":["b"]}""");
        Assert.True(IsShown());
    }

    private string Subscribe() => MessagingFixture.Text(
        MessagingFixture.Xml(_cloud.Query("Subscribe", ("TopicArn", _topic), ("Protocol", "sqs"), ("Endpoint", MessagingFixture.QueueArn("q")))),
        "SubscriptionArn");

    private void Refused(string message, string action, params (string Name, string Value)[] fields) =>
        Assert.Equal(message, MessagingFixture.Text(MessagingFixture.Xml(_cloud.Query(action, fields)), "Message"));
}
