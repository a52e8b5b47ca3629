using System.Net;
using System.Runtime.InteropServices;
using Amazon.Runtime.EventStreams;
using Amazon.Runtime.Internal.Transform;
using Automation.LocalCloud.Wire;

namespace Automation.Local.InProcess;

/// <summary>An answer of the cloud as the SDK reads it.</summary>
internal sealed class InProcessResponse(WireResponse answer) : IWebResponseData, IHttpResponseBody
{
    public long ContentLength => answer.Body.Length;

    public string ContentType => answer.ContentType ?? "";

    public HttpStatusCode StatusCode => (HttpStatusCode)answer.Status;

    public bool IsSuccessStatusCode => answer.Status is >= 200 and < 300;

    public IHttpResponseBody ResponseBody => this;

    public string[] GetHeaderNames() => [.. answer.Headers.Keys];

    public bool IsHeaderPresent(string headerName) => Find(headerName) is not null;

    public string GetHeaderValue(string headerName) => Find(headerName) ?? "";

    public Stream OpenResponse() => MemoryMarshal.TryGetArray(answer.Body, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(answer.Body.ToArray(), writable: false);

    public Task<Stream> OpenResponseAsync() => Task.FromResult(OpenResponse());

    public IEventStreamHeader? GetEventStreamHeader(string headerName) => null;

    public bool IsEventHeaderPresent(string headerName) => false;

    public void Dispose()
    {
    }

    // Few answers have any of these, so a loop is enough.
    private string? Find(string name)
    {
        if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
        {
            return answer.ContentType;
        }

        foreach (var (each, value) in answer.Headers)
        {
            if (each.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }
}
