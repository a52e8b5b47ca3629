using System.Net;
using System.Net.Http.Headers;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>Calls the Runtime API through the caller's own HTTP client.</summary>
internal sealed class HttpClientTransport(HttpClient client) : IRuntimeApiTransport
{
    public bool IsBlocking => false;

    public async ValueTask<RuntimeApiAnswer> SendAsync(string endpoint, RuntimeApiCall call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), $"http://{endpoint}{RuntimeApiClient.Version}{call.Path}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (call.ContentType is not null)
        {
            request.Content = call.Body is null ? new ByteArrayContent([]) : new BorrowedStreamContent(call.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.ContentType);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            headers[name] = values.FirstOrDefault();
        }

        return new RuntimeApiAnswer((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>Does nothing, because the caller owns the client.</summary>
    public void Dispose()
    {
    }

    /// <summary>Sends a stream that belongs to the handler, from its current position and with its length, and does not dispose it.</summary>
    private sealed class BorrowedStreamContent(Stream stream) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream target, TransportContext context) => stream.CopyToAsync(target);

        protected override bool TryComputeLength(out long length)
        {
            length = stream.CanSeek ? stream.Length - stream.Position : 0;
            return stream.CanSeek;
        }
    }
}
