using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>Determines the operation of a request: in REST it follows from the method, the presence of a key, and the sub-resource in the query.</summary>
internal static class S3Operation
{
    /// <summary>Sub-resources by their query name, with the name that operations have.</summary>
    private static readonly Dictionary<string, string> SubResources = new(StringComparer.Ordinal)
    {
        ["accelerate"] = "AccelerateConfiguration",
        ["acl"] = "Acl",
        ["analytics"] = "AnalyticsConfiguration",
        ["attributes"] = "Attributes",
        ["cors"] = "Cors",
        ["encryption"] = "Encryption",
        ["intelligent-tiering"] = "IntelligentTieringConfiguration",
        ["inventory"] = "InventoryConfiguration",
        ["legal-hold"] = "LegalHold",
        ["lifecycle"] = "LifecycleConfiguration",
        ["location"] = "Location",
        ["logging"] = "Logging",
        ["metrics"] = "MetricsConfiguration",
        ["notification"] = "NotificationConfiguration",
        ["object-lock"] = "LockConfiguration",
        ["ownershipControls"] = "OwnershipControls",
        ["policy"] = "Policy",
        ["policyStatus"] = "PolicyStatus",
        ["publicAccessBlock"] = "PublicAccessBlock",
        ["replication"] = "Replication",
        ["requestPayment"] = "RequestPayment",
        ["restore"] = "Restore",
        ["retention"] = "Retention",
        ["select"] = "Select",
        ["tagging"] = "Tagging",
        ["torrent"] = "Torrent",
        ["versioning"] = "Versioning",
        ["website"] = "Website",
    };

    /// <summary>Other allowed names in a query: parameters of the operations above, and signatures.</summary>
    private static readonly HashSet<string> Parameters = new(StringComparer.Ordinal)
    {
        "AWSAccessKeyId", "Expires", "Signature", "continuation-token", "delete", "delimiter", "encoding-type", "fetch-owner", "key-marker", "list-type",
        "marker", "max-keys", "max-parts", "max-uploads", "part-number-marker", "partNumber", "prefix", "start-after", "upload-id-marker",
        "uploadId", "uploads",
        "version-id-marker", "versionId", "versions", "x-id",
    };

    public static string Of(WireRequest request)
    {
        var (bucket, key) = S3Address.Of(request);
        var query = QueryText.Parse(request.Query);
        if (bucket is null)
        {
            return request.Method != "GET"
                ? $"{request.Method}Service"
                : query.GetValueOrDefault("x-id") == "ListDirectoryBuckets" ? "ListDirectoryBuckets" : "ListBuckets";
        }

        if (bucket == "WriteGetObjectResponse")
        {
            return bucket;
        }

        if (SubResources.FirstOrDefault(each => query.ContainsKey(each.Key)).Value is { } sub)
        {
            return $"{Verb(request.Method)}{(key is null ? "Bucket" : "Object")}{sub}";
        }

        // An unknown sub-resource must not be treated as the object itself.
        if (query.Keys.FirstOrDefault(
            name => !Parameters.Contains(name) && !name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase)
                && !name.StartsWith("response-", StringComparison.Ordinal)) is { } unknown)
        {
            return $"{request.Method}{(key is null ? "Bucket" : "Object")}?{unknown}";
        }

        return (key is null, request.Method) switch
        {
            (true, "PUT") => "CreateBucket",
            (true, "HEAD") => "HeadBucket",
            (true, "DELETE") => "DeleteBucket",
            (true, "POST") when query.ContainsKey("delete") => "DeleteObjects",
            (true, "POST") => "PostObject",
            (true, _) when query.ContainsKey("versions") => "ListObjectVersions",
            (true, _) when query.ContainsKey("uploads") => "ListMultipartUploads",
            (true, _) => query.GetValueOrDefault("list-type") == "2" ? "ListObjectsV2" : "ListObjects",
            (false, "PUT") when query.ContainsKey("uploadId") => request.Header("x-amz-copy-source") is null ? "UploadPart" : "UploadPartCopy",
            (false, "PUT") => request.Header("x-amz-copy-source") is null ? "PutObject" : "CopyObject",
            (false, "POST") when query.ContainsKey("uploads") => "CreateMultipartUpload",
            (false, "POST") when query.ContainsKey("uploadId") => "CompleteMultipartUpload",
            (false, "DELETE") => query.ContainsKey("uploadId") ? "AbortMultipartUpload" : "DeleteObject",
            (false, "HEAD") => "HeadObject",
            (false, "GET") => query.ContainsKey("uploadId") ? "ListParts" : "GetObject",
            _ => $"{request.Method}Object",
        };
    }

    public static AwsException NotServed(string operation) => new("NotImplemented", $"The embedded cloud does not serve s3:{operation}.", 501);

    private static string Verb(string method) => method switch
    {
        "PUT" => "Put",
        "DELETE" => "Delete",
        "POST" => "Post",
        _ => "Get",
    };
}
