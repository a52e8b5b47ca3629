using System.Text.Json.Nodes;
using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Sqs;

public sealed class SqsTests
{
    [Fact]
    public void SendMessage_WithAttributes_ReturnsTheDigestsThatClientsCheck()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        Assert.Equal("http://127.0.0.1:4566/123456789012/q", queue);
        var sent = cloud.Json("sqs", "SendMessage", new JsonObject
        {
            ["QueueUrl"] = queue,
            ["MessageBody"] = "hello",
            ["MessageAttributes"] = new JsonObject
            {
                ["test_attribute_name_1"] = new JsonObject { ["DataType"] = "String", ["StringValue"] = "test_attribute_value_1" },
            },
        });
        Assert.Equal("5d41402abc4b2a76b9719d911017c592", (string?)sent["MD5OfMessageBody"]);
        var received = Assert.Single(cloud.Receive(queue));
        Assert.Equal((string?)sent["MD5OfMessageAttributes"], (string?)received["MD5OfMessageAttributes"]);
        Assert.Equal("1", (string?)received["Attributes"]!["ApproximateReceiveCount"]);
        Assert.Equal("test_attribute_value_1", MessagingFixture.Attribute(received, "test_attribute_name_1"));
    }

    [Fact]
    public async Task ReceiveMessage_NotDeletedInTime_IsVisibleAgain()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q", ("VisibilityTimeout", "60"));
        Send(cloud, queue, "a");
        Assert.Single(cloud.Receive(queue));
        Assert.Empty(cloud.Receive(queue));
        Assert.Equal("1", Count(cloud, queue, "ApproximateNumberOfMessagesNotVisible"));
        await cloud.Advance(TimeSpan.FromSeconds(60));
        var again = Assert.Single(cloud.Receive(queue));
        Assert.Equal("2", (string?)again["Attributes"]!["ApproximateReceiveCount"]);
        cloud.Json("sqs", "DeleteMessage", new JsonObject { ["QueueUrl"] = queue, ["ReceiptHandle"] = (string?)again["ReceiptHandle"] });
        await cloud.Advance(TimeSpan.FromHours(1));
        Assert.Empty(cloud.Receive(queue));
    }

    [Fact]
    public async Task ReceiveMessage_TooOften_MovesItToTheDeadLetterQueueForARedrive()
    {
        using var cloud = new MessagingFixture();
        var dead = cloud.CreateQueue("dead");
        var queue = cloud.CreateQueue(
            "q", ("VisibilityTimeout", "1"), ("RedrivePolicy", $$"""{"deadLetterTargetArn":"{{MessagingFixture.QueueArn("dead")}}","maxReceiveCount":"2"}"""));
        Send(cloud, queue, "poison");
        for (var i = 0; i < 2; i++)
        {
            Assert.Single(cloud.Receive(queue));
            await cloud.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Empty(cloud.Receive(queue));
        var letter = Assert.Single(cloud.Receive(dead));
        Assert.Equal(MessagingFixture.QueueArn("q"), (string?)letter["Attributes"]!["DeadLetterQueueSourceArn"]);
        Assert.Contains(cloud.Journal, entry => entry.Kind == "message-sent" && entry.Text.StartsWith("dead letter", StringComparison.Ordinal));
        cloud.Json("sqs", "StartMessageMoveTask", new JsonObject { ["SourceArn"] = MessagingFixture.QueueArn("dead") });
        Assert.Equal("poison", (string?)Assert.Single(cloud.Receive(queue))["Body"]);
        var task = Assert.Single(
            cloud.Json("sqs", "ListMessageMoveTasks", new JsonObject { ["SourceArn"] = MessagingFixture.QueueArn("dead") })["Results"]!.AsArray());
        Assert.Equal(1, (int)task!["ApproximateNumberOfMessagesMoved"]!);
        Assert.Equal(queue, (string?)cloud.Json("sqs", "ListDeadLetterSourceQueues", new JsonObject { ["QueueUrl"] = dead })["queueUrls"]![0]);
    }

    [Fact]
    public async Task SendMessage_Delayed_IsVisibleLaterAndExpiresAfterItsRetention()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q", ("DelaySeconds", "30"), ("MessageRetentionPeriod", "60"));
        Send(cloud, queue, "late");
        Assert.Empty(cloud.Receive(queue));
        Assert.Equal("1", Count(cloud, queue, "ApproximateNumberOfMessagesDelayed"));
        await cloud.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("1", Count(cloud, queue, "ApproximateNumberOfMessages"));
        await cloud.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("0", Count(cloud, queue, "ApproximateNumberOfMessages"));
    }

    [Fact]
    public async Task FifoQueue_KeepsOrderWithinAGroupAndDropsDuplicates()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q.fifo", ("FifoQueue", "true"), ("VisibilityTimeout", "60"));
        foreach (var (body, group, id) in new[] { ("a1", "a", "1"), ("a2", "a", "2"), ("again", "a", "1"), ("b1", "b", "3") })
        {
            cloud.Json("sqs", "SendMessage",
                new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = body, ["MessageGroupId"] = group, ["MessageDeduplicationId"] = id });
        }

        JsonObject One() => cloud.Json("sqs", "ReceiveMessage", new JsonObject { ["QueueUrl"] = queue });
        Assert.Equal("a1", (string?)One()["Messages"]![0]!["Body"]);
        Assert.Equal("b1", (string?)One()["Messages"]![0]!["Body"]);
        Assert.Null(One()["Messages"]);
        await cloud.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(["a1", "a2", "b1"], cloud.Receive(queue).Select(message => (string?)message["Body"]));
    }

    /// <summary>Recorded in test_sqs of https://github.com/localstack/localstack: test_fifo_message_group_*.</summary>
    [Fact]
    public async Task FifoQueue_ReturnsAsManyMessagesOfAGroupAsItCan()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q.fifo", ("FifoQueue", "true"), ("ContentBasedDeduplication", "true"));
        foreach (var body in new[] { "1-a", "2-a", "1-b", "2-b", "1-c", "1-d", "3-a" })
        {
            cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = body, ["MessageGroupId"] = body[..1] });
        }

        List<JsonNode> Receive(int most)
        {
            var answer = cloud.Json("sqs", "ReceiveMessage", new JsonObject { ["QueueUrl"] = queue, ["MaxNumberOfMessages"] = most });
            return [.. (answer["Messages"]?.AsArray() ?? []).Select(each => each!)];
        }

        void Change(string operation, JsonNode message, JsonObject more)
        {
            more["QueueUrl"] = queue;
            more["ReceiptHandle"] = (string?)message["ReceiptHandle"];
            cloud.Json("sqs", operation, more);
        }

        var first = Receive(2);
        Assert.Equal(["1-a", "1-b"], first.Select(message => (string?)message["Body"]));
        Change("ChangeMessageVisibility", first[0], new JsonObject { ["VisibilityTimeout"] = 1 });
        await cloud.Advance(TimeSpan.FromSeconds(2));
        var second = Receive(3);
        Assert.Equal(["2-a", "2-b", "3-a"], second.Select(message => (string?)message["Body"]));
        var third = Receive(10);
        Assert.Equal(["1-a"], third.Select(message => (string?)message["Body"]));
        Change("DeleteMessage", third[0], []);
        Assert.Empty(Receive(10));
        Change("DeleteMessage", first[1], []);
        Assert.Equal(["1-c", "1-d"], Receive(10).Select(message => (string?)message["Body"]));
    }

    [Fact]
    public async Task ChangeMessageVisibility_AfterTheTimeout_HidesTheMessageAgain()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q", ("VisibilityTimeout", "1"));
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = "m" });
        var receipt = (string?)cloud.Receive(queue)[0]["ReceiptHandle"];
        await cloud.Advance(TimeSpan.FromSeconds(2));

        cloud.Json("sqs", "ChangeMessageVisibility", new JsonObject { ["QueueUrl"] = queue, ["ReceiptHandle"] = receipt, ["VisibilityTimeout"] = 60 });

        Assert.Empty(cloud.Receive(queue));
    }

    [Fact]
    public async Task FifoQueue_RefusesAReceiptThatHasExpired()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q.fifo", ("FifoQueue", "true"), ("VisibilityTimeout", "10"), ("ContentBasedDeduplication", "true"));
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = "m", ["MessageGroupId"] = "g" });
        var receipt = (string?)cloud.Receive(queue)[0]["ReceiptHandle"];
        await cloud.Advance(TimeSpan.FromSeconds(11));
        var late = cloud.JsonCall("sqs", "DeleteMessage", new JsonObject { ["QueueUrl"] = queue, ["ReceiptHandle"] = receipt });

        Assert.Contains("Reason: The receipt handle has expired.", System.Text.Encoding.UTF8.GetString(late.Body.Span), StringComparison.Ordinal);
        var again = (string?)cloud.Receive(queue)[0]["ReceiptHandle"];
        cloud.Json("sqs", "DeleteMessage", new JsonObject { ["QueueUrl"] = queue, ["ReceiptHandle"] = again });
        Assert.Equal(200, cloud.JsonCall("sqs", "DeleteMessage", new JsonObject { ["QueueUrl"] = queue, ["ReceiptHandle"] = again }).Status);
    }

    [Theory]
    [InlineData(null, "1", "The request must contain the parameter MessageGroupId.")]
    [InlineData("g", null, "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")]
    public void SendMessageBatch_ToAFifoQueue_FailsWhole(string? group, string? id, string reason)
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q.fifo", ("FifoQueue", "true"));
        JsonObject Entry(string name, string? group, string? id) => new()
        {
            ["Id"] = name,
            ["MessageBody"] = name,
            ["MessageGroupId"] = group,
            ["MessageDeduplicationId"] = id,
        };
        var answer = cloud.JsonCall(
            "sqs", "SendMessageBatch", new JsonObject { ["QueueUrl"] = queue, ["Entries"] = new JsonArray(Entry("a", "g", "1"), Entry("b", group, id)) });

        Assert.Equal(400, answer.Status);
        Assert.Contains(reason, System.Text.Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
        Assert.Empty(cloud.Receive(queue));
    }

    [Fact]
    public void SendMessageBatch_OneBadEntry_DoesNotAffectTheOthers()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        var answer = cloud.Json("sqs", "SendMessageBatch", new JsonObject
        {
            ["QueueUrl"] = queue,
            ["Entries"] = new JsonArray(new JsonObject { ["Id"] = "1", ["MessageBody"] = "ok" }, new JsonObject { ["Id"] = "2", ["MessageBody"] = "" }),
        });
        Assert.Single(answer["Successful"]!.AsArray());
        Assert.Equal("MissingParameter", (string?)Assert.Single(answer["Failed"]!.AsArray())!["Code"]);
        var message = Assert.Single(cloud.Receive(queue));
        cloud.Json("sqs", "ChangeMessageVisibility",
            new JsonObject { ["QueueUrl"] = queue, ["ReceiptHandle"] = (string?)message["ReceiptHandle"], ["VisibilityTimeout"] = 0 });
        Assert.Single(cloud.Receive(queue));
        cloud.Json("sqs", "PurgeQueue", new JsonObject { ["QueueUrl"] = queue });
        Assert.Equal("0", Count(cloud, queue, "ApproximateNumberOfMessagesNotVisible"));
        Assert.Equal("com.amazonaws.sqs#PurgeQueueInProgress",
            MessagingFixture.Code(cloud.JsonCall("sqs", "PurgeQueue", new JsonObject { ["QueueUrl"] = queue })));
    }

    [Fact]
    public void Error_OfAMissingQueue_HasTheQueryCodeForOlderClients()
    {
        using var cloud = new MessagingFixture();
        var response = cloud.JsonCall("sqs", "GetQueueUrl", new JsonObject { ["QueueName"] = "none" });
        Assert.Equal("com.amazonaws.sqs#QueueDoesNotExist", MessagingFixture.Code(response));
        Assert.Equal("AWS.SimpleQueueService.NonExistentQueue;Sender", response.Headers["x-amzn-query-error"]);
    }

    [Theory]
    [InlineData("CreateQueue", """{"QueueName":"a b"}""", "InvalidParameterValueException")]
    [InlineData("CreateQueue", """{"QueueName":"a.fifo"}""", "InvalidParameterValueException")]
    [InlineData("CreateQueue", """{"QueueName":"a","Attributes":{"Nonsense":"1"}}""", "InvalidAttributeName")]
    [InlineData("CreateQueue", """{"QueueName":"a","Attributes":{"VisibilityTimeout":"43201"}}""", "InvalidAttributeValue")]
    [InlineData("CreateQueue", """{"QueueName":"a","Attributes":{"RedrivePolicy":"{}"}}""", "InvalidParameterValueException")]
    [InlineData("CreateQueue",
        """{"QueueName":"a","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:none\",\"maxReceiveCount\":1}"}}""",
        "InvalidParameterValueException")]
    [InlineData("CreateQueue", """{"QueueName":"q","Attributes":{"VisibilityTimeout":"5"}}""", "QueueNameExists")]
    [InlineData("SendMessage", """{"QueueUrl":"q","MessageBody":""}""", "MissingRequiredParameterException")]
    [InlineData("SendMessage", """{"QueueUrl":"none","MessageBody":"x"}""", "QueueDoesNotExist")]
    [InlineData("SendMessage", """{"QueueUrl":"q","MessageBody":"x","DelaySeconds":901}""", "InvalidParameterValueException")]
    [InlineData("SendMessage", """{"QueueUrl":"q","MessageBody":"x","MessageAttributes":{"a":{"DataType":"Colour","StringValue":"x"}}}""",
        "InvalidParameterValueException")]
    [InlineData("ReceiveMessage", """{"QueueUrl":"q","MaxNumberOfMessages":11}""", "InvalidParameterValueException")]
    [InlineData("DeleteMessage", """{"QueueUrl":"q","ReceiptHandle":"!"}""", "ReceiptHandleIsInvalid")]
    [InlineData("SendMessageBatch", """{"QueueUrl":"q","Entries":[]}""", "EmptyBatchRequest")]
    [InlineData("SendMessageBatch", """{"QueueUrl":"q","Entries":[{"Id":"1","MessageBody":"x"},{"Id":"1","MessageBody":"y"}]}""", "BatchEntryIdsNotDistinct")]
    [InlineData("StartMessageMoveTask", """{"SourceArn":"arn:aws:sqs:us-east-1:123456789012:q"}""", "InvalidParameterValueException")]
    [InlineData("StartMessageMoveTask", """{"SourceArn":"arn:aws:sqs:us-east-1:123456789012:none"}""", "ResourceNotFoundException")]
    [InlineData("AddPermission", "{}", "MissingRequiredParameterException")]
    [InlineData("NoSuchOperation", "{}", "UnknownOperationException")]
    public void Call_RefusedByTheService_SaysWhy(string operation, string input, string code)
    {
        using var cloud = new MessagingFixture();
        cloud.CreateQueue("q");
        Assert.Equal("com.amazonaws.sqs#" + code, MessagingFixture.Code(cloud.JsonCall("sqs", operation, JsonNode.Parse(input)!.AsObject())));
    }

    private static void Send(MessagingFixture cloud, string queue, string body) =>
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = body });

    private static string Count(MessagingFixture cloud, string queue, string name) =>
        (string)cloud.Json(
            "sqs", "GetQueueAttributes", new JsonObject { ["QueueUrl"] = queue, ["AttributeNames"] = new JsonArray("All") })["Attributes"]![name]!;

    [Theory]
    [InlineData("SendMessage", """{"MessageBody":"a\u0001"}""", "InvalidMessageContents")]
    [InlineData("SendMessage", """{"MessageBody":"a","MessageAttributes":{"AWS.x":{"DataType":"String","StringValue":"v"}}}""", "InvalidParameterValueException")]
    [InlineData("SendMessage", """{"MessageBody":"a","MessageAttributes":{"a..b":{"DataType":"String","StringValue":"v"}}}""", "InvalidParameterValueException")]
    [InlineData("SendMessage", """{"MessageBody":"a","MessageAttributes":{"é":{"DataType":"String","StringValue":"v"}}}""", "InvalidParameterValueException")]
    [InlineData("ReceiveMessage", """{"WaitTimeSeconds":21}""", "InvalidParameterValueException")]
    [InlineData("ReceiveMessage", """{"WaitTimeSeconds":-1}""", "InvalidParameterValueException")]
    [InlineData("GetQueueAttributes", """{"AttributeNames":["Colour"]}""", "InvalidAttributeName")]
    public void Request_OutsideItsLimits_IsRefused(string operation, string input, string code)
    {
        using var cloud = new MessagingFixture();
        var body = JsonNode.Parse(input)!.AsObject();
        body["QueueUrl"] = cloud.CreateQueue("q");

        Assert.Equal("com.amazonaws.sqs#" + code, MessagingFixture.Code(cloud.JsonCall("sqs", operation, body)));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("All", true)]
    [InlineData("ki.*", true)]
    [InlineData("other", false)]
    public void MessageAttributeNames_SelectWhatIsReceived(string wanted, bool received)
    {
        using var cloud = new MessagingFixture();
        var url = cloud.CreateQueue("q");
        cloud.Json("sqs", "SendMessage", new JsonObject
        {
            ["QueueUrl"] = url,
            ["MessageBody"] = "a",
            ["MessageAttributes"] = new JsonObject { ["kind"] = new JsonObject { ["DataType"] = "String", ["StringValue"] = "v" } },
        });

        var message = cloud.Json(
            "sqs", "ReceiveMessage", JsonNode.Parse($$"""{"QueueUrl":"{{url}}","MessageAttributeNames":["{{wanted}}"]}""")!.AsObject())["Messages"]![0]!;

        Assert.Equal(received, message["MessageAttributes"]?["kind"] is not null);
    }
}
