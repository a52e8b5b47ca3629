using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Iam;

namespace Automation.LocalCloud.Wire;

/// <summary>One HTTP request, read completely; headers by lower-case name.</summary>
/// <param name="Path">Percent-encoded, as on the wire, without the query.</param>
/// <param name="Query">Without the question mark, percent-encoded.</param>
public sealed record WireRequest(
    string Method,
    string Path,
    string Query,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>Who asks and of whom, from the SigV4 credential scope; null for an unsigned request.</summary>
    public CredentialScope? Scope { get; init; }

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    /// <summary>Scheme and host that the client used, such as <c>http://localhost:4566</c>, for links back; null without a Host header.</summary>
    public string? Endpoint() => Header("host") is { Length: > 0 } host ? $"{Header("x-forwarded-proto") ?? "http"}://{host}" : null;
}

/// <summary>The scope of <c>Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecr/aws4_request, …</c>; signatures are not checked.</summary>
public sealed record CredentialScope(string AccessKeyId, string Region, string Service)
{
    private const string Marker = "Credential=";

    public static CredentialScope? Parse(string? authorization)
    {
        var start = authorization?.IndexOf(Marker, StringComparison.Ordinal) ?? -1;
        if (start < 0)
        {
            return null;
        }

        var scope = authorization![(start + Marker.Length)..].Split(',', ' ')[0].Split('/');
        return scope.Length == 5 ? new CredentialScope(scope[0], scope[2], scope[3]) : null;
    }
}

/// <summary>One HTTP response.</summary>
public sealed record WireResponse(int Status, ReadOnlyMemory<byte> Body, string? ContentType = null)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Set when the answer comes later (a synchronous invocation, a long poll): hosts wait for it outside the gate and send its result.</summary>
    public Task<WireResponse>? Pending { get; init; }

    /// <summary>Tells whoever owes a pending answer, under the gate, that nobody waits for it any more.</summary>
    public Action? Abandon { get; init; }

    public static WireResponse Json(JsonNode body, string contentType = "application/json", int status = 200) =>
        new(status, Encoding.UTF8.GetBytes(body.ToJsonString(WireJson.Compact)), contentType);

    public static WireResponse Text(int status, string body, string contentType = "text/plain; charset=utf-8") =>
        new(status, Encoding.UTF8.GetBytes(body), contentType);

    public static WireResponse Empty(int status) => new(status, ReadOnlyMemory<byte>.Empty);

    public static WireResponse Later(Task<WireResponse> answer) => Empty(200) with { Pending = answer };
}

/// <summary>
/// Who calls, and where. <see cref="AccessKeyId"/> tells the role: a function's process signs with its own key.
/// </summary>
public sealed record CallContext(string Region, string AccountId, string AccessKeyId)
{
    /// <summary>Scheme and host under which the service was called, for answers that contain links to it.</summary>
    public string Endpoint { get; init; } = "";

    public string Arn(string service, string resource) => $"arn:aws:{service}:{Region}:{AccountId}:{resource}";
}

/// <summary>
/// An error as the service reports it. Thrown by state and rules, rendered by the service's wire format.
/// </summary>
/// <param name="code">The error code on the wire, such as <c>RepositoryNotFoundException</c>.</param>
public sealed class AwsException(string code, string message, int status = 400) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;

    /// <summary>Further members of the error document, by wire name.</summary>
    public JsonObject? Members { get; init; }
}

/// <summary>One service behind the cloud's port: reads the wire, calls its state, writes the wire. Called under the gate.</summary>
public interface IWireService
{
    /// <summary>The service's name in the credential scope.</summary>
    string SigningName { get; }

    /// <summary>The API operation that the request asks for, for faults, permissions and the journal; null when there is no such operation.</summary>
    string? OperationOf(WireRequest request);

    /// <summary>
    /// The permissions that a request needs. Null: the embedded cloud does not know them, so only administrators may make it.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    /// </summary>
    IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => null;

    /// <exception cref="AwsException">What the service would answer; the cloud renders it with <see cref="Error"/>.</exception>
    WireResponse Handle(WireRequest request, CallContext context);

    WireResponse Error(WireRequest request, AwsException error);
}
