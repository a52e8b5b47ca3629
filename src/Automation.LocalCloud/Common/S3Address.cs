using System.Net;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// The bucket and key of a request or a URL. Both are in the path, or the bucket is the first part of the host:
/// <code>
/// http://127.0.0.1:4566/bucket/some/key
/// http://bucket.localhost:4566/some/key
/// https://s3.eu-west-1.amazonaws.com/bucket/some/key
/// https://bucket.s3.eu-west-1.amazonaws.com/some/key
/// </code>
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
/// </summary>
/// <param name="Bucket">Null for the service itself (ListBuckets).</param>
/// <param name="Key">Null for the bucket itself.</param>
internal sealed record S3Address(string? Bucket, string? Key)
{
    public static S3Address Of(WireRequest request) => Read(request.Header("host") ?? "", request.Path);

    /// <summary>Parses a URL such as CloudFormation's <c>TemplateURL</c>.</summary>
    public static S3Address? OfUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? Read(parsed.Authority, parsed.AbsolutePath) : null;

    /// <param name="path">Percent-encoded.</param>
    private static S3Address Read(string authority, string path)
    {
        var host = authority.Split(':')[0];
        var rest = Uri.UnescapeDataString(path.TrimStart('/'));
        if (BucketOf(host) is { } virtualHost)
        {
            return new S3Address(virtualHost, rest.Length > 0 ? rest : null);
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return (rest, slash) switch
        {
            ("", _) => new S3Address(null, null),
            (_, < 0) => new S3Address(rest, null),
            _ => new S3Address(rest[..slash], slash + 1 < rest.Length ? rest[(slash + 1)..] : null),
        };
    }

    private static string? BucketOf(string host)
    {
        if (IPAddress.TryParse(host, out _))
        {
            return null;
        }

        foreach (var end in (string[])[".localhost", ".127.0.0.1"])
        {
            if (host.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                var bucket = host[..^end.Length];
                return bucket.EndsWith(".s3", StringComparison.Ordinal) ? bucket[..^3] : bucket == "s3" ? null : bucket;
            }
        }

        var service = host.IndexOf(".s3.", StringComparison.Ordinal);
        return service > 0 && host.EndsWith(".amazonaws.com", StringComparison.Ordinal) ? host[..service] : null;
    }
}
