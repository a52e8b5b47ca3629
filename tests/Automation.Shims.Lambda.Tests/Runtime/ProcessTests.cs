using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>The test function as a separate process, over a real socket: generated Main, container, log, signals.</summary>
public sealed class ProcessTests : IAsyncLifetime
{
    private readonly List<Process> _started = [];
    private RuntimeApiServer _api = null!;

    public async ValueTask InitializeAsync() => _api = await RuntimeApiServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        await _api.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task GeneratedMain_RunsTheNamedFunctionWithAScopePerInvocation()
    {
        var process = Start("Greet");
        for (var i = 0; i < 2; i++)
        {
            _api.Enqueue("""{"name":"Ada"}""");
            var (path, body) = await _api.PostedAsync(TestContext.Current.CancellationToken);

            Assert.Equal("runtime/invocation/request-1/response", path);
            Assert.Equal("""{"Text":"Hello, Ada!","Count":1,"Trace":"Root=1","HasSerializer":true}""", body);
        }

        Assert.Equal(0, await TerminateAsync(process));
        Assert.Contains("\trequest-1\tinfo\tGreeting Ada", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ConsoleLine_BecomesAnEntryAndVoidAnEmptyResponse()
    {
        var process = Start("Tick", ("AWS_LAMBDA_LOG_FORMAT", "JSON"));
        _api.Enqueue("{}");

        Assert.Equal(("runtime/invocation/request-1/response", string.Empty), await _api.PostedAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await TerminateAsync(process));
        using var entry = JsonDocument.Parse(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Hello", entry.RootElement.GetProperty("message").GetString());
        Assert.Equal("request-1", entry.RootElement.GetProperty("requestId").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task HandlerError_HasItsClassName()
    {
        var process = Start("Fail");
        _api.Enqueue("""{"name":"Ada"}""");

        var (path, body) = await _api.PostedAsync(TestContext.Current.CancellationToken);

        Assert.Equal("runtime/invocation/request-1/error", path);
        Assert.Contains("\"errorType\": \"GreetingRefusedException\"", body, StringComparison.Ordinal);
        Assert.Equal(0, await TerminateAsync(process));
    }

    [Fact(Timeout = 60_000)]
    public async Task Terminate_WhileIdle_EndsWithZero()
    {
        var process = Start("Greet");
        await _api.PolledAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await TerminateAsync(process));
    }

    [Fact(Timeout = 60_000)]
    public async Task Terminate_DuringAnInvocation_RespondsAndEndsWithZero()
    {
        var process = Start("Hold");
        _api.Enqueue("{}");
        Assert.EndsWith("holding", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Assert.Equal(0, await TerminateAsync(process));

        Assert.Equal(("runtime/invocation/request-1/response", "\"held\""), await _api.PostedAsync(TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Nobody")]
    [InlineData("greet")]
    [InlineData("")]
    public async Task GeneratedMain_UnknownHandler_ReturnsZeroSilently(string handler)
    {
        var process = Start(handler);

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.Empty(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("256", "268435456 of 256")]
    [InlineData("128", "134217728 of 128")]
    public async Task HeapLimit_IsTheFunctionsMemory(string megabytes, string expected)
    {
        Start("Memory", ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", megabytes));
        _api.Enqueue("{}");

        Assert.Equal($"\"{expected}\"", (await _api.PostedAsync(TestContext.Current.CancellationToken)).Body);
    }

    [Fact(Timeout = 60_000)]
    public async Task RunOnce_RespondsAndEnds()
    {
        var process = Start("Greet", ("AWS_LAMBDA_DOTNET_DEBUG_RUN_ONCE", "true"));
        _api.Enqueue("""{"name":"Ada"}""");

        await _api.PostedAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
    }

    private static async Task<int> TerminateAsync(Process process)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    private Process Start(string handler, params (string Name, string Value)[] environment)
    {
        // artifacts/bin/<project>/<configuration>: the function is built next to the tests, never into them.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory);
        var assembly = Path.Combine(configuration.Parent!.Parent!.FullName, "Automation.Shims.Lambda.TestFunction", configuration.Name, "bootstrap.dll");
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AWS_LAMBDA_RUNTIME_API"] = _api.Endpoint;
        start.Environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "256";
        start.Environment["ANNOTATIONS_HANDLER"] = handler;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }
}
