using System.Text;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Xunit;

namespace Automation.LocalCloud.Tests.Hosting;

public sealed class ProcessFunctionHostTests : IAsyncDisposable
{
    private readonly FakeProcesses _processes = new();
    private readonly ProcessFunctionHost _host;
    private readonly FunctionConfiguration _function = new(
        "greet",
        "arn:aws:lambda:eu-west-1:123456789012:function:greet",
        "eu-west-1",
        "/code",
        "bootstrap",
        "provided.al2023",
        ["x86_64"],
        new Dictionary<string, string> { ["GREETING"] = "hello" },
        TimeSpan.FromSeconds(30),
        256,
        "arn:aws:iam::123456789012:role/greet",
        null);

    public ProcessFunctionHostTests() =>
        _host = new ProcessFunctionHost(new ProcessHostOptions { MaximumProcesses = 2 }, _processes.Start) { Endpoint = new Uri("http://127.0.0.1:9000") };

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Invoke_ProcessResponds_GivesItsOutput()
    {
        var outcome = _host.InvokeAsync(Invocation("r1", """{"name":"x"}"""));
        var process = await _processes.NextAsync();
        var next = await process.NextAsync(_host);

        Assert.Equal(200, next.Status);
        Assert.Equal("""{"name":"x"}""", Encoding.UTF8.GetString(next.Body.Span));
        Assert.Equal("r1", next.Headers["Lambda-Runtime-Aws-Request-Id"]);
        Assert.Equal(_function.Arn, next.Headers["Lambda-Runtime-Invoked-Function-Arn"]);
        Assert.True(long.Parse(next.Headers["Lambda-Runtime-Deadline-Ms"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal(202, (await process.PostAsync(_host, "invocation/r1/response", "42")).Status);
        var result = await outcome;
        Assert.False(result.Failed);
        Assert.Equal("42", Text(result));
    }

    [Fact]
    public async Task Invoke_Twice_ReusesTheWarmProcess()
    {
        var first = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(_host);
        await process.PostAsync(_host, "invocation/r1/response", "1");
        await first;
        var poll = process.NextAsync(_host);
        var second = _host.InvokeAsync(Invocation("r2"));

        Assert.Equal("r2", (await poll).Headers["Lambda-Runtime-Aws-Request-Id"]);
        await process.PostAsync(_host, "invocation/r2/response", "2");
        Assert.Equal("2", Text(await second));
        Assert.Equal(1, _processes.Count);
    }

    [Fact]
    public async Task Invoke_MoreThanTheMaximum_Queues()
    {
        var outcomes = Enumerable.Range(1, 3).Select(i => _host.InvokeAsync(Invocation($"r{i}"))).ToList();
        var one = await _processes.NextAsync();
        var two = await _processes.NextAsync();
        await one.NextAsync(_host);
        await two.NextAsync(_host);
        Assert.Equal(2, _processes.Count);

        await two.PostAsync(_host, "invocation/r2/response", "2");
        Assert.Equal("r3", (await two.NextAsync(_host)).Headers["Lambda-Runtime-Aws-Request-Id"]);
        await two.PostAsync(_host, "invocation/r3/response", "3");
        await one.PostAsync(_host, "invocation/r1/response", "1");
        Assert.Equal(["1", "2", "3"], (await Task.WhenAll(outcomes)).Select(Text));
    }

    [Fact]
    public async Task Invoke_FunctionReportsAnError_FailsWithItsDocument()
    {
        var outcome = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(_host);
        var answer = await process.PostAsync(_host, "invocation/r1/error", """{"errorType":"PermanentException","errorMessage":"no"}""");

        Assert.Equal(202, answer.Status);
        Assert.Equal("""{"status":"OK"}""", Encoding.UTF8.GetString(answer.Body.Span));
        Assert.Equal(("PermanentException", "no"), FunctionErrors.Read((await outcome).Payload));
    }

    [Fact]
    public async Task Invoke_ProcessDies_IsAnExitErrorAndTheNextGetsANewProcess()
    {
        var outcome = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(_host);
        process.Exit(3);

        Assert.Equal(("Runtime.ExitError", "RequestId: r1 Error: Runtime exited with error: exit status 3"), FunctionErrors.Read((await outcome).Payload));
        _ = _host.InvokeAsync(Invocation("r2"));
        var second = await _processes.NextAsync();
        Assert.Equal("r2", (await second.NextAsync(_host)).Headers["Lambda-Runtime-Aws-Request-Id"]);
    }

    [Fact]
    public async Task Invoke_ProcessDiesBeforeItPolls_FailsOnlyOneInvocation()
    {
        var first = _host.InvokeAsync(Invocation("r1"));
        (await _processes.NextAsync()).Exit(1);

        Assert.Equal("Runtime.ExitError", FunctionErrors.Read((await first).Payload).Type);
        Assert.Equal(1, _processes.Count);
        Assert.Equal(0, _host.ProcessCount);
    }

    [Fact]
    public async Task Invoke_InitError_IsPassedOn()
    {
        var outcome = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        Assert.Equal(202, (await process.PostAsync(_host, "init/error", """{"errorType":"CatalogException","errorMessage":"bad"}""")).Status);
        process.Exit(1);

        Assert.Equal(("CatalogException", "bad"), FunctionErrors.Read((await outcome).Payload));
    }

    [Fact]
    public async Task Invoke_LongerThanTheTimeout_KillsTheProcess()
    {
        var time = new ManualTime();
        await using var host = new ProcessFunctionHost(new ProcessHostOptions { Time = time }, _processes.Start);
        var outcome = host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(host);
        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(("Sandbox.Timedout", "RequestId: r1 Error: Task timed out after 30.00 seconds"), FunctionErrors.Read((await outcome).Payload));
        Assert.Equal(137, await process.Exited);
    }

    [Fact]
    public async Task Invoke_NoCode_IsAnInvalidEntrypoint()
    {
        await using var host = new ProcessFunctionHost();
        var outcome = await host.InvokeAsync(Invocation("r1") with { Function = _function with { CodeFolder = null } });

        Assert.Equal(("Runtime.InvalidEntrypoint", "Function greet has no code folder."), FunctionErrors.Read(outcome.Payload));
    }

    [Fact]
    public async Task Respond_ForAnotherRequest_IsRefused()
    {
        _ = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(_host);

        Assert.Equal(400, (await process.PostAsync(_host, "invocation/other/response", "1")).Status);
    }

    [Fact]
    public async Task Respond_MoreThanSixMegabytes_IsRefusedAndFailsTheInvocation()
    {
        var outcome = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(_host);

        Assert.Equal(413, (await process.PostAsync(_host, "invocation/r1/response", new string('x', 6_291_557))).Status);
        Assert.Equal("Function.ResponseSizeTooLarge", FunctionErrors.Read((await outcome).Payload).Type);
    }

    [Fact]
    public async Task Poll_ConnectionDropped_GetsNoInvocation()
    {
        var first = _host.InvokeAsync(Invocation("r1"));
        var process = await _processes.NextAsync();
        await process.NextAsync(_host);
        await process.PostAsync(_host, "invocation/r1/response", "1");
        await first;
        using var connection = new CancellationTokenSource();
        var poll = process.PollAsync(_host, connection.Token);
        await connection.CancelAsync();
        Assert.Equal(500, (await poll).Status);

        _ = _host.InvokeAsync(Invocation("r2"));
        Assert.Equal("r2", (await (await _processes.NextAsync()).NextAsync(_host)).Headers["Lambda-Runtime-Aws-Request-Id"]);
    }

    [Fact]
    public async Task ChangedFunction_GetsANewProcess()
    {
        var first = _host.InvokeAsync(Invocation("r1"));
        var old = await _processes.NextAsync();
        await old.NextAsync(_host);
        await old.PostAsync(_host, "invocation/r1/response", "1");
        await first;
        var poll = old.NextAsync(_host);
        _ = _host.InvokeAsync(Invocation("r2") with { Function = _function with { MemoryMegabytes = 512 } });
        var renewed = await _processes.NextAsync();

        Assert.Equal("512", renewed.Environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
        Assert.Equal(137, await old.Exited);
        Assert.Equal(500, (await poll).Status);
    }

    [Fact]
    public async Task Dispose_EndsProcessesAndInvocations()
    {
        var outcomes = Enumerable.Range(1, 3).Select(i => _host.InvokeAsync(Invocation($"r{i}"))).ToList();
        var process = await _processes.NextAsync();
        await _processes.NextAsync();
        await process.NextAsync(_host);
        await _host.DisposeAsync();

        Assert.Equal(137, await process.Exited);
        Assert.All(await Task.WhenAll(outcomes), outcome => Assert.True(outcome.Failed));
        Assert.Equal("Runtime.HostEnded", FunctionErrors.Read((await _host.InvokeAsync(Invocation("r9"))).Payload).Type);
    }

    [Fact]
    public async Task Log_BelongsToTheCurrentInvocation()
    {
        var lines = new List<string>();
        _ = _host.InvokeAsync(Invocation("r1") with { Log = lines.Add });
        var process = await _processes.NextAsync();
        process.Write("starting");
        await process.NextAsync(_host);
        process.Write("working");

        Assert.Equal(["starting", "working"], lines);
    }

    [Fact]
    public void Environment_OfAFunction_IsThatOfLambdaWithoutTheParentsAwsSettings()
    {
        var parent = new Dictionary<string, string>
        {
            ["PATH"] = "/bin",
            ["AWS_PROFILE"] = "production",
            ["AWS_ACCESS_KEY_ID"] = "AKIAREAL",
            ["AWS_ENDPOINT_URL"] = "https://real",
            ["SECRET"] = "x",
        };
        var environment = FunctionEnvironment.For(
            Invocation("r1") with { AccessKeyId = "ASIAFUNCTION" },
            "greet-1",
            new Uri("http://127.0.0.1:9000"),
            parent.GetValueOrDefault);

        Assert.Equal("127.0.0.1:9000/_runtime/greet-1", environment["AWS_LAMBDA_RUNTIME_API"]);
        Assert.Equal("http://127.0.0.1:9000", environment["AWS_ENDPOINT_URL"]);
        Assert.Equal("ASIAFUNCTION", environment["AWS_ACCESS_KEY_ID"]);
        Assert.Equal("eu-west-1", environment["AWS_REGION"]);
        Assert.Equal("hello", environment["GREETING"]);
        Assert.Equal("$LATEST", environment["AWS_LAMBDA_FUNCTION_VERSION"]);
        Assert.Equal("/bin", environment["PATH"]);
        Assert.Equal("0", environment["DOTNET_gcServer"]);
        Assert.False(environment.ContainsKey("AWS_PROFILE"));
        Assert.False(environment.ContainsKey("SECRET"));
    }

    [Fact]
    public void Environment_NamesTheLogFormatAndGroupOfTheFunction()
    {
        var invocation = Invocation("r1");
        var json = invocation with { Function = _function with { LogFormat = "JSON", LogGroup = "greetings" } };
        Dictionary<string, string> Of(FunctionInvocation each) => FunctionEnvironment.For(each, "greet-1", new Uri("http://127.0.0.1:9000"), _ => null);

        Assert.Equal(("Text", "/aws/lambda/greet"), (Of(invocation)["AWS_LAMBDA_LOG_FORMAT"], Of(invocation)["AWS_LAMBDA_LOG_GROUP_NAME"]));
        Assert.Equal(("JSON", "greetings"), (Of(json)["AWS_LAMBDA_LOG_FORMAT"], Of(json)["AWS_LAMBDA_LOG_GROUP_NAME"]));
    }

    private FunctionInvocation Invocation(string requestId, string payload = "{}") => new(_function, requestId, "Root=1", Encoding.UTF8.GetBytes(payload));

    private static string Text(FunctionOutcome outcome) => Encoding.UTF8.GetString(outcome.Payload.Span);

    /// <summary>Time that moves only on request; only timers are needed.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private readonly List<(TimeSpan Due, TimerCallback Callback, object? State)> _timers = [];
        private TimeSpan _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_timers)
            {
                _timers.Add((_now + dueTime, callback, state));
            }

            return new Timer();
        }

        public void Advance(TimeSpan time)
        {
            List<(TimeSpan Due, TimerCallback Callback, object? State)> due;
            lock (_timers)
            {
                _now += time;
                due = [.. _timers.Where(timer => timer.Due <= _now)];
                _timers.RemoveAll(timer => timer.Due <= _now);
            }

            foreach (var timer in due)
            {
                timer.Callback(timer.State);
            }
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
