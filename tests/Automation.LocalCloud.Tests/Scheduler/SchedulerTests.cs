using System.Text.Json.Nodes;
using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Scheduler;

public sealed class SchedulerTests
{
    private const string QueueArn = "arn:aws:sqs:us-east-1:123456789012:q";

    [Fact]
    public async Task CreateSchedule_Rate_FiresAtOnceAndThenEveryPeriod()
    {
        using var cloud = new MessagingFixture();
        Create(cloud, "often", "rate(6 hours)", MessagingFixture.FunctionArn);
        await cloud.Advance(TimeSpan.FromHours(13));
        Assert.Equal(3, cloud.Seen.Count);
        var json = JsonNode.Parse(cloud.Seen[1])!;
        Assert.Equal("aws.scheduler", (string?)json["source"]);
        Assert.Equal("2026-01-05T14:00:00Z", (string?)json["time"]);
        Assert.Equal("{}", (string?)json["detail"]);
        Assert.Equal("arn:aws:scheduler:us-east-1:123456789012:schedule/default/often", (string?)json["resources"]![0]);
        Assert.Equal(3, cloud.Journal.Count(entry => entry.Kind == "schedule-fired"));
    }

    [Fact]
    public async Task CreateSchedule_WithContextAttributes_InsertsThem()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        const string Input =
            """{"at":"<aws.scheduler.scheduled-time>","try":"<aws.scheduler.attempt-number>","arn":"<aws.scheduler.schedule-arn>","id":"<aws.scheduler.execution-id>"}""";
        Create(cloud, "once", "at(2026-01-05T10:00:00)", QueueArn, target => target["Input"] = Input,
            schedule => schedule["ScheduleExpressionTimezone"] = "Europe/Berlin");
        await cloud.Advance(TimeSpan.FromHours(3));
        var json = JsonNode.Parse((string)Assert.Single(cloud.Receive(queue))["Body"]!)!;
        Assert.Equal("2026-01-05T09:00:00Z", (string?)json["at"]);
        Assert.Equal("1", (string?)json["try"]);
        Assert.EndsWith("schedule/default/once", (string?)json["arn"], StringComparison.Ordinal);
        Assert.True(Guid.TryParse((string?)json["id"], out _));
    }

    [Fact]
    public async Task CreateSchedule_WithStartAndEnd_FiresOnlyBetween()
    {
        using var cloud = new MessagingFixture();
        Create(cloud, "window", "cron(0 * * * ? *)", MessagingFixture.FunctionArn, null, schedule =>
        {
            schedule["StartDate"] = new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
            schedule["EndDate"] = new DateTimeOffset(2026, 1, 5, 14, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds();
            schedule["ActionAfterCompletion"] = "DELETE";
        });
        await cloud.Advance(TimeSpan.FromDays(2));
        Assert.Equal(["2026-01-05T12:00:00Z", "2026-01-05T13:00:00Z", "2026-01-05T14:00:00Z"],
            cloud.Seen.Select(seen => (string?)JsonNode.Parse(seen)!["time"]));
        Assert.Equal(404, cloud.Rest("GET", "/schedules/window").Status);
    }

    [Fact]
    public async Task CreateSchedule_FlexibleWindow_FiresWithinItWithTheScheduledTime()
    {
        using var cloud = new MessagingFixture();
        Create(cloud, "flexible", "cron(0 10 * * ? *)", MessagingFixture.FunctionArn, null, schedule =>
            schedule["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "FLEXIBLE", ["MaximumWindowInMinutes"] = 30 });
        await cloud.Advance(TimeSpan.FromHours(4));
        Assert.Equal("2026-01-05T10:00:00Z", (string?)JsonNode.Parse(Assert.Single(cloud.Seen))!["time"]);
        var fired = cloud.Journal.Single(entry => entry.Kind == "schedule-fired").Time;
        Assert.InRange(fired, new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 5, 10, 30, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task CreateSchedule_MissingTarget_BecomesADeadLetter()
    {
        using var cloud = new MessagingFixture();
        var deadLetters = cloud.CreateQueue("q");
        Create(cloud, "broken", "at(2026-01-05T09:00:00)", MessagingFixture.MissingFunctionArn, target =>
        {
            target["Input"] = """{"n":<aws.scheduler.attempt-number>}""";
            target["DeadLetterConfig"] = new JsonObject { ["Arn"] = QueueArn };
        });
        await cloud.Advance(TimeSpan.FromHours(2));
        var letter = Assert.Single(cloud.Receive(deadLetters));
        Assert.Equal("""{"n":1}""", (string?)letter["Body"]);
        Assert.Equal("ResourceNotFoundException", MessagingFixture.Attribute(letter, "ERROR_CODE"));
        Assert.Equal("2026-01-05T09:00:00Z", MessagingFixture.Attribute(letter, "SCHEDULED_TIME"));
        Assert.Equal("false", MessagingFixture.Attribute(letter, "IS_PAYLOAD_TRUNCATED"));
        Assert.NotNull(MessagingFixture.Attribute(letter, "EXECUTION_ID"));
        Assert.NotNull(MessagingFixture.Attribute(letter, "SCHEDULE_ARN"));
    }

    [Fact]
    public async Task CreateSchedule_OnAnEventBus_PutsTheEvent()
    {
        using var cloud = new MessagingFixture();
        cloud.PutRule("r", """{"source":["my.app"],"detail":{"a":[1]}}""", MessagingFixture.FunctionArn);
        Create(cloud, "event", "at(2026-01-05T09:00:00)", "arn:aws:events:us-east-1:123456789012:event-bus/default", target =>
        {
            target["Input"] = """{"a":1}""";
            target["EventBridgeParameters"] = new JsonObject { ["DetailType"] = "D", ["Source"] = "my.app" };
        });
        await cloud.Advance(TimeSpan.FromHours(2));
        Assert.Equal("D", (string?)JsonNode.Parse(Assert.Single(cloud.Seen))!["detail-type"]);
    }

    [Fact]
    public async Task UpdateSchedule_ToDisabled_StopsIt()
    {
        using var cloud = new MessagingFixture();
        Create(cloud, "s", "cron(0 * * * ? *)", MessagingFixture.FunctionArn);
        await cloud.Advance(TimeSpan.FromMinutes(1));
        var changed = Body("cron(0 * * * ? *)", MessagingFixture.FunctionArn);
        changed["State"] = "DISABLED";
        Assert.Equal(200, cloud.Rest("PUT", "/schedules/s", changed).Status);
        await cloud.Advance(TimeSpan.FromHours(5));
        Assert.Single(cloud.Seen);
        Assert.Equal("DISABLED", (string?)MessagingFixture.Answer(cloud.Rest("GET", "/schedules/s"))["State"]);
    }

    [Fact]
    public void Schedules_InGroups_AreListedAndDeletedWithThem()
    {
        using var cloud = new MessagingFixture();
        Assert.Equal(200,
            cloud.Rest("POST", "/schedule-groups/team", new JsonObject { ["Tags"] = new JsonArray(new JsonObject { ["Key"] = "k", ["Value"] = "v" }) }).Status);
        Create(cloud, "a", "rate(1 day)", MessagingFixture.FunctionArn, null, schedule => schedule["GroupName"] = "team");
        Create(cloud, "b", "rate(1 day)", MessagingFixture.FunctionArn);
        Assert.Equal(2, Names(cloud, "/schedules", "Schedules").Count);
        Assert.Equal(["a"], Names(cloud, "/schedules?ScheduleGroup=team", "Schedules"));
        Assert.Equal(["default", "team"], Names(cloud, "/schedule-groups", "ScheduleGroups"));
        var tags = MessagingFixture.Answer(cloud.Rest("GET", "/tags/" + Uri.EscapeDataString("arn:aws:scheduler:us-east-1:123456789012:schedule-group/team")));
        Assert.Equal("v", (string?)tags["Tags"]![0]!["Value"]);
        Assert.Equal(200, cloud.Rest("DELETE", "/schedule-groups/team").Status);
        Assert.Equal(["b"], Names(cloud, "/schedules", "Schedules"));
    }

    /// <summary>Recorded in test_scheduler of https://github.com/localstack/localstack.</summary>
    [Theory]
    [InlineData("cron(0 1 * * * *)")]
    [InlineData("cron(7 20 * * NOT *)")]
    [InlineData("cron(0 dummy ? * MON-FRI *)")]
    [InlineData("cron(71 8 1 * ? *)")]
    [InlineData("cron()")]
    [InlineData("rate(10 seconds)")]
    [InlineData("rate()")]
    [InlineData("rate(10)")]
    [InlineData("rate(10 minutess)")]
    [InlineData("rate(-10 minutes)")]
    [InlineData("rate( 10 minutes )")]
    [InlineData(" rate(10 minutes)")]
    [InlineData("at(2021-12-31T23:59:59Z)")]
    [InlineData("at(2021-12-31)")]
    public void CreateSchedule_InvalidExpression_HasTheServicesWords(string expression)
    {
        using var cloud = new MessagingFixture();
        var response = cloud.Rest("POST", "/schedules/s", Body(expression, MessagingFixture.FunctionArn));

        Assert.Equal($"Invalid Schedule Expression {expression}.", (string?)JsonNode.Parse(response.Body.Span)!["Message"]);
    }

    [Theory]
    [InlineData("""{"ScheduleExpression":"rate(5 weeks)"}""", "ValidationException", 400)]
    [InlineData("""{"ScheduleExpressionTimezone":"Nowhere/City"}""", "ValidationException", 400)]
    [InlineData("""{"FlexibleTimeWindow":{"Mode":"FLEXIBLE"}}""", "ValidationException", 400)]
    [InlineData("""{"FlexibleTimeWindow":{"Mode":"OFF","MaximumWindowInMinutes":5}}""", "ValidationException", 400)]
    [InlineData("""{"FlexibleTimeWindow":null}""", "ValidationException", 400)]
    [InlineData("""{"State":"PAUSED"}""", "ValidationException", 400)]
    [InlineData("""{"StartDate":1800000000,"EndDate":1700000000}""", "ValidationException", 400)]
    [InlineData("""{"Target":{"Arn":"arn:aws:lambda:us-east-1:1:function:f"}}""", "ValidationException", 400)]
    [InlineData("""{"Target":{"Arn":"arn:aws:scheduler:::aws-sdk:sqs:sendMessage","RoleArn":"r"}}""", "ValidationException", 400)]
    [InlineData("""{"Target":{"Arn":"arn:aws:ecs:us-east-1:1:cluster/c","RoleArn":"r"}}""", "ValidationException", 400)]
    [InlineData("""{"Target":{"Arn":"arn:aws:events:us-east-1:1:event-bus/default","RoleArn":"r"}}""", "ValidationException", 400)]
    [InlineData("""{"GroupName":"nowhere"}""", "ResourceNotFoundException", 404)]
    public void CreateSchedule_Invalid_IsRefused(string change, string code, int status)
    {
        using var cloud = new MessagingFixture();
        var body = Body("rate(1 day)", MessagingFixture.FunctionArn);
        foreach (var (member, value) in JsonNode.Parse(change)!.AsObject())
        {
            body[member] = value?.DeepClone();
        }

        var response = cloud.Rest("POST", "/schedules/s", body);
        Assert.Equal(status, response.Status);
        Assert.Equal(code, response.Headers["x-amzn-ErrorType"]);
    }

    [Fact]
    public void CreateSchedule_NameTaken_IsAConflictUnlessTheTokenIsTheSame()
    {
        using var cloud = new MessagingFixture();
        var body = Body("rate(1 day)", MessagingFixture.FunctionArn);
        body["ClientToken"] = "one";
        Assert.Equal(200, cloud.Rest("POST", "/schedules/s", body).Status);
        Assert.Equal(200, cloud.Rest("POST", "/schedules/s", body).Status);
        body["ClientToken"] = "two";
        Assert.Equal(409, cloud.Rest("POST", "/schedules/s", body).Status);
        Assert.Equal(404, cloud.Rest("DELETE", "/schedules/other").Status);
        Assert.Equal(400, cloud.Rest("DELETE", "/schedule-groups/default").Status);
        Assert.Equal(404, cloud.Rest("PATCH", "/schedules/s").Status);
    }

    private static void Create(
        MessagingFixture cloud, string name, string expression, string arn, Action<JsonObject>? target = null, Action<JsonObject>? schedule = null)
    {
        var body = Body(expression, arn);
        target?.Invoke(body["Target"]!.AsObject());
        schedule?.Invoke(body);
        Assert.EndsWith("/" + name, (string?)MessagingFixture.Answer(cloud.Rest("POST", "/schedules/" + name, body))["ScheduleArn"], StringComparison.Ordinal);
    }

    private static JsonObject Body(string expression, string arn) => new()
    {
        ["ScheduleExpression"] = expression,
        ["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "OFF" },
        ["Target"] = new JsonObject { ["Arn"] = arn, ["RoleArn"] = "arn:aws:iam::123456789012:role/scheduler" },
    };

    private static List<string?> Names(MessagingFixture cloud, string path, string member) =>
        [.. MessagingFixture.Answer(cloud.Rest("GET", path))[member]!.AsArray().Select(item => (string?)item!["Name"])];
}
