using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>A Runtime API on a loopback socket, for functions that run as processes.</summary>
internal sealed class RuntimeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly Channel<(string Path, string Body)> _posts = Channel.CreateUnbounded<(string, string)>();
    private readonly Channel<bool> _polls = Channel.CreateUnbounded<bool>();

    private RuntimeApiServer(WebApplication app)
    {
        _app = app;
        app.MapGet("/_runtime/w1/2018-06-01/runtime/invocation/next", NextAsync);
        app.MapPost("/_runtime/w1/2018-06-01/{**path}", PostAsync);
    }

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Endpoint => new Uri(_app.Urls.Single()).Authority + "/_runtime/w1";

    public static async Task<RuntimeApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new RuntimeApiServer(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    public void Enqueue(string body) => Assert(_events.Writer.TryWrite(body));

    public async Task<(string Path, string Body)> PostedAsync(CancellationToken cancellationToken) =>
        await _posts.Reader.ReadAsync(cancellationToken);

    /// <summary>Completes when the function polls.</summary>
    public async Task PolledAsync(CancellationToken cancellationToken) => await _polls.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static void Assert(bool written) => Xunit.Assert.True(written);

    private async Task NextAsync(HttpContext context)
    {
        Assert(_polls.Writer.TryWrite(true));
        try
        {
            var body = await _events.Reader.ReadAsync(context.RequestAborted);
            context.Response.Headers["Lambda-Runtime-Aws-Request-Id"] = "request-1";
            context.Response.Headers["Lambda-Runtime-Deadline-Ms"] = "4102444800000";
            context.Response.Headers["Lambda-Runtime-Trace-Id"] = "Root=1";
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task PostAsync(HttpContext context, string path)
    {
        using var reader = new StreamReader(context.Request.Body);
        Assert(_posts.Writer.TryWrite((path, await reader.ReadToEndAsync(context.RequestAborted))));
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await context.Response.WriteAsync("""{"status":"OK"}""", context.RequestAborted);
    }
}
