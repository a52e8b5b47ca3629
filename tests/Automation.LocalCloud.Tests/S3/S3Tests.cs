using System.Text;
using System.Xml.Linq;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Tests.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.S3;

public sealed class S3Tests : IDisposable
{
    private const string ETag = "\"5d41402abc4b2a76b9719d911017c592\"";
    private const string Before = "Thu, 01 Jan 2026 00:00:00 GMT";
    private const string Later = "Fri, 01 Jan 2027 00:00:00 GMT";

    private readonly DeployFixture _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public void Object_PutReadCopiedAndDeleted()
    {
        Put("a b/c.txt", "hello", "/box/a%20b/c.txt");
        var read = _client.S3("GET", "/box/a%20b/c.txt");
        var head = _client.S3("HEAD", "/box/a%20b/c.txt");

        Assert.Equal("hello", Text(read));
        Assert.Equal("text/plain", read.ContentType);
        Assert.Equal("\"5d41402abc4b2a76b9719d911017c592\"", read.Headers["ETag"]);
        Assert.Equal("yes", read.Headers["x-amz-meta-kept"]);
        Assert.Equal("5", head.Headers["Content-Length"]);
        _client.S3("PUT", "/box/copy", headers: new() { ["x-amz-copy-source"] = "/box/a%20b/c.txt" });
        Assert.Equal(204, _client.S3("DELETE", "/box/a%20b/c.txt").Status);
        Assert.Equal(204, _client.S3("DELETE", "/box/a%20b/c.txt").Status);
        Assert.Equal("hello", Text(_client.S3("GET", "/box/copy")));
    }

    [Theory]
    [InlineData("if-none-match", "*", "new", 200, null)]
    [InlineData("if-none-match", "*", "x", 412, "PreconditionFailed")]
    [InlineData("if-none-match", "\"abc\"", "x", 501, "NotImplemented")]
    [InlineData("if-match", "\"5d41402abc4b2a76b9719d911017c592\"", "x", 200, null)]
    [InlineData("if-match", "\"abc\"", "x", 412, "PreconditionFailed")]
    [InlineData("if-match", "\"abc\"", "new", 404, "NoSuchKey")]
    public void Object_PutWithACondition_IsWrittenOnlyIfItHolds(string header, string value, string key, int status, string? code)
    {
        Put("x", "hello");
        var response = _client.S3("PUT", $"/box/{key}", body: "changed"u8.ToArray(), headers: new() { [header] = value });

        Assert.Equal((status, code), (response.Status, response.Body.IsEmpty ? null : DeployFixture.Text(Xml(response), "Code")));
        Assert.Equal(status == 200 ? "changed" : "hello", Text(_client.S3("GET", status == 200 ? $"/box/{key}" : "/box/x")));
    }

    [Theory]
    [InlineData("bytes=1-3", 206, "ell")]
    [InlineData("bytes=3-", 206, "lo")]
    [InlineData("bytes=-2", 206, "lo")]
    [InlineData("bytes=0-99", 206, "hello")]
    [InlineData("bytes=9-", 416, null)]
    [InlineData("bytes=-0", 416, null)]
    [InlineData("bytes=1-0", 200, "hello")]
    [InlineData("bytes=a-b", 200, "hello")]
    [InlineData("lines=1-2", 200, "hello")]
    public void Object_Range_ReturnsThatPart(string range, int status, string? expected)
    {
        Put("x", "hello");
        var response = _client.S3("GET", "/box/x", headers: new() { ["range"] = range });

        Assert.Equal(status, response.Status);
        if (expected is not null)
        {
            Assert.Equal(expected, Text(response));
        }
    }

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html</summary>
    [Theory]
    [InlineData("if-match", ETag, 200)]
    [InlineData("if-match", "\"abc\"", 412)]
    [InlineData("if-none-match", ETag, 304)]
    [InlineData("if-none-match", "\"abc\"", 200)]
    [InlineData("if-modified-since", Before, 200)]
    [InlineData("if-modified-since", Later, 304)]
    [InlineData("if-unmodified-since", Before, 412)]
    [InlineData("if-unmodified-since", Later, 200)]
    [InlineData("if-match", ETag, 200, "if-unmodified-since", Before)]
    [InlineData("if-none-match", "\"abc\"", 200, "if-modified-since", Later)]
    public void Object_ReadWithACondition_IsReturnedIfItHolds(string header, string value, int status, string? other = null, string otherValue = "")
    {
        Put("x", "hello");
        var headers = new Dictionary<string, string> { [header] = value };
        if (other is not null)
        {
            headers[other] = otherValue;
        }

        Assert.Equal(status, _client.S3("GET", "/box/x", headers: headers).Status);
        Assert.Equal(status, _client.S3("HEAD", "/box/x", headers: headers).Status);
    }

    [Fact]
    public void Object_HeadersOfTheUpload_AreReturned()
    {
        _client.S3("PUT", "/box");
        _client.S3("PUT", "/box/x", body: "hello"u8.ToArray(), headers: new()
        {
            ["content-encoding"] = "aws-chunked,gzip",
            ["cache-control"] = "no-cache",
            ["x-amz-storage-class"] = "STANDARD_IA",
        });
        var read = _client.S3("GET", "/box/x", "response-content-type=text%2Fcsv&response-cache-control=private");

        Assert.Equal("text/csv", read.ContentType);
        Assert.Equal(
            ("gzip", "private", "STANDARD_IA"),
            (read.Headers["content-encoding"], read.Headers["cache-control"], read.Headers["x-amz-storage-class"]));
        Assert.Equal("STANDARD_IA", DeployFixture.Text(Xml(_client.S3("GET", "/box/", "list-type=2")), "StorageClass"));
        _client.S3("PUT", "/box/y", body: "hello"u8.ToArray(), headers: new() { ["content-encoding"] = "aws-chunked" });
        Assert.DoesNotContain("content-encoding", _client.S3("HEAD", "/box/y").Headers.Keys);
    }

    [Fact]
    public void Multipart_PartsInOrder_MakeTheObject()
    {
        _client.S3("PUT", "/box");
        var id = DeployFixture.Text(Xml(_client.S3("POST", "/box/big", "uploads=")), "UploadId");
        var second = _client.S3("PUT", "/box/big", $"partNumber=2&uploadId={id}", "world"u8.ToArray()).Headers["ETag"];
        var first = _client.S3("PUT", "/box/big", $"partNumber=1&uploadId={id}", "hello "u8.ToArray()).Headers["ETag"];
        Assert.Equal("InvalidPart", Complete((1, first), (2, "\"00\"")));
        Assert.Equal("InvalidPartOrder", Complete((2, second), (1, first)));
        Assert.Equal("", Complete((1, first), (2, second)));
        Assert.Equal("NoSuchUpload", Complete((1, first)));
        Assert.Equal("hello world", Text(_client.S3("GET", "/box/big")));
        Assert.EndsWith("-2\"", _client.S3("HEAD", "/box/big").Headers["ETag"], StringComparison.Ordinal);

        string Complete(params (int Number, string ETag)[] parts) => DeployFixture.Text(
            Xml(_client.S3("POST", "/box/big", $"uploadId={id}", Encoding.UTF8.GetBytes(new XElement(
                "CompleteMultipartUpload",
                parts.Select(part => new XElement("Part", new XElement("PartNumber", part.Number), new XElement("ETag", part.ETag)))).ToString()))),
            "Code");
    }

    [Fact]
    public void List_IsPagedAndGrouped()
    {
        foreach (var key in (string[])["a/1", "a/2", "b", "c/1", "d"])
        {
            Put(key, "x");
        }

        var folded = Xml(_client.S3("GET", "/box/", "list-type=2&delimiter=%2F"));
        var page = Xml(_client.S3("GET", "/box/", "list-type=2&max-keys=2"));
        var rest = Xml(_client.S3("GET", "/box/", $"list-type=2&continuation-token={Uri.EscapeDataString(DeployFixture.Text(page, "NextContinuationToken"))}"));

        Assert.Equal(["b", "d"], DeployFixture.Texts(folded, "Key"));
        Assert.Equal(["", "a/", "c/"], DeployFixture.Texts(folded, "Prefix"));
        Assert.Equal(["a/1", "a/2"], DeployFixture.Texts(page, "Key"));
        Assert.Equal("true", DeployFixture.Text(page, "IsTruncated"));
        Assert.Equal(["b", "c/1", "d"], DeployFixture.Texts(rest, "Key"));
        Assert.Equal(["a/2"], DeployFixture.Texts(Xml(_client.S3("GET", "/box/", "list-type=2&prefix=a/2")), "Key"));
        var after = Xml(_client.S3("GET", "/box/", "list-type=2&start-after=c&fetch-owner=true&max-keys=1"));
        Assert.Equal(
            ("c", "c/1", "123456789012"),
            (DeployFixture.Text(after, "StartAfter"), DeployFixture.Text(after, "Key"), DeployFixture.Text(after, "ID")));
        Assert.Equal("InvalidArgument", DeployFixture.Text(Xml(_client.S3("GET", "/box/", "list-type=2&continuation-token=")), "Code"));
        _client.S3("POST", "/box/", "delete=", "<Delete><Object><Key>b</Key></Object><Object><Key>gone</Key></Object></Delete>"u8.ToArray());
        Assert.Equal(4, DeployFixture.Texts(Xml(_client.S3("GET", "/box/", "list-type=2")), "Key").Count);
    }

    [Fact]
    public void Bucket_ReturnsItsLocationEncryptionAndOwner()
    {
        _client.S3("PUT", "/box");

        Assert.Equal("", Xml(_client.S3("GET", "/box/", "location=")).Value);
        Assert.Equal("AES256", DeployFixture.Text(Xml(_client.S3("GET", "/box/", "encryption=")), "SSEAlgorithm"));
        Assert.Equal("us-east-1", _client.S3("HEAD", "/box").Headers["x-amz-bucket-region"]);
        Assert.Equal(403, _client.S3("GET", "/box/", "location=", headers: new() { ["x-amz-expected-bucket-owner"] = "999999999999" }).Status);
        Assert.Equal(["box"], DeployFixture.Texts(Xml(_client.S3("GET", "/")), "Name"));
    }

    [Theory]
    [InlineData("GET", "/none/x", "", 404, "NoSuchBucket")]
    [InlineData("GET", "/box/none", "", 404, "NoSuchKey")]
    [InlineData("HEAD", "/box/none", "", 404, null)]
    [InlineData("DELETE", "/box", "", 409, "BucketNotEmpty")]
    [InlineData("GET", "/box/full", "versionId=abc", 501, "NotImplemented")]
    [InlineData("GET", "/box", "versions=", 501, "NotImplemented")]
    [InlineData("PUT", "/box", "tagging=", 501, "NotImplemented")]
    [InlineData("GET", "/box", "policy=", 404, "NoSuchBucketPolicy")]
    [InlineData("POST", "/box", "delete=", 400, "MalformedXML")]
    [InlineData("PUT", "/box/full", "partNumber=0&uploadId=x", 404, "NoSuchUpload")]
    public void Request_NotServed_IsRefusedByName(string method, string path, string query, int status, string? code)
    {
        Put("full", "x");
        var response = _client.S3(method, path, query);

        Assert.Equal(status, response.Status);
        Assert.Equal(code, response.Body.IsEmpty ? null : DeployFixture.Text(Xml(response), "Code"));
    }

    [Theory]
    [InlineData("127.0.0.1:4566", "/box/a/b%20c", "box", "a/b c")]
    [InlineData("localhost:4566", "/box", "box", null)]
    [InlineData("box.localhost:4566", "/a", "box", "a")]
    [InlineData("box.s3.localhost:4566", "/a", "box", "a")]
    [InlineData("s3.localhost:4566", "/box/a", "box", "a")]
    [InlineData("dots.in.it.s3.eu-west-1.amazonaws.com", "/a/b", "dots.in.it", "a/b")]
    [InlineData("s3.eu-west-1.amazonaws.com", "/box/a", "box", "a")]
    [InlineData("s3.amazonaws.com", "/", null, null)]
    public void Address_IsReadFromHostAndPath(string host, string path, string? bucket, string? key) => Assert.Equal(
        new S3Address(bucket, key),
        S3Address.Of(new WireRequest("GET", path, "", new Dictionary<string, string> { ["host"] = host }, ReadOnlyMemory<byte>.Empty)));

    private static string Text(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);

    private static XElement Xml(WireResponse response) => XElement.Parse(Text(response));

    private void Put(string key, string content, string? path = null)
    {
        _client.S3("PUT", "/box");
        _client.S3("PUT", path ?? $"/box/{key}", body: Encoding.UTF8.GetBytes(content),
            headers: new() { ["content-type"] = "text/plain", ["x-amz-meta-kept"] = "yes" });
    }
}
