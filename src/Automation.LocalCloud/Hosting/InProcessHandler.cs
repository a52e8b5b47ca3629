using System.Net;
using System.Net.Http.Headers;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// Serves a cloud to HTTP clients in the same process, above all AWS SDK clients. Synchronous responses of the cloud are
/// returned synchronously, so a client's call completes on the thread that made it.
/// </summary>
public sealed class InProcessHandler(Cloud cloud, ControlEndpoint? control = null) : HttpMessageHandler
{
    private readonly CloudRouter _router = new(cloud, control: control);

    /// <summary>Answers a call without HTTP.</summary>
    /// <param name="request">With its <see cref="WireRequest.Scope"/>, unless it follows a link of an earlier answer.</param>
    /// <exception cref="CallerCrashedException">The caller must get no response.</exception>
    public ValueTask<WireResponse> CallAsync(WireRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _router.CallAsync(request, cancellationToken);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlyMemory<byte> body = request.Content is null ? default : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        return Respond(request, await _router.HandleAsync(Read(request, body), cancellationToken));
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    private static WireRequest Read(HttpRequestMessage request, ReadOnlyMemory<byte> body)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Copy(request.Headers.NonValidated);
        if (request.Content is not null)
        {
            Copy(request.Content.Headers.NonValidated);
        }

        // The path as sent: the SDK escapes it, and AbsolutePath keeps the escapes.
        return new WireRequest(request.Method.Method, request.RequestUri!.AbsolutePath, request.RequestUri.Query.TrimStart('?'), headers, body);

        void Copy(HttpHeadersNonValidated from)
        {
            foreach (var (name, values) in from)
            {
                headers[name.ToLowerInvariant()] = values.ToString();
            }
        }
    }

    private static HttpResponseMessage Respond(HttpRequestMessage request, WireResponse answer)
    {
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(request.Method == HttpMethod.Head ? default : answer.Body),
        };
        if (answer.ContentType is not null)
        {
            response.Content.Headers.TryAddWithoutValidation("Content-Type", answer.ContentType);
        }

        foreach (var (name, value) in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.Remove(name);
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return response;
    }
}
