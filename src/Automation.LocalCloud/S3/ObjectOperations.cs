using System.Globalization;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>The operations on objects and on lists of objects.</summary>
/// <param name="owner">The account, which owns every object.</param>
internal sealed class ObjectOperations(S3State state, string owner)
{
    private const int MaxKeys = 1000;

    public WireResponse Handle(string operation, string bucket, string key, WireRequest request)
    {
        var query = QueryText.Parse(request.Query);
        if (query.TryGetValue("versionId", out var version) && version is not "null")
        {
            throw new AwsException("NotImplemented", "The embedded cloud does not keep versions of objects.", 501);
        }

        switch (operation)
        {
            case "PutObject":
                CheckConditions(bucket, key, request);
                return Stored(state.Put(bucket, key, request.Body, ObjectReader.HeadersToKeep(request)));
            case "GetObject":
                return Read(state.Get(bucket, key), request, withBody: true);
            case "HeadObject":
                return Read(state.Get(bucket, key), request, withBody: false);
            case "CopyObject":
                return Copy(bucket, key, request);
            case "DeleteObject":
                state.Remove(bucket, key);
                return WireResponse.Empty(204);
            case "CreateMultipartUpload":
                return S3Xml.Result(
                    "InitiateMultipartUploadResult",
                    S3Xml.Element("Bucket", bucket),
                    S3Xml.Element("Key", key),
                    S3Xml.Element("UploadId", state.Begin(bucket, key, ObjectReader.HeadersToKeep(request)).Id));
            case "UploadPart":
                var part = state.AddPart(state.Upload(bucket, key, query["uploadId"]), PartNumber(query), request.Body);
                return WireResponse.Empty(200) with { Headers = new Dictionary<string, string> { ["ETag"] = Quoted(part.ETag) } };
            case "CompleteMultipartUpload":
                var whole = state.Complete(state.Upload(bucket, key, query["uploadId"]), Parts(S3Xml.Read(request)));
                return S3Xml.Result(
                    "CompleteMultipartUploadResult",
                    S3Xml.Element("Location", $"/{bucket}/{key}"),
                    S3Xml.Element("Bucket", bucket),
                    S3Xml.Element("Key", key),
                    S3Xml.Element("ETag", Quoted(whole.ETag)));
            case "AbortMultipartUpload":
                state.Abort(state.Upload(bucket, key, query["uploadId"]));
                return WireResponse.Empty(204);
            default:
                throw S3Operation.NotServed(operation);
        }
    }

    /// <summary>
    /// <c>If-None-Match: *</c> writes only if the object does not exist, <c>If-Match</c> only if the existing object has that ETag.
    /// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    /// </summary>
    private void CheckConditions(string bucket, string key, WireRequest request)
    {
        var known = state.List(bucket, key).FirstOrDefault(stored => stored.Key == key);
        if (request.Header("if-none-match") is { } absent)
        {
            if (absent != "*")
            {
                throw new AwsException("NotImplemented", "A header you provided implies functionality that is not implemented", 501);
            }

            if (known is not null)
            {
                throw new AwsException("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
            }
        }

        if (request.Header("if-match") is { } etag)
        {
            if (known is null)
            {
                throw new AwsException("NoSuchKey", "The specified key does not exist.", 404);
            }

            if (etag.Trim('"') != known.ETag)
            {
                throw new AwsException("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
            }
        }
    }

    /// <summary>Operations on several objects of a bucket.</summary>
    public WireResponse InBucket(string operation, string bucket, WireRequest request) => operation switch
    {
        "ListObjectsV2" => List(bucket, QueryText.Parse(request.Query)),
        "DeleteObjects" => Delete(bucket, S3Xml.Read(request)),
        _ => throw S3Operation.NotServed(operation),
    };

    /// <summary>The continuation token is the last key of the page, in Base64.</summary>
    private WireResponse List(string bucket, Dictionary<string, string> query)
    {
        var prefix = query.GetValueOrDefault("prefix", "");
        var delimiter = query.GetValueOrDefault("delimiter", "");
        var most = int.TryParse(query.GetValueOrDefault("max-keys"), CultureInfo.InvariantCulture, out var given) ? Math.Clamp(given, 0, MaxKeys) : MaxKeys;
        var token = query.GetValueOrDefault("continuation-token");
        var after = token is null ? query.GetValueOrDefault("start-after", "") : Text(token);
        var contents = new List<StoredObject>();
        var prefixes = new List<string>();
        var last = "";
        var truncated = false;
        foreach (var stored in state.List(bucket, prefix).Where(stored => string.CompareOrdinal(stored.Key, after) > 0))
        {
            var cut = delimiter.Length > 0 ? stored.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) : -1;
            var common = cut < 0 ? null : stored.Key[..(cut + delimiter.Length)];
            if (common is not null && (prefixes.Contains(common) || after.StartsWith(common, StringComparison.Ordinal)))
            {
                last = stored.Key;
                continue;
            }

            if (contents.Count + prefixes.Count == most)
            {
                truncated = true;
                break;
            }

            last = stored.Key;
            if (common is null)
            {
                contents.Add(stored);
            }
            else
            {
                prefixes.Add(common);
            }
        }

        // With encoding-type=url clients decode the keys themselves, because XML cannot contain every character.
        var encode = query.GetValueOrDefault("encoding-type") == "url" ? (Func<string, string>)Encoded : text => text;
        return S3Xml.Result(
            "ListBucketResult",
            S3Xml.Element("Name", bucket),
            S3Xml.Element("Prefix", encode(prefix)),
            delimiter.Length > 0 ? S3Xml.Element("Delimiter", encode(delimiter)) : null,
            S3Xml.Element("KeyCount", contents.Count + prefixes.Count),
            S3Xml.Element("MaxKeys", most),
            S3Xml.Element("IsTruncated", truncated ? "true" : "false"),
            query.ContainsKey("encoding-type") ? S3Xml.Element("EncodingType", "url") : null,
            query.TryGetValue("start-after", out var startAfter) ? S3Xml.Element("StartAfter", encode(startAfter)) : null,
            token is null ? null : S3Xml.Element("ContinuationToken", token),
            truncated ? S3Xml.Element("NextContinuationToken", Token(last)) : null,
            contents.Select(stored => S3Xml.Element(
                "Contents",
                S3Xml.Element("Key", encode(stored.Key)),
                S3Xml.Element("LastModified", S3Xml.Time(stored.Modified)),
                S3Xml.Element("ETag", Quoted(stored.ETag)),
                S3Xml.Element("Size", stored.Size),
                query.GetValueOrDefault("fetch-owner") == "true" ? S3Xml.Element("Owner", S3Xml.Element("ID", owner)) : null,
                S3Xml.Element("StorageClass", stored.Headers.GetValueOrDefault("x-amz-storage-class", "STANDARD")))),
            prefixes.Select(each => S3Xml.Element("CommonPrefixes", S3Xml.Element("Prefix", encode(each)))));
    }

    /// <summary><c>&lt;Delete&gt;&lt;Object&gt;&lt;Key&gt;a&lt;/Key&gt;&lt;/Object&gt;…&lt;Quiet&gt;true&lt;/Quiet&gt;&lt;/Delete&gt;</c></summary>
    private WireResponse Delete(string bucket, XElement request)
    {
        var keys = request.Elements()
            .Where(each => each.Name.LocalName == "Object")
            .Select(each => each.Elements().FirstOrDefault(member => member.Name.LocalName == "Key")?.Value)
            .OfType<string>()
            .ToList();
        foreach (var key in keys)
        {
            state.Remove(bucket, key);
        }

        var quiet = request.Elements().Any(each => each.Name.LocalName == "Quiet" && each.Value == "true");
        return S3Xml.Result("DeleteResult", quiet ? [] : keys.Select(key => S3Xml.Element("Deleted", S3Xml.Element("Key", key))));
    }

    /// <summary><c>x-amz-copy-source: /bucket/key</c></summary>
    private WireResponse Copy(string bucket, string key, WireRequest request)
    {
        var source = Uri.UnescapeDataString(request.Header("x-amz-copy-source")!.TrimStart('/')).Split('/', 2);
        if (source.Length != 2)
        {
            throw new AwsException("InvalidArgument", "Invalid copy source object key");
        }

        var from = state.Get(source[0], source[1]);
        var headers = request.Header("x-amz-metadata-directive") == "REPLACE" ? ObjectReader.HeadersToKeep(request) : from.Headers;
        var stored = state.Put(bucket, key, state.Read(from), headers);
        return S3Xml.Result(
            "CopyObjectResult",
            S3Xml.Element("LastModified", S3Xml.Time(stored.Modified)),
            S3Xml.Element("ETag", Quoted(stored.ETag)));
    }

    private WireResponse Read(StoredObject stored, WireRequest request, bool withBody) =>
        ObjectReader.Read(stored, () => state.Read(stored), request, withBody);

    private static WireResponse Stored(StoredObject stored) =>
        WireResponse.Empty(200) with { Headers = new Dictionary<string, string> { ["ETag"] = Quoted(stored.ETag) } };

    private static int PartNumber(Dictionary<string, string> query) =>
        int.TryParse(query.GetValueOrDefault("partNumber"), CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 10000
            ? number
            : throw new AwsException("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");

    /// <summary><c>&lt;CompleteMultipartUpload&gt;&lt;Part&gt;&lt;PartNumber&gt;1&lt;/PartNumber&gt;&lt;ETag&gt;"…"&lt;/ETag&gt;&lt;/Part&gt;…</c></summary>
    private static List<(int Number, string ETag)> Parts(XElement request) =>
    [
        .. request.Elements().Where(each => each.Name.LocalName == "Part").Select(part => (
            int.TryParse(Member(part, "PartNumber"), CultureInfo.InvariantCulture, out var number) ? number : 0,
            Member(part, "ETag"))),
    ];

    private static string Member(XElement element, string name) => element.Elements().FirstOrDefault(each => each.Name.LocalName == name)?.Value ?? "";

    private static string Quoted(string etag) => $"\"{etag}\"";

    private static string Encoded(string text) => Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal);

    private static string Token(string key) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(key));

    private static string Text(string token)
    {
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) && length > 0
            ? System.Text.Encoding.UTF8.GetString(bytes, 0, length)
            : throw new AwsException("InvalidArgument", "The continuation token provided is incorrect");
    }
}
