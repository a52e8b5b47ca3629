using System.Text;

namespace Automation.LocalCloud.Wire;

/// <summary>One complete HTTP request; headers by lower-case name.</summary>
/// <param name="Path">Percent-encoded, as on the wire, without the query.</param>
/// <param name="Query">Without the question mark, percent-encoded.</param>
public sealed record WireRequest(
    string Method,
    string Path,
    string Query,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>The caller and the service, from the SigV4 credential scope; null for an unsigned request.</summary>
    public CredentialScope? Scope { get; init; }

    private (ReadOnlyMemory<byte> Body, object Value)? _parsed;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The service's own form of the request. It is parsed once, for the permissions and for the operation.</summary>
    internal T Parsed<T>(Func<WireRequest, T> parse)
        where T : class
    {
        if (_parsed is { Value: T known } parsed && parsed.Body.Equals(Body))
        {
            return known;
        }

        var value = parse(this);
        _parsed = (Body, value);
        return value;
    }

    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The scheme and host that the client used, such as <c>http://localhost:4566</c>, for links in responses; null without a Host header.</summary>
    public string? Endpoint() => Header("host") is { Length: > 0 } host ? $"{Header("x-forwarded-proto") ?? "http"}://{host}" : null;
}
