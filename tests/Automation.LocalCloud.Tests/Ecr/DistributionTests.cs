using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class DistributionTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public DistributionTests() => _registry.CreateRepository("team/web");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void Ping_WithoutPassword_IsChallengedForBasicAuthentication()
    {
        var response = _registry.Registry("GET", "/v2/", authorized: false);

        Assert.Equal(401, response.Status);
        Assert.StartsWith("Basic realm=", response.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Equal("UNAUTHORIZED", Code(response));
        Assert.Equal(200, _registry.Registry("GET", "/v2/").Status);
    }

    [Theory]
    [InlineData("Basic QVdTOndyb25n")]
    [InlineData("Basic ???")]
    [InlineData("Bearer x")]
    [InlineData("")]
    public void Ping_WrongPassword_IsUnauthorized(string authorization) =>
        Assert.Equal(401, _registry.Registry("GET", "/v2/", headers: new() { ["authorization"] = authorization }, authorized: false).Status);

    [Fact]
    public async Task Ping_ExpiredPassword_IsUnauthorized()
    {
        var token = RegistryFixture.Text(_registry.Call("GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]);
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromHours(12), TestContext.Current.CancellationToken);

        Assert.Equal(401, _registry.Registry("GET", "/v2/", headers: new() { ["authorization"] = "Basic " + token }, authorized: false).Status);
    }

    [Fact]
    public void Region_InTheHostName_OverridesThatOfThePassword()
    {
        _registry.CreateRepository("far", region: "us-west-2");
        var headers = new Dictionary<string, string>
        {
            ["authorization"] = "Basic " + RegistryFixture.Text(_registry.Call("GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]),
            ["host"] = "123456789012.dkr.ecr.us-west-2.amazonaws.com",
        };

        var response = _registry.Cloud.Run(() => _registry.Cloud.Ecr.HandleDistribution(new WireRequest("GET", "/v2/far/tags/list", "", headers, default)));

        Assert.Equal(200, response.Status);
        Assert.Equal(404, _registry.Registry("GET", "/v2/far/tags/list").Status);
    }

    [Fact]
    public void Upload_InChunks_CreatesABlob()
    {
        var location = Begin();
        var first = _registry.Registry("PATCH", location, "abc"u8.ToArray(), new() { ["content-range"] = "0-2" });
        Assert.Equal((202, "0-2"), (first.Status, first.Headers["Range"]));
        Assert.Equal(202, _registry.Registry("PATCH", location, "def"u8.ToArray(), new() { ["content-range"] = "3-5" }).Status);
        var status = _registry.Registry("GET", location);
        Assert.Equal((204, "0-5"), (status.Status, status.Headers["Range"]));

        var done = _registry.Registry("PUT", $"{location}?digest={Uri.EscapeDataString(RegistryFixture.DigestOf("abcdefg"))}", "g"u8.ToArray());

        Assert.Equal(201, done.Status);
        Assert.Equal("abcdefg", Body(_registry.Registry("GET", done.Headers["Location"])));
        Assert.Equal(404, _registry.Registry("GET", location).Status);
    }

    [Fact]
    public void Upload_ChunkOutOfOrder_IsRefusedWithTheReceivedRange()
    {
        var location = Begin();
        _registry.Registry("PATCH", location, "abc"u8.ToArray());

        var response = _registry.Registry("PATCH", location, "x"u8.ToArray(), new() { ["content-range"] = "5-5" });

        Assert.Equal((416, "0-2"), (response.Status, response.Headers["Range"]));
    }

    [Fact]
    public void Upload_WrongDigest_IsRefusedAndKeepsTheUpload()
    {
        var location = Begin();
        _registry.Registry("PATCH", location, "abc"u8.ToArray());

        var response = _registry.Registry("PUT", $"{location}?digest={RegistryFixture.DigestOf("other")}", "tail"u8.ToArray());

        Assert.Equal((400, "DIGEST_INVALID"), (response.Status, Code(response)));
        Assert.Equal("0-2", _registry.Registry("GET", location).Headers["Range"]);
        Assert.Equal(404, _registry.Registry("HEAD", $"/v2/team/web/blobs/{RegistryFixture.DigestOf("other")}").Status);
    }

    [Fact]
    public void Upload_InOnePost_CreatesABlob()
    {
        var digest = RegistryFixture.DigestOf("abc");

        Assert.Equal(201, _registry.Registry("POST", $"/v2/team/web/blobs/uploads/?digest={digest}", "abc"u8.ToArray()).Status);
        Assert.Equal(400, _registry.Registry("POST", $"/v2/team/web/blobs/uploads/?digest={digest}", "abd"u8.ToArray()).Status);
    }

    [Fact]
    public void Upload_Cancelled_IsGone()
    {
        var location = Begin();

        Assert.Equal(204, _registry.Registry("DELETE", location).Status);
        Assert.Equal("BLOB_UPLOAD_UNKNOWN", Code(_registry.Registry("PATCH", location, "abc"u8.ToArray())));
    }

    [Fact]
    public void Mount_OfAnotherRepositorysBlob_NeedsNoUpload()
    {
        _registry.CreateRepository("base");
        var digest = _registry.Blob("base", "abc");

        Assert.Equal(202, _registry.Registry("POST", $"/v2/team/web/blobs/uploads/?mount={digest}&from=base").Status);
        _registry.Call("PutAccountSetting", """{"name":"BLOB_MOUNTING","value":"ENABLED"}""");
        Assert.Equal(201, _registry.Registry("POST", $"/v2/team/web/blobs/uploads/?mount={digest}&from=base").Status);
        Assert.Equal("abc", Body(_registry.Registry("GET", $"/v2/team/web/blobs/{digest}")));
        Assert.Equal(202, _registry.Registry("POST", $"/v2/team/web/blobs/uploads/?mount={RegistryFixture.DigestOf("x")}&from=base").Status);
    }

    [Fact]
    public void Blob_Head_HasTheLengthAndNoBody()
    {
        var response = _registry.Registry("HEAD", $"/v2/team/web/blobs/{_registry.Blob("team/web", "abcd")}");

        Assert.Equal((200, "4", 0), (response.Status, response.Headers["Content-Length"], response.Body.Length));
    }

    [Theory]
    [InlineData("bytes=1-2", 206, "bc")]
    [InlineData("bytes=2-", 206, "cd")]
    [InlineData("bytes=2-99", 206, "cd")]
    [InlineData("lines=1-2", 200, "abcd")]
    public void Blob_Range_ReturnsThatPart(string range, int status, string content)
    {
        var response = _registry.Registry("GET", $"/v2/team/web/blobs/{_registry.Blob("team/web", "abcd")}", headers: new() { ["range"] = range });

        Assert.Equal((status, content), (response.Status, Body(response)));
    }

    [Fact]
    public void Blob_RangeBeyondTheEnd_IsNotSatisfiable() => Assert.Equal(
        416, _registry.Registry("GET", $"/v2/team/web/blobs/{_registry.Blob("team/web", "abcd")}", headers: new() { ["range"] = "bytes=4-" }).Status);

    [Fact]
    public async Task Manifest_PutByTag_IsAPushAndIsReturnedByteForByte()
    {
        var manifest = _registry.ImageManifest("team/web", "a") + "\n";
        var put = Put("v1", manifest);

        Assert.Equal((201, RegistryFixture.DigestOf(manifest)), (put.Status, put.Headers["Docker-Content-Digest"]));
        foreach (var reference in new[] { "v1", RegistryFixture.DigestOf(manifest) })
        {
            var got = _registry.Registry("GET", $"/v2/team/web/manifests/{reference}");
            Assert.Equal((200, RegistryFixture.OciManifest, manifest), (got.Status, got.ContentType, Body(got)));
        }

        await _registry.Settle();
        Assert.Equal("PUSH", RegistryFixture.Text(Assert.Single(_registry.Events).Detail["action-type"]));
    }

    [Fact]
    public async Task Manifest_PutAgain_SucceedsAndIsNotAPush()
    {
        var manifest = _registry.ImageManifest("team/web", "a");
        Put("v1", manifest);
        Assert.Equal(201, Put("v1", manifest).Status);
        Assert.Equal(201, Put(RegistryFixture.DigestOf(manifest), manifest).Status);

        await _registry.Settle();
        Assert.Single(_registry.Events);
    }

    [Fact]
    public void Manifest_PutOnImmutableTag_IsTagInvalid()
    {
        _registry.Call("PutImageTagMutability", """{"repositoryName":"team/web","imageTagMutability":"IMMUTABLE"}""");
        Put("v1", _registry.ImageManifest("team/web", "a"));

        var response = Put("v1", _registry.ImageManifest("team/web", "b"));

        Assert.Equal((400, "TAG_INVALID"), (response.Status, Code(response)));
    }

    [Fact]
    public void Manifest_PutByOtherDigest_IsRefused()
    {
        var response = Put(RegistryFixture.DigestOf("x"), _registry.ImageManifest("team/web", "a"));

        Assert.Equal((400, "DIGEST_INVALID"), (response.Status, Code(response)));
    }

    [Fact]
    public void Manifest_PutWithoutItsLayers_IsRefused()
    {
        _registry.CreateRepository("other");

        var response = Put("v1", _registry.ImageManifest("other", "a"));

        Assert.Equal((404, "MANIFEST_BLOB_UNKNOWN"), (response.Status, Code(response)));
    }

    [Theory]
    [InlineData("v1", "{", "MANIFEST_INVALID")]
    [InlineData("-v1", "{}", "TAG_INVALID")]
    public void Manifest_PutInvalid_IsRefused(string reference, string manifest, string code) => Assert.Equal(code, Code(Put(reference, manifest)));

    [Fact]
    public void Manifest_TypeNotAccepted_IsUnknown()
    {
        Put("v1", _registry.ImageManifest("team/web", "a"));

        Assert.Equal(404, Get(RegistryFixture.DockerManifest).Status);
        Assert.Equal(200, Get($"{RegistryFixture.DockerManifest}, {RegistryFixture.OciManifest};q=0.5").Status);
        Assert.Equal(200, Get("*/*").Status);

        WireResponse Get(string accept) => _registry.Registry("GET", "/v2/team/web/manifests/v1", headers: new() { ["accept"] = accept });
    }

    [Fact]
    public void Manifest_Delete_FollowsTheRulesOfTheApi()
    {
        var (child, _) = _registry.Push("team/web", null, "a");
        _registry.CreateRepository("web");
        _registry.PushIndex("team/web", "multi", child);

        Assert.Equal((405, "UNSUPPORTED"), (Delete(child).Status, Code(Delete(child))));
        Assert.Equal(202, Delete("multi").Status);
        Assert.Equal(202, Delete(child).Status);
        Assert.Equal((404, "MANIFEST_UNKNOWN"), (Delete(child).Status, Code(Delete(child))));

        WireResponse Delete(string reference) => _registry.Registry("DELETE", $"/v2/team/web/manifests/{reference}");
    }

    [Fact]
    public void TagList_PageByPage_IsOrderedAndLinksToTheNextPage()
    {
        foreach (var tag in new[] { "c", "a", "b" })
        {
            Put(tag, _registry.ImageManifest("team/web", tag));
        }

        var page = _registry.Registry("GET", "/v2/team/web/tags/list?n=2");
        Assert.Equal("""{"name":"team/web","tags":["a","b"]}""", Body(page));
        Assert.Equal("</v2/team/web/tags/list?last=b&n=2>; rel=\"next\"", page.Headers["Link"]);

        page = _registry.Registry("GET", "/v2/team/web/tags/list?last=b&n=2");
        Assert.Equal("""{"name":"team/web","tags":["c"]}""", Body(page));
        Assert.False(page.Headers.ContainsKey("Link"));
        Assert.Equal(400, _registry.Registry("GET", "/v2/team/web/tags/list?n=x").Status);
    }

    [Fact]
    public void Catalog_ListsTheRepositoriesInPages()
    {
        _registry.CreateRepository("a/first");

        var page = _registry.Registry("GET", "/v2/_catalog?n=1");
        Assert.Equal("""{"repositories":["a/first"]}""", Body(page));
        var next = page.Headers["Link"].Split('<', '>')[1];

        Assert.Contains("team/web", Body(_registry.Registry("GET", next)), StringComparison.Ordinal);
    }

    [Fact]
    public void Referrers_OfASubject_AreListedAndFiltered()
    {
        var subject = RegistryFixture.DigestOf("a subject that is not there");
        var put = Put("sig", _registry.ImageManifest("team/web", "signature", subject));
        Assert.Equal(subject, put.Headers["OCI-Subject"]);

        var all = JsonNode.Parse(_registry.Registry("GET", $"/v2/team/web/referrers/{subject}").Body.Span)!;
        Assert.Equal("application/example", RegistryFixture.Text(Assert.Single(all["manifests"]!.AsArray())!["artifactType"]));

        var none = _registry.Registry("GET", $"/v2/team/web/referrers/{subject}?artifactType=x");
        Assert.Equal("artifactType", none.Headers["OCI-Filters-Applied"]);
        Assert.Empty(JsonNode.Parse(none.Body.Span)!["manifests"]!.AsArray());

        var api = _registry.Call("ListImageReferrers", $$$"""{"repositoryName":"team/web","subjectId":{"imageDigest":"{{{subject}}}"}}""");
        Assert.Equal(put.Headers["Docker-Content-Digest"], RegistryFixture.Text(Assert.Single(api["referrers"]!.AsArray())!["digest"]));
    }

    [Theory]
    [InlineData("GET", "/v2/nope/tags/list", 404, "NAME_UNKNOWN")]
    [InlineData("GET", "/v2/../../etc/passwd/tags/list", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/%2e%2e%2fx/tags/list", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/Team/tags/list", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/team/web/blobs/sha256:..%2f..%2fx", 404, "UNSUPPORTED")]
    [InlineData("GET", "/v2/team/web/blobs/sha256:abc", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/team/web/manifests/nope", 404, "MANIFEST_UNKNOWN")]
    [InlineData("GET", "/v2/team/web/referrers/x", 400, "DIGEST_INVALID")]
    [InlineData("DELETE", "/v2/team/web/blobs/sha256:abc", 405, "UNSUPPORTED")]
    [InlineData("PATCH", "/v2/team/web/blobs/uploads/x", 404, "BLOB_UPLOAD_UNKNOWN")]
    [InlineData("GET", "/v2/_catalogue", 404, "UNSUPPORTED")]
    [InlineData("GET", "/v2/_catalog?n=1001", 405, "UNSUPPORTED")]
    [InlineData("GET", "/v2/_catalog?n=1&last=team/web", 405, "UNSUPPORTED")]
    public void Request_Invalid_GetsADistributionError(string method, string path, int status, string code)
    {
        var response = _registry.Registry(method, path);

        Assert.Equal((status, code), (response.Status, Code(response)));
    }

    [Fact]
    public void Pull_OfAManifest_IsRecorded()
    {
        Put("v1", _registry.ImageManifest("team/web", "a"));
        _registry.Registry("HEAD", "/v2/team/web/manifests/v1");
        Assert.Null(Detail()["lastRecordedPullTime"]);

        _registry.Registry("GET", "/v2/team/web/manifests/v1");

        Assert.Equal(1767600000, Detail()["lastRecordedPullTime"]!.GetValue<decimal>());

        JsonNode Detail() => _registry.Call("DescribeImages", """{"repositoryName":"team/web"}""")["imageDetails"]![0]!;
    }

    private string Begin() => _registry.Registry("POST", "/v2/team/web/blobs/uploads/").Headers["Location"];

    private WireResponse Put(string reference, string manifest) => _registry.Registry(
        "PUT", $"/v2/team/web/manifests/{reference}", Encoding.UTF8.GetBytes(manifest), new() { ["content-type"] = RegistryFixture.OciManifest });

    private static string Body(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);

    private static string Code(WireResponse response) => RegistryFixture.Text(JsonNode.Parse(response.Body.Span)!["errors"]![0]!["code"]);
}
