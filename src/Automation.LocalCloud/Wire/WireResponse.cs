using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>One HTTP response.</summary>
public sealed record WireResponse(int Status, ReadOnlyMemory<byte> Body, string? ContentType = null)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Set if the response comes later (a synchronous invocation, a long poll). Hosts wait for it outside the gate and send its result.</summary>
    public Task<WireResponse>? Pending { get; init; }

    /// <summary>Called under the gate when nobody waits for a pending response any longer.</summary>
    public Action? Abandon { get; init; }

    public static WireResponse Json(JsonNode body, string contentType = "application/json", int status = 200) =>
        new(status, Encoding.UTF8.GetBytes(body.ToJsonString(WireJson.Compact)), contentType);

    public static WireResponse Text(int status, string body, string contentType = "text/plain; charset=utf-8") =>
        new(status, Encoding.UTF8.GetBytes(body), contentType);

    public static WireResponse Empty(int status) => new(status, ReadOnlyMemory<byte>.Empty);

    public static WireResponse Later(Task<WireResponse> answer) => Empty(200) with { Pending = answer };
}
