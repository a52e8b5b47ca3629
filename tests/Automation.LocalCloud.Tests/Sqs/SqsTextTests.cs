using System.Text.Json.Nodes;
using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Sqs;

/// <summary>Answers in the words of recorded answers of SQS.</summary>
public sealed class SqsTextTests : IDisposable
{
    private readonly MessagingFixture _cloud = new();
    private readonly string _queue;

    public SqsTextTests() => _queue = _cloud.CreateQueue("q");

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("SendMessageBatch", """{"Entries":[{"Id":"a b","MessageBody":"m"}]}""",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")]
    [InlineData("SetQueueAttributes", """{"Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"nowhere\",\"maxReceiveCount\":3}"}}""",
        "Value {\"deadLetterTargetArn\":\"nowhere\",\"maxReceiveCount\":3} for parameter RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn.")]
    [InlineData("SetQueueAttributes", """{"Attributes":{"SqsManagedSseEnabled":"true","KmsMasterKeyId":"k"}}""",
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")]
    [InlineData("SetQueueAttributes", """{"Attributes":{"VisibilityTimeout":"43201"}}""", "Invalid value for the parameter VisibilityTimeout.")]
    [InlineData("SetQueueAttributes", """{"Attributes":{"FifoQueue":"true"}}""", "Unknown Attribute FifoQueue.")]
    [InlineData("SetQueueAttributes", """{"Attributes":{"RedrivePolicy":"{}"}}""",
        "Value {} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: maxReceiveCount.")]
    [InlineData("SetQueueAttributes", """{"Attributes":{"RedrivePolicy":"{\"maxReceiveCount\":\"5\"}"}}""",
        "Value {\"maxReceiveCount\":\"5\"} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")]
    [InlineData("SendMessage", """{"MessageBody":"m","MessageAttributes":{"a":{"DataType":"String","StringValue":""}}}""",
        "Message (user) attribute 'a' must contain a non-empty value of type 'String'.")]
    [InlineData("SendMessage", """{"MessageBody":"m","MessageAttributes":{"a":{"DataType":"Colour","StringValue":"red"}}}""",
        "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.")]
    [InlineData("DeleteMessageBatch", """{"Entries":[{"Id":"","ReceiptHandle":"r"}]}""",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")]
    [InlineData("SendMessageBatch", """{"Entries":[]}""", "There should be at least one SendMessageBatchRequestEntry in the request.")]
    [InlineData("DeleteMessageBatch", """{"Entries":[]}""", "There should be at least one DeleteMessageBatchRequestEntry in the request.")]
    [InlineData("ChangeMessageVisibilityBatch", """{"Entries":[]}""", "There should be at least one ChangeMessageVisibilityBatchRequestEntry in the request.")]
    [InlineData("AddPermission", """{"Label":"x","AWSAccountIds":["111122223333"],"Actions":["A","B","C","D","E","F","G","H"]}""",
        "8 Actions were found, maximum allowed is 7.")]
    [InlineData("RemovePermission", """{"Label":"x"}""", "Value x for parameter Label is invalid. Reason: can't find label.")]
    [InlineData("CancelMessageMoveTask", """{"TaskHandle":"foobared"}""", "Value for parameter TaskHandle is invalid.")]
    public void Refusal(string operation, string input, string message) => Assert.Equal(message, Refused(operation, _queue, input).Message);

    [Theory]
    [InlineData("VisibilityTimeout", "-1", "InvalidAttributeValue", "InvalidAttributeValue")]
    [InlineData("Colour", "red", "InvalidAttributeName", "InvalidAttributeName")]
    [InlineData("RedrivePolicy", "{}", "InvalidParameterValueException", "InvalidParameterValue")]
    public void Refusal_HasANameInEachProtocol(string attribute, string value, string shape, string queryCode)
    {
        var answer = _cloud.JsonCall("sqs", "SetQueueAttributes", new JsonObject
        {
            ["QueueUrl"] = _queue,
            ["Attributes"] = new JsonObject { [attribute] = value },
        });

        Assert.Equal("com.amazonaws.sqs#" + shape, MessagingFixture.Code(answer));
        Assert.Equal($"{queryCode};Sender", answer.Headers["x-amzn-query-error"]);
    }

    [Fact]
    public void FifoQueue_KeepsItsType()
    {
        var queue = _cloud.CreateQueue("q.fifo", ("FifoQueue", "true"));

        Assert.Equal(
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            Refused("SetQueueAttributes", queue, """{"Attributes":{"FifoQueue":"false"}}""").Message);
    }

    [Fact]
    public void Attributes_CountToTheSizeOfABatch() => Assert.Equal(
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
        Refused("SendMessageBatch", _queue,
            """{"Entries":[{"Id":"1","MessageBody":"BODY","MessageAttributes":{"k":{"DataType":"String","StringValue":"x"}}},{"Id":"2","MessageBody":"a"}]}"""
                .Replace("BODY", new string('a', 1_048_576 - 8), StringComparison.Ordinal)).Message);

    /// <summary>Most programs still name them with the older member, whose enum in AWS's model lacks them.</summary>
    [Theory]
    [InlineData("AttributeNames", "SenderId")]
    [InlineData("AttributeNames", "SentTimestamp")]
    [InlineData("AttributeNames", "ApproximateReceiveCount")]
    [InlineData("MessageSystemAttributeNames", "ApproximateFirstReceiveTimestamp")]
    public void Receive_NamesSystemAttributesInEitherMember(string member, string name)
    {
        Call("SendMessage", """{"MessageBody":"m"}""");

        var message = Call("ReceiveMessage", $$"""{"{{member}}":["{{name}}"]}""")["Messages"]![0]!;

        Assert.Equal(name, Assert.Single(message["Attributes"]!.AsObject()).Key);
    }

    [Fact]
    public void Message_WithoutTheAttributesAskedFor_HasAnEmptyMap()
    {
        Call("SendMessage", """{"MessageBody":"m","MessageAttributes":{"a":{"DataType":"String","StringValue":"v"}}}""");
        JsonNode Receive(string names) => Call("ReceiveMessage", $$"""{"VisibilityTimeout":0,"MessageAttributeNames":{{names}}}""")["Messages"]![0]!;

        Assert.Empty(Receive("""["b"]""")["MessageAttributes"]!.AsObject());
        Assert.Null(Receive("""["AWS."]""")["MessageAttributes"]);
        Assert.Null(Receive("[]")["MessageAttributes"]);
    }

    [Fact]
    public void Permissions_AreStatementsOfThePolicy()
    {
        Call("SetQueueAttributes", """{"Attributes":{"Policy":""}}""");
        Call("AddPermission", """{"Label":"one","AWSAccountIds":["111111111111","222222222222"],"Actions":["ReceiveMessage"]}""");
        Call("AddPermission", """{"Label":"two","AWSAccountIds":["111111111111"],"Actions":["SendMessage","DeleteMessage"]}""");

        var arn = MessagingFixture.QueueArn("q");
        Assert.Equal(
            $$"""
            {"Version":"2008-10-17","Id":"{{arn}}/SQSDefaultPolicy","Statement":[{"Sid":"one","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Action":"SQS:ReceiveMessage","Resource":"{{arn}}"},{"Sid":"two","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["SQS:SendMessage","SQS:DeleteMessage"],"Resource":"{{arn}}"}]}
            """,
            (string?)Attributes()["Policy"]);
        Assert.Equal(
            "Value two for parameter Label is invalid. Reason: Already exists.",
            Refused("AddPermission", _queue, """{"Label":"two","AWSAccountIds":["111111111111"],"Actions":["SendMessage"]}""").Message);

        Call("RemovePermission", """{"Label":"one"}""");
        Call("RemovePermission", """{"Label":"two"}""");
        Assert.Null(Attributes()["Policy"]);
    }

    private JsonObject Call(string operation, string input)
    {
        var fields = JsonNode.Parse(input)!.AsObject();
        fields["QueueUrl"] = _queue;
        return _cloud.Json("sqs", operation, fields);
    }

    private JsonObject Attributes() => Call("GetQueueAttributes", """{"AttributeNames":["All"]}""")["Attributes"]!.AsObject();

    [Fact]
    public void BatchBeyondTheLimit()
    {
        var half = new string('x', 524_288);

        Assert.Equal(
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
            Refused("SendMessageBatch", _queue, $$"""
                {"Entries":[{"Id":"a","MessageBody":"{{half}}"},{"Id":"b","MessageBody":"{{half}}y"}]}
                """).Message);
    }

    [Fact]
    public void SecondPurge_HasTheStatusForbidden()
    {
        _cloud.Json("sqs", "PurgeQueue", new JsonObject { ["QueueUrl"] = _queue });

        Assert.Equal((403, "Only one PurgeQueue operation on q is allowed every 60 seconds."), Refused("PurgeQueue", _queue, "{}"));
    }

    [Fact]
    public void FifoQueue_HasItsDefaultsAndNoDelayOfAMessage()
    {
        var queue = _cloud.CreateQueue("q.fifo", ("FifoQueue", "true"));
        var attributes = _cloud.Json(
            "sqs", "GetQueueAttributes", new JsonObject { ["QueueUrl"] = queue, ["AttributeNames"] = new JsonArray("All") })["Attributes"]!;

        Assert.Equal(
            ("false", "queue", "perQueue", "true"),
            ((string?)attributes["ContentBasedDeduplication"], (string?)attributes["DeduplicationScope"], (string?)attributes["FifoThroughputLimit"],
                (string?)attributes["SqsManagedSseEnabled"]));
        Assert.Equal(
            "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
            Refused("SendMessage", queue, """{"MessageBody":"m","MessageGroupId":"g","MessageDeduplicationId":"d","DelaySeconds":2}""").Message);
    }

    private (int Status, string? Message) Refused(string operation, string queue, string input)
    {
        var fields = JsonNode.Parse(input)!.AsObject();
        fields["QueueUrl"] = queue;
        var answer = _cloud.JsonCall("sqs", operation, fields);
        return (answer.Status, (string?)JsonNode.Parse(answer.Body.Span)!["message"]);
    }
}
