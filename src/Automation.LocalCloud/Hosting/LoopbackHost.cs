using System.Globalization;
using Automation.LocalCloud.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Automation.LocalCloud.Hosting;

/// <summary>Serves a cloud over HTTP/1.1 on one port.</summary>
public sealed class LoopbackHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private LoopbackHost(WebApplication application, Uri endpoint)
    {
        _application = application;
        Endpoint = endpoint;
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
        // The empty builder reads no configuration, environment or arguments, so this code alone configures the host.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaximumBody;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(options.Address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var application = builder.Build();
        var router = new CloudRouter(cloud, processes, control);
        application.Run(context => ServeAsync(router, context, options));
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new LoopbackHost(application, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        // Otherwise the host would wait for open polls.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        try
        {
            await _application.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Open connections are dropped on purpose.
        }

        await _application.DisposeAsync();
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

    /// <summary>The process belongs to its caller: this host neither handles signals nor writes to the console.</summary>
    private sealed class NoLifetime : Microsoft.Extensions.Hosting.IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
