using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.RuntimeSupport.Helpers;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>A bootstrap with all its dependencies in memory: Runtime API, environment, log and clock.</summary>
internal sealed class RuntimeHost : IDisposable
{
    public static readonly DateTimeOffset Now = new(2024, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private readonly StringWriter _log = new();
    private readonly HttpClient _http;

    public RuntimeHost()
    {
        Api = new FakeRuntimeApi();
        _http = new HttpClient(Api);
        Environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:9001";
        Environment["AWS_LAMBDA_FUNCTION_NAME"] = "reconcile";
        Environment["AWS_LAMBDA_DOTNET_DISABLE_MEMORY_LIMIT_CHECK"] = "true";
    }

    public FakeRuntimeApi Api { get; }

    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>The function's log; lines end with a line feed.</summary>
    public string Log => _log.ToString().ReplaceLineEndings("\n");

    public TimeProvider Time { get; } = new StillClock(Now);

    public RuntimeApiClient Client(string? endpoint = null)
    {
        var environment = LambdaEnvironment();
        return new RuntimeApiClient(environment, endpoint, new HttpClientTransport(_http), new LogLevelLoggerWriter(_log, Get, Time), Time);
    }

    public LambdaBootstrap Bootstrap(LambdaBootstrapHandler handler, LambdaBootstrapInitializer? initializer = null) =>
        new(Client(), LambdaEnvironment(), handler, initializer);

    /// <summary>Runs until the API's script is complete.</summary>
    public async Task RunAsync(LambdaBootstrapHandler handler, LambdaBootstrapInitializer? initializer = null)
    {
        using var bootstrap = Bootstrap(handler, initializer);
        using var stop = new CancellationTokenSource();
        var run = bootstrap.RunAsync(stop.Token);
        await Task.WhenAny(Api.Drained, run);
        await stop.CancelAsync();
        await run;
    }

    public Task RunAsync(HandlerWrapper wrapper) => RunAsync(wrapper.Handler);

    public LambdaEnvironment LambdaEnvironment() => new(Get, (name, value) => Environment[name] = value);

    public void Dispose()
    {
        _http.Dispose();
        Api.Dispose();
        _log.Dispose();
    }

    private string? Get(string name) => Environment.GetValueOrDefault(name);

    private sealed class StillClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
