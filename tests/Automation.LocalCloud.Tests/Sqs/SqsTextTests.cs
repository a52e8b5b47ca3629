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
    public void Refusal(string operation, string input, string message) => Assert.Equal(message, Refused(operation, _queue, input).Message);

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
