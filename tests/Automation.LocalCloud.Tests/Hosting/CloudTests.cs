using System.Text;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Hosting;

/// <summary>The engine: driving, modes, faults, and repeatable runs.</summary>
public sealed class CloudTests
{
    [Fact]
    public async Task SameSeed_GivesTheSameJournal()
    {
        var first = await StoryAsync("one");

        Assert.NotEmpty(first);
        Assert.Equal(first, await StoryAsync("one"));
        Assert.NotEqual(first, await StoryAsync("two"));
    }

    [Fact]
    public async Task RunUntilIdle_WhileAFunctionRuns_TimeDoesNotPass()
    {
        var running = new TaskCompletionSource<FunctionOutcome>();
        using var cloud = CloudWith(_ => running.Task);
        var fired = false;
        cloud.Run(() =>
        {
            cloud.Lambda.InvokeEvent("f", "us-east-1", default);
            cloud.Clock.After(TimeSpan.FromHours(1), TimerKind.Work, "later", () => fired = true);
        });
        var drive = cloud.RunUntilIdleAsync(cancellationToken: Cancel);
        Assert.False(drive.IsCompleted);
        Assert.False(fired);
        running.SetResult(new FunctionOutcome(false, default));
        await drive;

        Assert.True(fired);
    }

    [Fact]
    public async Task AdvanceTo_WhileAFunctionRuns_WaitsForIt()
    {
        var running = new TaskCompletionSource<FunctionOutcome>();
        using var cloud = CloudWith(_ => running.Task);
        cloud.Run(() => cloud.Lambda.InvokeEvent("f", "us-east-1", default));
        var start = cloud.Clock.Now;
        var advance = cloud.AdvanceAsync(TimeSpan.FromDays(1), Cancel);
        Assert.False(advance.IsCompleted);
        Assert.Equal(start, cloud.Clock.Now);
        running.SetResult(new FunctionOutcome(false, default));
        await advance;

        Assert.Equal(start.AddDays(1), cloud.Clock.Now);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(61)]
    [InlineData(6000)]
    public async Task AdvanceTo_CallOfAFunctionIsDelayedBeyondIt_EndsTheFunctionAndKeepsTheLaterTime(int minutes)
    {
        var called = new TaskCompletionSource();
        using var cloud = CloudWith(async _ =>
        {
            await called.Task;
            return new FunctionOutcome(false, default);
        });
        cloud.Run(() => cloud.Lambda.InvokeEvent("f", "us-east-1", default));
        var start = cloud.Clock.Now;
        var advance = cloud.AdvanceAsync(TimeSpan.FromMinutes(60), Cancel);
        cloud.Faults.Add(new FaultRule(FaultKind.Delay, Service: "sts", Operation: "GetCallerIdentity", Delay: TimeSpan.FromMinutes(minutes)));
        Assert.Equal(200,
            cloud.Handle(
                new WireRequest("POST", "/", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes("Action=GetCallerIdentity&Version=2011-06-15"))
                {
                    Scope = new CredentialScope("AKID", "us-east-1", "sts"),
                }).Status);
        called.SetResult();
        await advance.WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal(0, cloud.Running);
        Assert.Equal(start.AddMinutes(Math.Max(60, minutes)), cloud.Clock.Now);
    }

    [Fact]
    public async Task Run_Held_DoesWhatIsDueAndDoesNotJump()
    {
        using var cloud = CloudWith(_ => Task.FromResult(new FunctionOutcome(false, default)));
        cloud.Mode = ClockMode.Held;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var drive = cloud.RunAsync(end.Token);
        var now = new TaskCompletionSource();
        var later = new TaskCompletionSource();
        cloud.Run(() =>
        {
            cloud.Clock.After(TimeSpan.FromHours(1), TimerKind.Work, "later", later.SetResult);
            cloud.Clock.Soon("now", now.SetResult);
        });
        await now.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.False(later.Task.IsCompleted);
        cloud.Mode = ClockMode.Auto;
        await later.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drive);
    }

    [Fact]
    public async Task Run_TimerThrows_IsJournalledAndTheCloudContinues()
    {
        using var cloud = CloudWith(_ => Task.FromResult(new FunctionOutcome(false, default)));
        var bugs = new List<string>();
        cloud.Journal.Written += entry => bugs.Add(entry.Kind);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var after = new TaskCompletionSource();
        cloud.Run(() =>
        {
            cloud.Clock.Soon("broken", () => throw new InvalidOperationException("a bug"));
            cloud.Clock.Soon("after", after.SetResult);
        });
        var drive = cloud.RunAsync(end.Token);
        await after.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drive);

        Assert.Equal(["bug"], bugs);
    }

    [Fact]
    public async Task RunUntilIdle_TimerThrows_SurfacesInTheTest()
    {
        using var cloud = CloudWith(_ => Task.FromResult(new FunctionOutcome(false, default)));
        cloud.Run(() => cloud.Clock.Soon("broken", () => throw new InvalidOperationException("a bug")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => cloud.RunUntilIdleAsync(cancellationToken: Cancel));
    }

    [Theory]
    [InlineData(FaultKind.Drop, 0, 0)]
    [InlineData(FaultKind.Duplicate, 2, 0)]
    [InlineData(FaultKind.Delay, 1, 5)]
    public async Task Event_UnderAFault_IsDroppedDuplicatedOrDelayed(FaultKind kind, int times, int minutes)
    {
        var calls = 0;
        using var cloud = CloudWith(_ =>
        {
            calls++;
            return Task.FromResult(new FunctionOutcome(false, default));
        });
        cloud.Faults.Add(new FaultRule(kind, Service: "lambda", Operation: "InvokeEvent", Resource: "golden", Delay: TimeSpan.FromMinutes(5)));
        var start = cloud.Clock.Now;
        cloud.Run(() => cloud.Lambda.InvokeEvent("f", "us-east-1", """{"repository":"golden/base"}"""u8.ToArray()));
        await cloud.RunUntilIdleAsync(cancellationToken: Cancel);

        Assert.Equal(times, calls);
        Assert.Equal(TimeSpan.FromMinutes(minutes), cloud.Clock.Now - start);
        cloud.Run(() => cloud.Lambda.InvokeEvent("f", "us-east-1", """{"repository":"golden/base"}"""u8.ToArray()));
        await cloud.RunUntilIdleAsync(cancellationToken: Cancel);
        Assert.Equal(times + 1, calls);
    }

    [Theory]
    [InlineData(FaultKind.CrashBefore, 0)]
    [InlineData(FaultKind.CrashAfter, 1)]
    public async Task Crash_AtACall_EndsTheFunctionBeforeOrAfterItsEffect(FaultKind kind, int effects)
    {
        Cloud? cloud = null;
        var served = 0;
        var answered = false;
        cloud = CloudWith(async _ =>
        {
            using var client = new HttpClient(new InProcessHandler(cloud!));
            using var form = new StringContent("Action=GetCallerIdentity&Version=2011-06-15", Encoding.UTF8, "application/x-www-form-urlencoded");
            using var response = await client.PostAsync(new Uri("http://cloud.test/"), form, Cancel);
            answered = true;
            return new FunctionOutcome(false, default);
        });
        using (cloud)
        {
            cloud.BeforeCall = (_, _, _) => served++;
            cloud.Faults.Add(new FaultRule(kind, Service: "sts"));
            FunctionOutcome? outcome = null;
            cloud.Run(() => cloud.Lambda.Invoke("f", "us-east-1", default, result => outcome = result));
            await cloud.RunUntilIdleAsync(cancellationToken: Cancel);

            Assert.Equal("Runtime.ExitError", FunctionErrors.Read(outcome!.Payload).Type);
            Assert.Equal(effects, served);
            Assert.False(answered);
        }
    }

    [Fact]
    public async Task InProcessHandler_RespondsSynchronously()
    {
        using var cloud = CloudWith(_ => Task.FromResult(new FunctionOutcome(false, default)));
        using var client = new HttpClient(new InProcessHandler(cloud));
        var response = client.GetAsync(new Uri("http://cloud.test/?Action=GetCallerIdentity&Version=2011-06-15"), Cancel);

        Assert.True(response.IsCompletedSuccessfully);
        (await response).Dispose();
    }

    [Fact]
    public void Handle_UnknownService_NamesTheServedOnes()
    {
        using var cloud = CloudWith(_ => Task.FromResult(new FunctionOutcome(false, default)));
        var response = cloud.Handle(
            new WireRequest("GET", "/", "", new Dictionary<string, string>(), default) { Scope = new CredentialScope("A", "r", "dynamodb") });

        Assert.Equal(501, response.Status);
        Assert.Contains("no service 'dynamodb'", Encoding.UTF8.GetString(response.Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5;chunk-signature=a\r\nhello\r\n6\r\n world\r\n0;x=y\r\nx-amz-checksum-crc32:z\r\n\r\n", "hello world")]
    [InlineData("0\r\n\r\n", "")]
    public void AwsChunked_IsDecoded(string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(AwsChunked.Decode(Encoding.UTF8.GetBytes(body)).Span));

    [Theory]
    [InlineData("")]
    [InlineData("5\r\nhel")]
    [InlineData("zz\r\n")]
    public void AwsChunked_Truncated_IsRefused(string body) =>
        Assert.Equal("IncompleteBody", Assert.Throws<AwsException>(() => AwsChunked.Decode(Encoding.UTF8.GetBytes(body))).Code);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Cloud CloudWith(Func<FunctionInvocation, Task<FunctionOutcome>> function, string seed = "automation")
    {
        var cloud = new Cloud(new CloudOptions { Seed = seed }, new InProcessFunctionHost().Add("f", function));
        cloud.Lambda.Put(
            new FunctionConfiguration("f", "arn:aws:lambda:us-east-1:123456789012:function:f", "us-east-1", null, "f", "provided.al2023", ["x86_64"],
                new Dictionary<string, string>(), TimeSpan.FromSeconds(3), 128, null, null));
        return cloud;
    }

    /// <summary>Events with retries, faults and functions that invoke one another; returns the journal as text.</summary>
    private static async Task<List<string>> StoryAsync(string seed)
    {
        Cloud? cloud = null;
        var calls = 0;
        cloud = CloudWith(
            invocation =>
            {
                calls++;
                if (calls < 10)
                {
                    cloud!.Lambda.InvokeEvent("f", "us-east-1", Encoding.UTF8.GetBytes($"{{\"call\":{calls}}}"));
                }

                invocation.Log($"call {calls}");
                return Task.FromResult(calls % 3 == 0 ? FunctionErrors.Failure("Transient", "again") : new FunctionOutcome(false, invocation.Payload));
            },
            seed);
        using (cloud)
        {
            var journal = new List<string>();
            cloud.Journal.Written += entry => journal.Add($"{entry.Time:O} {entry.Kind} {entry.Text} {string.Join(',', entry.Data)}");
            cloud.Faults.Add(new FaultRule(FaultKind.Duplicate, Service: "lambda", Skip: 2, Count: 2));
            cloud.Faults.Add(new FaultRule(FaultKind.Delay, Service: "lambda", Resource: "\"call\":5"));
            cloud.Run(() => cloud.Lambda.InvokeEvent("f", "us-east-1", "{}"u8.ToArray()));
            await cloud.RunUntilIdleAsync(cancellationToken: Cancel);
            return journal;
        }
    }
}
