using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

public sealed class EventBridgeTests
{
    private const string AnyApp = """{"source":["app"]}""";

    [Fact]
    public async Task Publish_EventOfAService_ReachesTheFunctionInItsEnvelope()
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("pushes", """{"source":["aws.ecr"],"detail":{"image-tag":["stable"]}}""", MessagingFixture.FunctionArn);
        cloud.Cloud.Run(() =>
        {
            cloud.Cloud.EventBridge.Publish(MessagingFixture.Region, "aws.ecr", "ECR Image Action", ["r"], new JsonObject { ["image-tag"] = "stable" });
            cloud.Cloud.EventBridge.Publish(MessagingFixture.Region, "aws.ecr", "ECR Image Action", ["r"], new JsonObject { ["image-tag"] = "" });
            cloud.Cloud.EventBridge.Publish("eu-west-1", "aws.ecr", "ECR Image Action", ["r"], new JsonObject { ["image-tag"] = "stable" });
        });
        await cloud.Settle();
        var json = JsonNode.Parse(Assert.Single(cloud.Seen))!.AsObject();
        Assert.Equal(["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"], json.Select(member => member.Key));
        Assert.Equal("2026-01-05T08:00:00Z", (string?)json["time"]);
        Assert.Equal("us-east-1", (string?)json["region"]);
        Assert.Contains(cloud.Journal, entry => entry is { Source: "events", Kind: "rule-matched" });
        Assert.Equal(3, cloud.Journal.Count(entry => entry.Kind == "event-published"));
    }

    [Fact]
    public void PutEvents_BadEntriesAmongGoodOnes_AreRefusedOneByOne()
    {
        using var cloud = new MessagingFixture();
        JsonObject Entry(string? source, string? detail, string? bus = null) =>
            new() { ["Source"] = source, ["DetailType"] = "T", ["Detail"] = detail, ["EventBusName"] = bus };
        var answer = cloud.Json("events", "PutEvents", new JsonObject
        {
            ["Entries"] = new JsonArray(
                Entry("app", "{}"), Entry(null, "{}"), Entry("app", "not json"), Entry("app", "[1]"), Entry("aws.ecr", "{}"), Entry("app", "{}", "nowhere")),
        });
        Assert.Equal(4, (int)answer["FailedEntryCount"]!);
        Assert.Equal(
            [null, "InvalidArgument", "MalformedDetail", "MalformedDetail", "NotAuthorizedForSourceException", null],
            answer["Entries"]!.AsArray().Select(entry => (string?)entry!["ErrorCode"]));
        Assert.NotNull(answer["Entries"]![0]!["EventId"]);
        Assert.Single(cloud.Journal, entry => entry.Kind == "event-lost");
    }

    [Fact]
    public async Task PutEvents_TargetsWithInputs_ReceiveTheirInputs()
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("constant", AnyApp, MessagingFixture.FunctionArn, ("Input", """{"a":1}"""));
        cloud.PutRule("path", AnyApp, MessagingFixture.FunctionArn, ("InputPath", "$.detail.inner"));
        cloud.PutRule("transformed", AnyApp, MessagingFixture.FunctionArn, ("InputTransformer", new JsonObject
        {
            ["InputPathsMap"] = new JsonObject { ["who"] = "$.detail.who" },
            ["InputTemplate"] = "\"hello <who>\"",
        }));
        cloud.PutEvent("app", """{"inner":{"b":2},"who":"you"}""");
        await cloud.Settle();
        Assert.Equal(["""{"a":1}""", """{"b":2}""", "\"hello you\""], cloud.Seen);
    }

    [Fact]
    public async Task PutEvents_MissingTarget_BecomesADeadLetterAtOnce()
    {
        using var cloud = new MessagingFixture();
        var deadLetters = cloud.CreateQueue("dead");
        cloud.PutRule(
            "broken", AnyApp, MessagingFixture.MissingFunctionArn, ("DeadLetterConfig", new JsonObject { ["Arn"] = MessagingFixture.QueueArn("dead") }));
        cloud.PutRule("healthy", AnyApp, MessagingFixture.FunctionArn);
        cloud.PutEvent("app", """{"order":9}""");
        await cloud.Settle();
        var letter = Assert.Single(cloud.Receive(deadLetters));
        Assert.Equal(9, (int)JsonNode.Parse((string)letter["Body"]!)!["detail"]!["order"]!);
        Assert.Equal("arn:aws:events:us-east-1:123456789012:rule/broken", MessagingFixture.Attribute(letter, "RULE_ARN"));
        Assert.Equal(MessagingFixture.MissingFunctionArn, MessagingFixture.Attribute(letter, "TARGET_ARN"));
        Assert.Equal("NO_RESOURCE", MessagingFixture.Attribute(letter, "ERROR_CODE"));
        Assert.Equal("0", MessagingFixture.Attribute(letter, "RETRY_ATTEMPTS"));
        Assert.Null(MessagingFixture.Attribute(letter, "EXHAUSTED_RETRY_CONDITION"));
        Assert.NotNull(MessagingFixture.Attribute(letter, "ERROR_MESSAGE"));
        Assert.Single(cloud.Seen);
        Assert.Contains(cloud.Journal, entry => entry.Kind == "message-sent" && entry.Data["deadLetter"] == "true");
    }

    [Fact]
    public async Task PutEvents_QueueAndTopicAndBusTargets_AreReached()
    {
        using var cloud = new MessagingFixture();
        var direct = cloud.CreateQueue("direct");
        var viaTopic = cloud.CreateQueue("via-topic");
        var topic = cloud.CreateTopic("news");
        cloud.Query("Subscribe", ("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", MessagingFixture.QueueArn("via-topic")));
        var bus = (string)cloud.Json("events", "CreateEventBus", new JsonObject { ["Name"] = "other" })["EventBusArn"]!;
        cloud.Json("events", "PutRule", new JsonObject { ["Name"] = "there", ["EventBusName"] = "other", ["EventPattern"] = AnyApp });
        cloud.Json("events", "PutTargets", new JsonObject
        {
            ["Rule"] = "there",
            ["EventBusName"] = bus,
            ["Targets"] = new JsonArray(new JsonObject { ["Id"] = "f", ["Arn"] = MessagingFixture.FunctionArn }),
        });
        cloud.PutRule("q", AnyApp, MessagingFixture.QueueArn("direct"));
        cloud.PutRule("t", AnyApp, topic);
        cloud.PutRule("b", AnyApp, bus);
        var id = (string)cloud.PutEvent("app", "{}")["Entries"]![0]!["EventId"]!;
        await cloud.Settle();
        Assert.Contains(id, (string)Assert.Single(cloud.Receive(direct))["Body"]!, StringComparison.Ordinal);
        Assert.Contains(id, (string)Assert.Single(cloud.Receive(viaTopic))["Body"]!, StringComparison.Ordinal);
        Assert.Contains(id, Assert.Single(cloud.Seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutEvents_BusesThatForwardToEachOther_EndAfterAFewHops()
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("loop", AnyApp, "arn:aws:events:us-east-1:123456789012:event-bus/default");
        cloud.PutEvent("app", "{}");
        await cloud.Settle();
        Assert.Equal(6, cloud.Journal.Count(entry => entry.Kind == "event-published"));
        Assert.Contains(cloud.Journal, entry => entry.Kind == "delivery-failed");
    }

    [Fact]
    public async Task PutEvents_RuleDisabled_IsNotMatched()
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("off", AnyApp, MessagingFixture.FunctionArn);
        cloud.Json("events", "DisableRule", new JsonObject { ["Name"] = "off" });
        cloud.PutEvent("app", "{}");
        await cloud.Settle();
        Assert.Empty(cloud.Seen);
        cloud.Json("events", "EnableRule", new JsonObject { ["Name"] = "off" });
        cloud.PutEvent("app", "{}");
        await cloud.Settle();
        Assert.Single(cloud.Seen);
    }

    [Theory]
    [InlineData(FaultKind.Drop, 0)]
    [InlineData(FaultKind.Duplicate, 2)]
    [InlineData(FaultKind.Delay, 1)]
    public async Task PutEvents_InjectedFault_AffectsTheDelivery(FaultKind kind, int deliveries)
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("all", AnyApp, MessagingFixture.FunctionArn);
        cloud.Cloud.Run(() => cloud.Cloud.Faults.Add(new FaultRule(kind, Service: "events")));
        cloud.PutEvent("app", "{}");
        await cloud.Settle();
        Assert.Equal(deliveries, cloud.Seen.Count);
    }

    [Fact]
    public async Task PutRule_WithASchedule_EmitsScheduledEventsWhenTimePasses()
    {
        using var cloud = new MessagingFixture();
        cloud.Json("events", "PutRule", new JsonObject { ["Name"] = "nightly", ["ScheduleExpression"] = "cron(0 3 * * ? *)" });
        cloud.PutTarget("nightly", MessagingFixture.FunctionArn);
        cloud.Json("events", "PutRule", new JsonObject { ["Name"] = "often", ["ScheduleExpression"] = "rate(10 hours)" });
        cloud.PutTarget("often", MessagingFixture.FunctionArn, ("Input", "\"often\""));
        await cloud.Settle();
        Assert.Empty(cloud.Seen);
        await cloud.Advance(TimeSpan.FromHours(24));
        Assert.Equal(3, cloud.Seen.Count);
        Assert.Equal("\"often\"", cloud.Seen[0]);
        var json = JsonNode.Parse(cloud.Seen[1])!;
        Assert.Equal("Scheduled Event", (string?)json["detail-type"]);
        Assert.Equal("aws.events", (string?)json["source"]);
        Assert.Equal("2026-01-06T03:00:00Z", (string?)json["time"]);
        Assert.Equal("arn:aws:events:us-east-1:123456789012:rule/nightly", (string?)json["resources"]![0]);
        Assert.Empty(json["detail"]!.AsObject());
        cloud.Json("events", "DisableRule", new JsonObject { ["Name"] = "often" });
        await cloud.Advance(TimeSpan.FromHours(18));
        Assert.Equal(3, cloud.Seen.Count);
    }

    [Fact]
    public async Task Cloud_ReopenedOnItsStore_ContinuesRulesAndSchedules()
    {
        using var store = new MemoryStore(keepsRows: true);
        using (var first = new MessagingFixture(store))
        {
            first.PutRule("all", AnyApp, MessagingFixture.FunctionArn);
            first.Json("events", "PutRule", new JsonObject { ["Name"] = "hourly", ["ScheduleExpression"] = "rate(1 hour)" });
            first.PutTarget("hourly", MessagingFixture.FunctionArn, ("Input", "\"tick\""));
            first.CreateQueue("kept");
            first.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = "http://x/1/kept", ["MessageBody"] = "hello" });
        }

        using var second = new MessagingFixture(store, new DateTimeOffset(2026, 1, 5, 8, 30, 0, TimeSpan.Zero));
        second.PutEvent("app", "{}");
        await second.Settle();
        Assert.Single(second.Seen);
        await second.Advance(TimeSpan.FromHours(1));
        Assert.Equal("\"tick\"", second.Seen[1]);
        Assert.Equal("hello", (string?)Assert.Single(second.Receive("http://x/1/kept"))["Body"]);
    }

    [Theory]
    [InlineData("PutRule", """{"Name":"x"}""", "ValidationException")]
    [InlineData("PutRule", """{"Name":"x y","EventPattern":"{\"a\":[1]}"}""", "ValidationException")]
    [InlineData("PutRule", """{"Name":"x","EventPattern":"{\"a\":1}"}""", "InvalidEventPatternException")]
    [InlineData("PutRule", """{"Name":"x","ScheduleExpression":"rate(1 minutes)"}""", "ValidationException")]
    [InlineData("PutRule", """{"Name":"x","ScheduleExpression":"at(2026-01-05T08:00:00)"}""", "ValidationException")]
    [InlineData("PutRule", """{"Name":"x","EventBusName":"nowhere","EventPattern":"{\"a\":[1]}"}""", "ResourceNotFoundException")]
    [InlineData("DescribeRule", """{"Name":"x"}""", "ResourceNotFoundException")]
    [InlineData("DeleteRule", """{"Name":"known"}""", "ValidationException")]
    [InlineData("DeleteEventBus", """{"Name":"default"}""", "ValidationException")]
    [InlineData("CreateEventBus", """{"Name":"default"}""", "ResourceAlreadyExistsException")]
    [InlineData("PutTargets", """{"Rule":"x","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:1:function:f"}]}""", "ResourceNotFoundException")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:logs:us-east-1:1:log-group:g"}]}""", "ValidationException")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"nonsense"}]}""", "ValidationException")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:1:function:f","EcsParameters":{}}]}""",
        "ValidationException")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:1:function:f","Input":"{"}]}""", "ValidationException")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:1:function:f","Input":"{}","InputPath":"$"}]}""",
        "ValidationException")]
    [InlineData("PutTargets",
        """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:1:function:f","RetryPolicy":{"MaximumRetryAttempts":186}}]}""",
        "ValidationException")]
    [InlineData("TestEventPattern", """{"EventPattern":"{}","Event":"{}"}""", "InvalidEventPatternException")]
    [InlineData("ListTagsForResource", """{"ResourceARN":"arn:aws:events:us-east-1:123456789012:rule/x"}""", "ResourceNotFoundException")]
    [InlineData("CreateArchive", "{}", "UnknownOperationException")]
    public void Call_RefusedByTheService_SaysWhy(string operation, string input, string code)
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("known", AnyApp, MessagingFixture.FunctionArn);
        var response = cloud.JsonCall("events", operation, JsonNode.Parse(input)!.AsObject());
        Assert.Equal(400, response.Status);
        Assert.Equal(code, MessagingFixture.Code(response));
    }

    /// <summary>
    /// Recorded: test_events of https://github.com/localstack/localstack, https://github.com/hashicorp/terraform/issues/20263,
    /// https://github.com/aws-controllers-k8s/community/issues/1984
    /// </summary>
    [Theory]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"nonsense"}]}""",
        "Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:sqs:us-east-1:123456789012:q.fifo"}]}""",
        "Parameter(s) SqsParameters must be specified for target: 1.")]
    [InlineData("PutTargets", """{"Rule":"unknown","Targets":[{"Id":"1","Arn":"arn:aws:sqs:us-east-1:123456789012:q.fifo"}]}""",
        "Parameter(s) SqsParameters must be specified for target: 1.")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"1","Arn":"arn:aws:s3:::box"},{"Id":"2","Arn":"box"}]}""",
        "Parameter box is not valid. Reason: Provided Arn is not in correct format.")]
    [InlineData("PutRule", """{"Name":"x","ScheduleExpression":"rate(1 minutes)"}""", "Parameter ScheduleExpression is not valid.")]
    [InlineData("PutRule", """{"Name":"x","ScheduleExpression":"rate(10 years)"}""", "Parameter ScheduleExpression is not valid.")]
    [InlineData("PutRule", """{"Name":"x","ScheduleExpression":"rate( 10 minutes )"}""", "Parameter ScheduleExpression is not valid.")]
    [InlineData("PutRule", """{"Name":"x","EventPattern":"","ScheduleExpression":""}""",
        "Parameter(s) EventPattern or ScheduleExpression must be specified.")]
    [InlineData("PutTargets", """{"Rule":"known","Targets":[{"Id":"!@#$@!#$","Arn":"arn:aws:lambda:us-east-1:1:function:f"}]}""",
        "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: "
        + @"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+")]
    [InlineData("PutRule", """{"Name":"x","EventBusName":"custom","EventPattern":"{\"a\":[1]}","ScheduleExpression":""}""",
        "ScheduleExpression is supported only on the default event bus.")]
    [InlineData("TagResource", """{"ResourceARN":"arn:aws:events:us-east-1:123456789012:rule/unknown","Tags":[]}""",
        "Rule unknown does not exist on EventBus default.")]
    [InlineData("TagResource", """{"ResourceARN":"arn:aws:events:us-east-1:123456789012:rule/custom/unknown","Tags":[]}""",
        "Rule unknown does not exist on EventBus custom.")]
    [InlineData("TagResource", """{"ResourceARN":"arn:aws:events:us-east-1:123456789012:event-bus/unknown","Tags":[]}""",
        "Event bus unknown does not exist.")]
    public void Call_RefusedByTheService_HasItsWords(string operation, string input, string message)
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("known", AnyApp, MessagingFixture.FunctionArn);
        cloud.Json("events", "CreateEventBus", new JsonObject { ["Name"] = "custom" });

        var response = cloud.JsonCall("events", operation, JsonNode.Parse(input)!.AsObject());

        Assert.Equal(message, (string?)JsonNode.Parse(response.Body.Span)!["message"]);
    }

    [Fact]
    public void PutRule_WithAScheduleAndAnEmptyPattern_HasNoPattern()
    {
        using var cloud = new MessagingFixture();
        cloud.Json("events", "PutRule", new JsonObject { ["Name"] = "x", ["EventPattern"] = "", ["ScheduleExpression"] = "rate(1 hour)" });

        var rule = cloud.Json("events", "DescribeRule", new JsonObject { ["Name"] = "x" });
        Assert.Equal((null, "rate(1 hour)"), ((string?)rule["EventPattern"], (string?)rule["ScheduleExpression"]));
    }

    [Fact]
    public void PutRule_WithAPatternAndAnEmptySchedule_HasNoSchedule()
    {
        using var cloud = new MessagingFixture();
        cloud.Json("events", "PutRule", new JsonObject { ["Name"] = "x", ["EventPattern"] = AnyApp, ["ScheduleExpression"] = "" });

        Assert.False(cloud.Json("events", "DescribeRule", new JsonObject { ["Name"] = "x" }).ContainsKey("ScheduleExpression"));
    }

    /// <summary>Recorded: test_put_events_exceed_limit_ten_entries of https://github.com/localstack/localstack</summary>
    [Fact]
    public void PutEvents_WithElevenEntries_IsRefusedWithAllOfThem()
    {
        using var cloud = new MessagingFixture();
        var entries = Enumerable.Range(0, 11).Select(_ => new JsonObject { ["Source"] = "app", ["DetailType"] = "T", ["Detail"] = """{"a": 1}""" });
        const string Entry = "PutEventsRequestEntry(time=null, source=app, resources=null, detailType=T, detail={\"a\": 1}, eventBusName=null, "
            + "traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)";

        var response = cloud.JsonCall("events", "PutEvents", new JsonObject { ["Entries"] = new JsonArray([.. entries]) });

        Assert.Equal(
            $"1 validation error detected: Value '[{string.Join(", ", Enumerable.Repeat(Entry, 11))}]' at 'entries' failed to satisfy constraint: "
            + "Member must have length less than or equal to 10",
            (string?)JsonNode.Parse(response.Body.Span)!["message"]);
    }

    [Fact]
    public void Rules_CreatedChangedListedAndDeleted_RespondLikeTheService()
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("known", AnyApp, MessagingFixture.FunctionArn, ("RetryPolicy", new JsonObject { ["MaximumRetryAttempts"] = 2 }));
        cloud.Json("events", "PutRule", new JsonObject { ["Name"] = "known", ["EventPattern"] = AnyApp, ["Description"] = "changed" });
        Assert.Equal("changed", (string?)cloud.Json("events", "DescribeRule", new JsonObject { ["Name"] = "known" })["Description"]);
        var target = Assert.Single(cloud.Json("events", "ListTargetsByRule", new JsonObject { ["Rule"] = "known" })["Targets"]!.AsArray());
        Assert.Equal(2, (int)target!["RetryPolicy"]!["MaximumRetryAttempts"]!);
        var names = cloud.Json("events", "ListRuleNamesByTarget", new JsonObject { ["TargetArn"] = MessagingFixture.FunctionArn })["RuleNames"]!.AsArray();
        Assert.Equal("known", (string?)Assert.Single(names));
        var removed = cloud.Json("events", "RemoveTargets", new JsonObject { ["Rule"] = "known", ["Ids"] = new JsonArray("one", "two") });
        Assert.Equal(1, (int)removed["FailedEntryCount"]!);
        cloud.Json("events", "DeleteRule", new JsonObject { ["Name"] = "known" });
        Assert.Empty(cloud.Json("events", "ListRules", [])["Rules"]!.AsArray());
        Assert.Equal("default", (string?)Assert.Single(cloud.Json("events", "ListEventBuses", [])["EventBuses"]!.AsArray())!["Name"]);
    }
}
