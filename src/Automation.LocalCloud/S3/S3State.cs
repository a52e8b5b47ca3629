using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>Buckets and their objects. Contents are blobs of the store; each is kept once for as long as an object uses it.</summary>
internal sealed class S3State(Engine engine)
{
    private readonly Table<Bucket> _buckets = new("s3.buckets", engine.Store, () => S3Json.Default.Bucket);
    private readonly Table<StoredObject> _objects = new("s3.objects", engine.Store, () => S3Json.Default.StoredObject);
    private readonly Table<MultipartUpload> _uploads = new("s3.uploads", engine.Store, () => S3Json.Default.MultipartUpload);

    public IEnumerable<Bucket> Buckets => _buckets.Values.OrderBy(bucket => bucket.Name, StringComparer.Ordinal);

    public Bucket? FindBucket(string name) => _buckets.Find(name);

    /// <exception cref="AwsException">NoSuchBucket.</exception>
    public Bucket Bucket(string name) => _buckets.Find(name)
        ?? throw new AwsException("NoSuchBucket", "The specified bucket does not exist", 404) { Members = new() { ["BucketName"] = name } };

    /// <exception cref="AwsException">InvalidBucketName; BucketAlreadyOwnedByYou.</exception>
    public Bucket Create(Bucket bucket)
    {
        var name = bucket.Name;
        BucketCreation.CheckName(name);
        if (_buckets.Find(name) is not null)
        {
            throw new AwsException("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", 409)
            {
                Members = new() { ["BucketName"] = name },
            };
        }

        _buckets.Set(name, bucket);
        return bucket;
    }

    public void Set(Bucket bucket) => _buckets.Set(bucket.Name, bucket);

    /// <exception cref="AwsException">NoSuchBucket; BucketNotEmpty.</exception>
    public void Delete(string name)
    {
        var bucket = Bucket(name);
        if (List(name, "").Any())
        {
            throw new AwsException("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
        }

        foreach (var upload in _uploads.Values.Where(upload => upload.Bucket == bucket.Name).ToList())
        {
            Abort(upload);
        }

        _buckets.Remove(bucket.Name);
    }

    /// <summary>Sorted by the UTF-8 bytes of the keys, like the service's lists.</summary>
    public IEnumerable<StoredObject> List(string bucket, string prefix) => _objects.Values
        .Where(each => each.Bucket == bucket && each.Key.StartsWith(prefix, StringComparison.Ordinal))
        .OrderBy(each => each.Key, StringComparer.Ordinal);

    public StoredObject? Find(string bucket, string key) => _objects.Find(RowKey(bucket, key));

    /// <exception cref="AwsException">NoSuchBucket, NoSuchKey.</exception>
    public StoredObject Get(string bucket, string key) => Find(Bucket(bucket).Name, key)
        ?? throw new AwsException("NoSuchKey", "The specified key does not exist.", 404) { Members = new() { ["Key"] = key } };

    public ReadOnlyMemory<byte> Read(StoredObject stored) =>
        engine.Store.ReadBlob(stored.Blob) ?? throw new AwsException("InternalError", $"The content of {stored.Key} is missing in the store.", 500);

    public StoredObject Put(string bucket, string key, ReadOnlyMemory<byte> content, IReadOnlyDictionary<string, string> headers) =>
        Put(new StoredObject(Bucket(bucket).Name, key, Keep(content), content.Length, Md5(content.Span), engine.Clock.Now, headers));

    /// <summary>Deleting an object that does not exist is not an error.</summary>
    public void Remove(string bucket, string key)
    {
        if (Find(Bucket(bucket).Name, key) is { } stored)
        {
            _objects.Remove(RowKey(bucket, key));
            Release(stored.Blob);
        }
    }

    public MultipartUpload Begin(string bucket, string key, IReadOnlyDictionary<string, string> headers)
    {
        var id = engine.Ids.Next().ToString("N", CultureInfo.InvariantCulture);
        var upload = new MultipartUpload(id, Bucket(bucket).Name, key, headers, new Dictionary<int, UploadedPart>());
        _uploads.Set(id, upload);
        return upload;
    }

    /// <exception cref="AwsException">NoSuchUpload.</exception>
    public MultipartUpload Upload(string bucket, string key, string id) =>
        _uploads.Find(id) is { } upload && upload.Bucket == bucket && upload.Key == key
            ? upload
            : throw new AwsException(
                "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", 404);

    public UploadedPart AddPart(MultipartUpload upload, int number, ReadOnlyMemory<byte> content)
    {
        var part = new UploadedPart(Keep(content), content.Length, Md5(content.Span));
        _uploads.Set(upload.Id, upload with { Parts = new Dictionary<int, UploadedPart>(upload.Parts) { [number] = part } });
        return part;
    }

    /// <param name="numbers">The parts in the order of the object, with the ETags that the client received for them.</param>
    /// <exception cref="AwsException">InvalidPart, InvalidPartOrder.</exception>
    public StoredObject Complete(MultipartUpload upload, IReadOnlyList<(int Number, string ETag)> numbers)
    {
        if (numbers.Count == 0 || numbers.Zip(numbers.Skip(1)).Any(pair => pair.First.Number >= pair.Second.Number))
        {
            throw new AwsException(
                "InvalidPartOrder", "The list of parts was not in ascending order. The parts list must be specified in order by part number.");
        }

        using var whole = new MemoryStream();
        using var digests = new MemoryStream();
        foreach (var (number, etag) in numbers)
        {
            if (!upload.Parts.TryGetValue(number, out var part) || part.ETag != etag.Trim('"'))
            {
                throw new AwsException("InvalidPart",
                    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.");
            }

            whole.Write(engine.Store.ReadBlob(part.Blob)!.Value.Span);
            digests.Write(Convert.FromHexString(part.ETag));
        }

        var content = whole.ToArray();
        var etagOfAll = string.Create(CultureInfo.InvariantCulture, $"{Md5(digests.ToArray())}-{numbers.Count}");
        var stored = Put(new StoredObject(upload.Bucket, upload.Key, Keep(content), content.Length, etagOfAll, engine.Clock.Now, upload.Headers));
        Abort(upload);
        return stored;
    }

    public void Abort(MultipartUpload upload)
    {
        _uploads.Remove(upload.Id);
        foreach (var part in upload.Parts.Values)
        {
            Release(part.Blob);
        }
    }

    private StoredObject Put(StoredObject stored)
    {
        var before = Find(stored.Bucket, stored.Key);
        _objects.Set(RowKey(stored.Bucket, stored.Key), stored);
        if (before is not null && before.Blob != stored.Blob)
        {
            Release(before.Blob);
        }

        return stored;
    }

    /// <summary>The blob's name differs from the registry's digests, so that neither service removes the other's content.</summary>
    private string Keep(ReadOnlyMemory<byte> content)
    {
        var blob = $"s3:{Convert.ToHexStringLower(SHA256.HashData(content.Span))}";
        if (!engine.Store.HasBlob(blob))
        {
            engine.Store.WriteBlob(blob, content);
        }

        return blob;
    }

    private void Release(string blob)
    {
        if (!_objects.Values.Any(stored => stored.Blob == blob) && !_uploads.Values.Any(upload => upload.Parts.Values.Any(part => part.Blob == blob)))
        {
            engine.Store.RemoveBlob(blob);
        }
    }

    /// <summary>The names in use.</summary>
    public IEnumerable<string> Blobs =>
        [.. _objects.Values.Select(stored => stored.Blob), .. _uploads.Values.SelectMany(upload => upload.Parts.Values).Select(part => part.Blob)];

    private static string RowKey(string bucket, string key) => $"{bucket}/{key}";

    [SuppressMessage("Security", "CA5351", Justification = "S3 defines the ETag as an MD5; it does not secure anything")]
    private static string Md5(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(MD5.HashData(content));
}
