using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Tests.EventBridge;
using Automation.LocalCloud.Tests.StepFunctions;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Hosting;

/// <summary>A driven cloud in auto mode: virtual time passes as fast as wall time.</summary>
public sealed class WallTimeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PatientTimer_FiresWhenAsMuchWallTimeHasPassed()
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        var start = cloud.Clock.Now;
        var fired = new TaskCompletionSource<DateTimeOffset>();
        cloud.Run(() => cloud.Clock.After(TimeSpan.FromSeconds(3), TimerKind.Patient, "patient", () => fired.SetResult(cloud.Clock.Now)));
        await using var drive = new Drive(cloud);

        drive.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(start.AddSeconds(2), cloud.Run(() => cloud.Clock.Now));
        Assert.False(fired.Task.IsCompleted);

        drive.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(start.AddSeconds(3), await fired.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task Work_IsStillJumpedTo()
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        var fired = new TaskCompletionSource();
        await using var drive = new Drive(cloud);

        cloud.Run(() => cloud.Clock.After(TimeSpan.FromHours(3), TimerKind.Work, "work", fired.SetResult));

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public async Task HeldClock_DoesNotMove()
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()) { Mode = ClockMode.Held };
        var start = cloud.Clock.Now;
        await using var drive = new Drive(cloud);

        drive.Pass(TimeSpan.FromHours(1));
        Assert.Equal(start, cloud.Run(() => cloud.Clock.Now));

        cloud.Mode = ClockMode.Auto;
        drive.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(start.AddSeconds(1), cloud.Run(() => cloud.Clock.Now));
    }

    [Fact]
    public async Task TaskTimeout_FiresWhileItsFunctionRuns()
    {
        var function = new TaskCompletionSource<FunctionOutcome>();
        using var states = new StatesFixture();
        states.Slow = (_, _, completed) => states.Cloud.Outside(function.Task, completed);
        await using var drive = new Drive(states.Cloud);
        var machine = states.Machine("""{"T": {«invoke», "TimeoutSeconds": 2, "End": true}}""");
        var ended = states.Ended("FAILED");
        var execution = states.Begin(machine);
        await states.Entered("T").WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        drive.Pass(TimeSpan.FromSeconds(2));

        await ended.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        function.SetResult(StatesFixture.Success("1"));
        Assert.Equal("States.Timeout", (string?)states.Describe(execution)["error"]);
        Assert.Contains("TaskTimedOut", states.HistoryTypes(execution));
    }

    [Theory]
    [InlineData("TimeoutSeconds", "States.Timeout")]
    [InlineData("HeartbeatSeconds", "States.Timeout")]
    public async Task TaskToken_ThatIsNotAnswered_TimesOut(string field, string error)
    {
        using var states = new StatesFixture();
        await using var drive = new Drive(states.Cloud);
        var ended = states.Ended("FAILED");
        var execution = states.Begin(states.Machine(
            $$$"""{"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "{{{field}}}": 3, "End": true, "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody.$": "$$.Task.Token"} } }"""));
        await states.Entered("T").WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        drive.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("RUNNING", (string?)states.Describe(execution)["status"]);
        drive.Pass(TimeSpan.FromSeconds(1));

        await ended.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(error, (string?)states.Describe(execution)["error"]);
    }

    [Fact]
    public async Task InvisibleMessage_IsVisibleAgainAndGoesToTheDeadLetterQueue()
    {
        using var cloud = new MessagingFixture();
        var dead = cloud.CreateQueue("dead");
        var queue = cloud.CreateQueue(
            "q", ("VisibilityTimeout", "30"), ("RedrivePolicy", $$"""{"deadLetterTargetArn":"{{MessagingFixture.QueueArn("dead")}}","maxReceiveCount":1}"""));
        await using var drive = new Drive(cloud.Cloud);
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = "a", ["DelaySeconds"] = 5 });
        Assert.Empty(cloud.Receive(queue));

        drive.Pass(TimeSpan.FromSeconds(5));
        Assert.Single(cloud.Receive(queue));

        drive.Pass(TimeSpan.FromSeconds(30));
        Assert.Empty(cloud.Receive(queue));
        Assert.Single(cloud.Receive(dead));
    }

    [Fact]
    public async Task LongPoll_WaitsForAMessage()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        await using var drive = new Drive(cloud.Cloud);

        var poll = Read(Receive(cloud, queue, 20));
        Assert.False(poll.IsCompleted);
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = "a" });

        Assert.Equal("a", (string?)Assert.Single((await poll.WaitAsync(TimeSpan.FromSeconds(10), Cancel))["Messages"]!.AsArray())!["Body"]);
    }

    [Fact]
    public async Task LongPoll_OfADelayedMessage_EndsWhenItIsVisible()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q", ("ReceiveMessageWaitTimeSeconds", "20"));
        await using var drive = new Drive(cloud.Cloud);
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = "a", ["DelaySeconds"] = 5 });

        var poll = Read(Receive(cloud, queue, null));
        drive.Pass(TimeSpan.FromSeconds(4));
        Assert.False(poll.IsCompleted);
        drive.Pass(TimeSpan.FromSeconds(1));

        Assert.Single((await poll.WaitAsync(TimeSpan.FromSeconds(10), Cancel))["Messages"]!.AsArray());
    }

    [Theory]
    [InlineData(ClockMode.Auto)]
    [InlineData(ClockMode.Held)]
    public async Task LongPoll_OfAnEmptyQueue_EndsEmptyAfterItsTime(ClockMode mode)
    {
        using var cloud = new MessagingFixture();
        cloud.Cloud.Mode = mode;
        var queue = cloud.CreateQueue("q");
        await using var drive = new Drive(cloud.Cloud);

        var poll = Read(Receive(cloud, queue, 3));
        drive.Pass(TimeSpan.FromSeconds(2));
        Assert.False(poll.IsCompleted);
        drive.Pass(TimeSpan.FromSeconds(1));

        Assert.Empty(await poll.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task LongPoll_CallerIsGone_TakesNoMessage()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        await using var drive = new Drive(cloud.Cloud);

        Receive(cloud, queue, 20).Abandon!();
        cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = "a" });
        await Read(Receive(cloud, queue, 20)).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public void LongPoll_CloudIsNotDriven_ReturnsAtOnce()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");

        Assert.Null(Receive(cloud, queue, 20).Pending);
    }

    private static WireResponse Receive(MessagingFixture cloud, string queue, int? wait) =>
        cloud.JsonCall("sqs", "ReceiveMessage", new JsonObject { ["QueueUrl"] = queue, ["WaitTimeSeconds"] = wait });

    private static async Task<JsonObject> Read(WireResponse response)
    {
        response = response.Pending is { } pending ? await pending : response;
        return JsonNode.Parse(Encoding.UTF8.GetString(response.Body.Span))!.AsObject();
    }

    private sealed class Drive : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly ManualTime _wall = new();
        private readonly Cloud _cloud;
        private readonly Task _run;

        public Drive(Cloud cloud)
        {
            _cloud = cloud;
            _run = cloud.RunAsync(_end.Token, _wall);
        }

        public void Pass(TimeSpan time)
        {
            _wall.Pass(time);

            // The loop may still be waiting on an earlier state.
            _cloud.Mode = _cloud.Mode;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run);
            _end.Dispose();
        }
    }
}
