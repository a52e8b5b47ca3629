using System.Globalization;
using Automation.LocalCloud.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Automation.LocalCloud.Hosting;

/// <summary>Serves a cloud over HTTP/1.1 on one port.</summary>
public sealed class LoopbackHost : IAsyncDisposable
{
    private readonly KestrelServer _server;

    private LoopbackHost(KestrelServer server)
    {
        _server = server;
        Endpoint = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Such as <c>http://127.0.0.1:4566</c>.</summary>
    public Uri Endpoint { get; }

    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<LoopbackHost> StartAsync(
        Cloud cloud,
        LoopbackOptions options,
        ProcessFunctionHost? processes = null,
        ControlEndpoint? control = null,
        CancellationToken cancellationToken = default)
    {
        // A web application would take longer to start than the whole cloud, and would handle signals, which belong to the process.
        var settings = new KestrelServerOptions { AddServerHeader = false };
        settings.Limits.MaxRequestBodySize = options.MaximumBody;
        settings.Limits.MinRequestBodyDataRate = null;
        settings.Limits.MinResponseDataRate = null;
        settings.Listen(options.Address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        var log = NullLoggerFactory.Instance;
        var server = new KestrelServer(Options.Create(settings), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), log), log);
        try
        {
            await server.StartAsync(new Application(new CloudRouter(cloud, processes, control), options), cancellationToken);
            return new LoopbackHost(server);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Otherwise the server would wait for open polls.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        try
        {
            await _server.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Open connections are dropped on purpose.
        }

        _server.Dispose();
    }

    private static async Task ServeAsync(CloudRouter router, HttpContext context, LoopbackOptions options)
    {
        if (options.Site is { } site && await site(context))
        {
            return;
        }

        WireResponse response;
        try
        {
            response = await router.HandleAsync(await ReadAsync(context), context.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            response = WireResponse.Text(
                413, string.Create(CultureInfo.InvariantCulture, $"The request body is larger than the embedded cloud accepts ({options.MaximumBody} bytes).\n"));
        }
        catch (BadHttpRequestException e)
        {
            response = WireResponse.Text(e.StatusCode, $"{e.Message}\n");
        }
        catch (Exception e) when (e is CallerCrashedException or OperationCanceledException)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = response.Status;
        foreach (var (name, value) in response.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (response.ContentType is not null)
        {
            context.Response.ContentType = response.ContentType;
        }

        // Responses to HEAD have the Content-Length of GET; 204 and 304 have none.
        if (response.Status is not (204 or 304) && !response.Headers.ContainsKey("Content-Length"))
        {
            context.Response.ContentLength = response.Body.Length;
        }

        if (!HttpMethods.IsHead(context.Request.Method) && response.Status is not (204 or 304))
        {
            await context.Response.Body.WriteAsync(response.Body, context.RequestAborted);
        }
    }

    private static async Task<WireRequest> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.Headers)
        {
            headers[name.ToLowerInvariant()] = value.ToString();
        }

        // Services match the path as it was sent, and Path is already decoded. Scheme and host of an absolute target are removed.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out var absolute))
        {
            target = absolute.PathAndQuery;
        }

        var question = target.IndexOf('?', StringComparison.Ordinal);
        return new WireRequest(
            request.Method,
            question < 0 ? target : target[..question],
            question < 0 ? "" : target[(question + 1)..],
            headers,
            await ReadBodyAsync(request, context.RequestAborted));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpRequest request, CancellationToken aborted)
    {
        if (request.ContentLength is 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        using var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, 1 << 20));
        await request.Body.CopyToAsync(body, aborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private sealed class Application(CloudRouter router, LoopbackOptions options) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => ServeAsync(router, context, options);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // A context holds nothing of its own.
        }
    }
}
