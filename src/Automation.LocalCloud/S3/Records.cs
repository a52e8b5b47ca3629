namespace Automation.LocalCloud.S3;

/// <summary>A bucket. Names are unique in the whole cloud.</summary>
internal sealed record Bucket(string Name, string Region, DateTimeOffset Created)
{
    /// <summary>Null: SSE-S3, as every bucket has it.</summary>
    public BucketEncryption? Encryption { get; init; }

    /// <summary>Kept and shown, not enforced.</summary>
    public string? Policy { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <param name="Algorithm"><c>AES256</c> or <c>aws:kms</c>.</param>
/// <param name="KeyId">Id or ARN of the KMS key; null is the managed one.</param>
internal sealed record BucketEncryption(string Algorithm, string? KeyId);

/// <summary>An object's newest version, the only one that is kept.</summary>
/// <param name="Blob">Where the store has the content.</param>
/// <param name="ETag">Without quotes: MD5 of the content, or of the parts' MD5s with <c>-n</c>.</param>
/// <param name="Headers">Content type and <c>x-amz-meta-</c> headers, answered as they came.</param>
internal sealed record StoredObject(
    string Bucket,
    string Key,
    string Blob,
    long Size,
    string ETag,
    DateTimeOffset Modified,
    IReadOnlyDictionary<string, string> Headers);

/// <summary>A multipart upload that is going on.</summary>
internal sealed record MultipartUpload(
    string Id,
    string Bucket,
    string Key,
    IReadOnlyDictionary<string, string> Headers,
    IReadOnlyDictionary<int, UploadedPart> Parts);

/// <param name="ETag">MD5 of the part, in hex.</param>
internal sealed record UploadedPart(string Blob, long Size, string ETag);
