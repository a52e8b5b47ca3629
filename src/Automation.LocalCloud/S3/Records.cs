namespace Automation.LocalCloud.S3;

/// <summary>A bucket. Names are unique in the whole cloud.</summary>
internal sealed record Bucket(string Name, string Region, DateTimeOffset Created)
{
    /// <summary>Null means SSE-S3, the default of every bucket.</summary>
    public BucketEncryption? Encryption { get; init; }

    /// <summary>Stored and returned but not enforced.</summary>
    public string? Policy { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}

/// <param name="Algorithm"><c>AES256</c> or <c>aws:kms</c>.</param>
/// <param name="KeyId">The id or ARN of the KMS key; null means the managed key.</param>
internal sealed record BucketEncryption(string Algorithm, string? KeyId);

/// <summary>The newest version of an object; older ones are not kept.</summary>
/// <param name="Blob">The name of the blob with the content.</param>
/// <param name="ETag">The MD5 of the content, or of the parts' MD5s with <c>-n</c>, without quotes.</param>
/// <param name="Headers">Content type and <c>x-amz-meta-</c> headers, returned unchanged.</param>
internal sealed record StoredObject(
    string Bucket,
    string Key,
    string Blob,
    long Size,
    string ETag,
    DateTimeOffset Modified,
    IReadOnlyDictionary<string, string> Headers);

/// <summary>A multipart upload in progress.</summary>
internal sealed record MultipartUpload(
    string Id,
    string Bucket,
    string Key,
    IReadOnlyDictionary<string, string> Headers,
    IReadOnlyDictionary<int, UploadedPart> Parts);

/// <param name="ETag">The MD5 of the part, in hex.</param>
internal sealed record UploadedPart(string Blob, long Size, string ETag);
