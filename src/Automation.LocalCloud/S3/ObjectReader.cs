using System.Globalization;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>GetObject and HeadObject: conditions, ranges and headers. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html</summary>
internal static class ObjectReader
{
    /// <summary>The headers that are stored and returned with an object. Its <c>x-amz-meta-</c> headers are kept too.</summary>
    private static readonly string[] Kept =
        ["content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires", "x-amz-website-redirect-location"];

    public static WireResponse Read(StoredObject stored, Func<ReadOnlyMemory<byte>> content, WireRequest request, bool withBody)
    {
        var headers = new Dictionary<string, string>(stored.Headers)
        {
            ["ETag"] = $"\"{stored.ETag}\"",
            ["Last-Modified"] = stored.Modified.ToString("R", CultureInfo.InvariantCulture),
            ["Accept-Ranges"] = "bytes",
        };
        foreach (var (name, value) in QueryText.Parse(request.Query).Where(pair => pair.Key.StartsWith("response-", StringComparison.Ordinal)))
        {
            headers[name["response-".Length..]] = value;
        }

        headers.Remove("content-type", out var type);
        type ??= "binary/octet-stream";
        if (!IsModified(stored, request))
        {
            return WireResponse.Empty(304) with { Headers = headers };
        }

        if (!withBody)
        {
            headers["Content-Length"] = stored.Size.ToString(CultureInfo.InvariantCulture);
            return new WireResponse(200, ReadOnlyMemory<byte>.Empty, type) { Headers = headers };
        }

        if (Range(request.Header("range"), stored.Size) is not var (from, to))
        {
            return new WireResponse(200, content(), type) { Headers = headers };
        }

        headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{stored.Size}");
        return new WireResponse(206, content()[(int)from..(int)(to + 1)], type) { Headers = headers };
    }

    /// <summary>The headers of a request that are stored with the object. S3 itself decodes <c>aws-chunked</c> and does not keep it.</summary>
    public static Dictionary<string, string> HeadersToKeep(WireRequest request)
    {
        var headers = request.Headers
            .Where(header => Kept.Contains(header.Key) || header.Key.StartsWith("x-amz-meta-", StringComparison.Ordinal)
                || (header.Key == "x-amz-storage-class" && header.Value != "STANDARD"))
            .ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal);
        if (headers.Remove("content-encoding", out var encodings))
        {
            var own = encodings.Split(',', StringSplitOptions.TrimEntries).Where(each => each != "aws-chunked").ToArray();
            if (own.Length > 0)
            {
                headers["content-encoding"] = string.Join(',', own);
            }
        }

        return headers;
    }

    /// <summary>
    /// ETags count more than times: <c>If-Match</c> more than <c>If-Unmodified-Since</c>, <c>If-None-Match</c> more than <c>If-Modified-Since</c>.
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    /// </summary>
    /// <exception cref="AwsException">PreconditionFailed.</exception>
    private static bool IsModified(StoredObject stored, WireRequest request)
    {
        var matches = request.Header("if-match") is { } wanted ? wanted == "*" || wanted.Trim('"') == stored.ETag : (bool?)null;
        if (!(matches ?? !IsAfter(stored, request.Header("if-unmodified-since"), otherwise: false)))
        {
            throw new AwsException("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
        }

        return request.Header("if-none-match") is { } known
            ? known != "*" && known.Trim('"') != stored.ETag
            : IsAfter(stored, request.Header("if-modified-since"), otherwise: true);
    }

    // Headers have whole seconds. A time that cannot be read is ignored.
    private static bool IsAfter(StoredObject stored, string? time, bool otherwise) =>
        DateTimeOffset.TryParseExact(time, "R", CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? stored.Modified.ToUnixTimeSeconds() > instant.ToUnixTimeSeconds()
            : otherwise;

    /// <summary><c>bytes=0-99</c>, <c>bytes=100-</c>, <c>bytes=-50</c>; null for the whole object, also if the header makes no sense (<c>bytes=1-0</c>).
    /// https://www.rfc-editor.org/rfc/rfc9110#section-14.2</summary>
    /// <exception cref="AwsException">InvalidRange: the object has no such bytes.</exception>
    private static (long From, long To)? Range(string? range, long size)
    {
        if (range?.StartsWith("bytes=", StringComparison.Ordinal) != true || range[6..].Split('-') is not [var first, var last])
        {
            return null;
        }

        var from = Number(first);
        var to = Number(last);
        if ((first.Length > 0 && from is null) || (last.Length > 0 && to is null) || (from ?? to) is null || from > to)
        {
            return null;
        }

        var (start, end) = from is null ? (Math.Max(0, size - to!.Value), size - 1) : (from.Value, Math.Min(to ?? size - 1, size - 1));
        return start <= end ? (start, end) : throw new AwsException("InvalidRange", "The requested range is not satisfiable", 416);
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
