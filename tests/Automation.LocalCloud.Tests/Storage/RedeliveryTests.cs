using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Ecr;
using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Storage;

/// <summary>A second cloud on the same store does the work that the first one accepted: exactly once, unless a function ran.</summary>
public sealed class RedeliveryTests : IDisposable
{
    private const string Any = """{"source":["app"]}""";

    private readonly MemoryStore _store = new(keepsRows: true);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Event_AcceptedAndNotRouted_ReachesItsTargets()
    {
        using (var first = new MessagingFixture(_store))
        {
            first.CreateQueue("q");
            first.PutRule("all", Any, MessagingFixture.QueueArn("q"));
            first.PutEvent("app", """{"Case":1,"case":2}""");
        }

        using var second = new MessagingFixture(_store);
        await second.Settle();

        var message = Assert.Single(second.Receive("http://x/1/q"));
        Assert.Equal("""{"Case":1,"case":2}""", JsonNode.Parse((string)message["Body"]!)!["detail"]!.ToJsonString());
    }

    [Fact]
    public async Task Event_Delivered_IsNotDeliveredAgain()
    {
        using (var first = new MessagingFixture(_store))
        {
            first.CreateQueue("q");
            first.PutRule("all", Any, MessagingFixture.QueueArn("q"));
            first.PutEvent("app", "{}");
            await first.Settle();
        }

        using var second = new MessagingFixture(_store);
        await second.Settle();

        Assert.Single(second.Receive("http://x/1/q"));
    }

    [Fact]
    public async Task Event_TargetIsBusy_IsRetriedAndKeepsItsAttempts()
    {
        using (var first = new MessagingFixture(_store))
        {
            first.CreateQueue("q");
            first.CreateQueue("dead");
            first.PutRule(
                "all", Any, MessagingFixture.QueueArn("q"),
                ("RetryPolicy", new JsonObject { ["MaximumRetryAttempts"] = 3 }),
                ("DeadLetterConfig", new JsonObject { ["Arn"] = MessagingFixture.QueueArn("dead") }));
            first.Cloud.Run(() => first.Cloud.Faults.Add(new FaultRule(FaultKind.Throttle, Service: "events", Operation: "InvokeTarget", Count: null)));
            first.PutEvent("app", "{}");
            await first.Advance(TimeSpan.FromSeconds(2));
        }

        using var second = new MessagingFixture(_store);
        await second.Settle();

        Assert.Empty(second.Receive("http://x/1/q"));
        var dead = Assert.Single(second.Receive("http://x/1/dead"));
        Assert.Equal("3", MessagingFixture.Attribute(dead, "RETRY_ATTEMPTS"));
        Assert.Equal(TimeSpan.FromSeconds(7), second.Now - new CloudOptions().Start);
    }

    [Fact]
    public async Task Event_Delayed_ArrivesThen()
    {
        using (var first = new MessagingFixture(_store))
        {
            first.CreateQueue("q");
            first.PutRule("all", Any, MessagingFixture.QueueArn("q"));
            first.Cloud.Run(
                () => first.Cloud.Faults.Add(new FaultRule(FaultKind.Delay, Service: "events", Operation: "InvokeTarget", Delay: TimeSpan.FromHours(2))));
            first.PutEvent("app", "{}");
            await first.Advance(TimeSpan.FromHours(1));
        }

        using var second = new MessagingFixture(_store);
        await second.Advance(TimeSpan.FromMinutes(59));
        Assert.Empty(second.Receive("http://x/1/q"));
        await second.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(second.Receive("http://x/1/q"));
    }

    [Fact]
    public async Task Event_ForAnotherBus_IsForwarded()
    {
        using (var first = new MessagingFixture(_store))
        {
            first.Json("events", "CreateEventBus", new JsonObject { ["Name"] = "other" });
            first.CreateQueue("q");
            first.PutRule("all", Any, "arn:aws:events:us-east-1:123456789012:event-bus/other");
            first.Json("events", "PutRule", new JsonObject { ["Name"] = "there", ["EventPattern"] = Any, ["EventBusName"] = "other" });
            first.Json("events", "PutTargets",
                new JsonObject
                {
                    ["Rule"] = "there",
                    ["EventBusName"] = "other",
                    ["Targets"] = new JsonArray(new JsonObject { ["Id"] = "q", ["Arn"] = MessagingFixture.QueueArn("q") })
                });
            first.PutEvent("app", "{}");
            first.Cloud.Run(() => first.Cloud.Clock.FireNext(first.Now));
        }

        using var second = new MessagingFixture(_store);
        await second.Settle();

        Assert.Single(second.Receive("http://x/1/q"));
    }

    [Fact]
    public async Task Message_Published_ReachesQueueAndFunctionWithItsAttributes()
    {
        using (var first = new MessagingFixture(_store))
        {
            var topic = first.CreateTopic("t");
            first.CreateQueue("q");
            first.Query("Subscribe", ("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", MessagingFixture.QueueArn("q")),
                ("Attributes.entry.1.key", "RawMessageDelivery"), ("Attributes.entry.1.value", "true"));
            first.Query("Subscribe", ("TopicArn", topic), ("Protocol", "lambda"), ("Endpoint", MessagingFixture.FunctionArn));
            first.Query(
                "Publish", ("TopicArn", topic), ("Message", "hello"),
                ("MessageAttributes.entry.1.Name", "kind"), ("MessageAttributes.entry.1.Value.DataType", "String"),
                ("MessageAttributes.entry.1.Value.StringValue", "image"));
        }

        using var second = new MessagingFixture(_store);
        await second.Settle();

        Assert.Contains("\"Message\":\"hello\"", Assert.Single(second.Seen), StringComparison.Ordinal);
        var message = Assert.Single(second.Receive("http://x/1/q"));
        Assert.Equal("hello", (string?)message["Body"]);
        Assert.Equal("image", MessagingFixture.Attribute(message, "kind"));
    }

    [Fact]
    public async Task Message_SubscriberIsBusy_IsRetried()
    {
        using (var first = new MessagingFixture(_store))
        {
            var topic = first.CreateTopic("t");
            first.CreateQueue("q");
            first.Query("Subscribe", ("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", MessagingFixture.QueueArn("q")));
            first.Cloud.Run(() => first.Cloud.Faults.Add(new FaultRule(FaultKind.Error, Service: "sns", Operation: "Deliver", Count: 4)));
            first.Query("Publish", ("TopicArn", topic), ("Message", "hello"));
            await first.Cloud.RunUntilIdleAsync(first.Now, TestContext.Current.CancellationToken);
        }

        using var second = new MessagingFixture(_store);
        Assert.Empty(second.Receive("http://x/1/q"));
        await second.Settle();

        Assert.Single(second.Receive("http://x/1/q"));
    }

    [Fact]
    public async Task Invocation_AcceptedOrRunning_IsRepeated()
    {
        using (var first = new FunctionFixture(_store, _ => new TaskCompletionSource<FunctionOutcome>().Task))
        {
            first.InvokeEvent("1");
            first.Cloud.Run(() =>
            {
                while (first.Cloud.Clock.FireNext(first.Cloud.Clock.Now))
                {
                    // Until the function runs.
                }
            });
            Assert.Equal(["1"], first.Payloads);
            first.InvokeEvent("2");
        }

        using var second = new FunctionFixture(_store, _ => Task.FromResult(new FunctionOutcome(false, "null"u8.ToArray())));
        await second.Settle();
        Assert.Equal(["1", "2"], second.Payloads);

        using var third = new FunctionFixture(_store, _ => Task.FromResult(new FunctionOutcome(false, "null"u8.ToArray())));
        await third.Settle();
        Assert.Empty(third.Payloads);
    }

    [Fact]
    public async Task Invocation_Failed_KeepsItsRemainingRetries()
    {
        static Task<FunctionOutcome> Fail(FunctionInvocation invocation) =>
            Task.FromResult(new FunctionOutcome(true, """{"errorMessage":"no","errorType":"No"}"""u8.ToArray()));
        using (var first = new FunctionFixture(_store, Fail))
        {
            first.InvokeEvent("1");
            await first.Cloud.AdvanceAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Single(first.Payloads);
        }

        using var second = new FunctionFixture(_store, Fail);
        await second.Settle();

        Assert.Equal(["1", "1"], second.Payloads);
        Assert.Equal(TimeSpan.FromMinutes(3), second.Cloud.Clock.Now - new CloudOptions().Start);
    }

    [Fact]
    public async Task Schedule_ThatHasFired_InvokesItsTargetOnce()
    {
        using (var first = new MessagingFixture(_store))
        {
            first.CreateQueue("q");
            var created = first.Rest("POST", "/schedules/once", new JsonObject
            {
                ["ScheduleExpression"] = "at(2026-01-05T09:00:00)",
                ["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "OFF" },
                ["ActionAfterCompletion"] = "DELETE",
                ["Target"] = new JsonObject
                {
                    ["Arn"] = MessagingFixture.QueueArn("q"),
                    ["RoleArn"] = "arn:aws:iam::123456789012:role/any",
                    ["Input"] = "try <aws.scheduler.attempt-number>"
                },
            });
            Assert.Equal(200, created.Status);
            Assert.True(first.Cloud.Run(() => first.Cloud.Clock.FireNext(first.Now.AddHours(1))));
            Assert.Equal(404, first.Rest("GET", "/schedules/once").Status);
        }

        using var second = new MessagingFixture(_store);
        await second.Advance(TimeSpan.FromHours(1));

        Assert.Equal("try 1", (string?)Assert.Single(second.Receive("http://x/1/q"))["Body"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ScheduledRule_DueWhenTheCloudStopped_FiresOnce(bool fired)
    {
        using (var first = new MessagingFixture(_store))
        {
            first.CreateQueue("q");
            first.Cloud.Run(() => first.Cloud.Clock.At(first.Now.AddHours(1), TimerKind.Work, "something else at the same time", () => { }));
            first.Json("events", "PutRule", new JsonObject { ["Name"] = "hourly", ["ScheduleExpression"] = "cron(0 * * * ? *)" });
            first.PutTarget("hourly", MessagingFixture.QueueArn("q"));
            Assert.True(first.Cloud.Run(() => first.Cloud.Clock.FireNext(first.Now.AddHours(1))));
            if (fired)
            {
                await first.Cloud.AdvanceAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);
            }
        }

        using var second = new MessagingFixture(_store);
        await second.Advance(TimeSpan.FromMinutes(59));

        Assert.Single(second.Receive("http://x/1/q"));
    }

    [Fact]
    public async Task Push_NotAnnounced_IsAnnounced()
    {
        using (var first = new RegistryFixture(_store))
        {
            first.CreateRepository("web");
            first.Push("web", "v1", "content");
        }

        using var second = new RegistryFixture(_store);
        await second.Settle();

        Assert.Equal("v1", (string?)Assert.Single(second.Events).Detail["image-tag"]);
    }

    [Fact]
    public void HeldClockAndFaults_AreKept()
    {
        string id;
        using (var first = new MessagingFixture(_store))
        {
            first.Cloud.Mode = ClockMode.Held;
            id = first.Cloud.Run(
                () => first.Cloud.Faults.Add(
                    new FaultRule(FaultKind.Delay, Service: "ecr", Operation: "PutImage", Count: 3, Skip: 1, Delay: TimeSpan.FromMinutes(5)))).Id!;
        }

        using var second = new MessagingFixture(_store);

        Assert.Equal(ClockMode.Held, second.Cloud.Mode);
        Assert.Equal(
            new FaultRule(FaultKind.Delay, id, "ecr", "PutImage", Count: 3, Skip: 1, Delay: TimeSpan.FromMinutes(5)),
            Assert.Single(second.Cloud.Run(() => second.Cloud.Faults.Rules)));
        Assert.NotEqual(id, second.Cloud.Run(() => second.Cloud.Faults.Add(new FaultRule(FaultKind.Drop))).Id);
    }

    /// <summary>A cloud with one function that a test scripts.</summary>
    private sealed class FunctionFixture : IDisposable
    {
        public FunctionFixture(MemoryStore store, Func<FunctionInvocation, Task<FunctionOutcome>> body)
        {
            Cloud = new Cloud(new CloudOptions { Store = store }, new InProcessFunctionHost().Add("f", invocation =>
            {
                Payloads.Add(Encoding.UTF8.GetString(invocation.Payload.Span));
                return body(invocation);
            }));
            Cloud.Run(() => Cloud.Lambda.Put(new FunctionConfiguration(
                "f", "arn:aws:lambda:us-east-1:123456789012:function:f", "us-east-1", null, "f", "provided.al2023", ["x86_64"],
                new Dictionary<string, string>(), TimeSpan.FromSeconds(3), 128, null, null)));
        }

        public Cloud Cloud { get; }

        public List<string> Payloads { get; } = [];

        public void InvokeEvent(string payload) => Cloud.Run(() => Cloud.Lambda.InvokeEvent("f", "us-east-1", Encoding.UTF8.GetBytes(payload)));

        public Task<int> Settle() => Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);

        public void Dispose() => Cloud.Dispose();
    }
}
