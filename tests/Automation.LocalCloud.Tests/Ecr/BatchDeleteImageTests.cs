using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class BatchDeleteImageTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public BatchDeleteImageTests() => _registry.CreateRepository("web");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void BatchDelete_OneOfTwoTags_KeepsTheImage()
    {
        var (digest, manifest) = _registry.Push("web", "v1", "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v2"));

        var result = Delete("""{"imageTag":"v1"}""");

        Assert.Equal([(digest, "v1")], Ids(result));
        Assert.Equal([(digest, "v2")], Listed());
    }

    [Fact]
    public void BatchDelete_LastTag_DeletesTheImage()
    {
        _registry.Push("web", "v1", "a");

        Delete("""{"imageTag":"v1"}""");

        Assert.Empty(Listed());
    }

    [Fact]
    public void BatchDelete_ByDigest_DeletesTheImageWithAllItsTags()
    {
        var (digest, manifest) = _registry.Push("web", "v1", "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v2"));

        var result = Delete($$"""{"imageDigest":"{{digest}}"}""");

        Assert.Equal([(digest, "v1"), (digest, "v2")], Ids(result));
        Assert.Empty(Listed());
    }

    [Fact]
    public void BatchDelete_TagWithItsDigest_RemovesOnlyThatTag()
    {
        var (digest, manifest) = _registry.Push("web", "v1", "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v2"));

        Delete($$"""{"imageDigest":"{{digest}}","imageTag":"v1"}""");

        Assert.Equal([(digest, "v2")], Listed());
    }

    [Fact]
    public void BatchDelete_TagMovedToAnotherDigest_IsReportedAndNotExecuted()
    {
        var (old, _) = _registry.Push("web", "latest", "a");
        _registry.Push("web", "latest", "b");

        var failure = Failure(Delete($$"""{"imageDigest":"{{old}}","imageTag":"latest"}"""));

        Assert.Equal("ImageTagDoesNotMatchDigest", RegistryFixture.Text(failure["failureCode"]));
        Assert.Equal(2, Listed().Count);
    }

    [Fact]
    public void BatchDelete_ChildOfAnIndex_IsRefusedUntilTheIndexIsDeleted()
    {
        var (child, _) = _registry.Push("web", "amd64", "a");
        var index = _registry.PushIndex("web", "multi", child);

        foreach (var id in new[] { $$"""{"imageDigest":"{{child}}"}""", """{"imageTag":"amd64"}""" })
        {
            var failure = Failure(Delete(id));
            Assert.Equal("ImageReferencedByManifestList", RegistryFixture.Text(failure["failureCode"]));
            Assert.Equal($"Requested image referenced by manifest list: [{index}]", RegistryFixture.Text(failure["failureReason"]));
        }

        Delete("""{"imageTag":"multi"}""");
        Assert.Empty(Delete($$"""{"imageDigest":"{{child}}"}""")["failures"]!.AsArray());
    }

    [Fact]
    public void BatchDelete_IndexBeforeItsChildrenInOneCall_DeletesAll()
    {
        var (child, _) = _registry.Push("web", null, "a");
        var index = _registry.PushIndex("web", "multi", child);

        var result = Delete($$"""{"imageDigest":"{{index}}"},{"imageDigest":"{{child}}"}""");

        Assert.Empty(result["failures"]!.AsArray());
        Assert.Empty(Listed());
    }

    [Theory]
    [InlineData("{}", "MissingDigestAndTag")]
    [InlineData("""{"imageTag":"nope"}""", "ImageNotFound")]
    [InlineData("""{"imageDigest":"bad"}""", "InvalidImageDigest")]
    [InlineData("""{"imageTag":"../v1"}""", "InvalidImageTag")]
    [InlineData("""{"imageDigest":"sha256:00","imageTag":"nope"}""", "ImageNotFound")]
    public void BatchDelete_UnknownId_FailsOnlyThatId(string id, string code)
    {
        _registry.Push("web", "v1", "a");

        var result = Delete(id + """,{"imageTag":"v1"}""");

        var failure = Failure(result);
        Assert.Equal(code, RegistryFixture.Text(failure["failureCode"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(id), failure["imageId"]));
        Assert.Single(Ids(result));
    }

    [Theory]
    [InlineData("""{"repositoryName":"web","imageIds":[]}""")]
    [InlineData("""{"repositoryName":"web"}""")]
    public void BatchDelete_NoIds_IsInvalid(string input) => Assert.Equal("InvalidParameterException", _registry.Fail("BatchDeleteImage", input).Code);

    [Fact]
    public async Task BatchDelete_EachTag_GivesOneDeleteEvent()
    {
        var (digest, manifest) = _registry.Push("web", "v1", "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v2"));
        await _registry.Settle();
        _registry.Events.Clear();

        Delete($$"""{"imageDigest":"{{digest}}"}""");
        await _registry.Settle();

        Assert.Equal(["v1", "v2"], _registry.Events.Select(deleted => RegistryFixture.Text(deleted.Detail["image-tag"])));
        Assert.True(JsonNode.DeepEquals(_registry.Events[0].Detail, JsonNode.Parse(
            $$"""{"result":"SUCCESS","repository-name":"web","image-digest":"{{digest}}","action-type":"DELETE","image-tag":"v1"}""")));
    }

    [Fact]
    public async Task Layers_OfDeletedImages_AreDeletedADayLaterUnlessStillUsed()
    {
        var (shared, _) = _registry.Push("web", "v1", "a");
        _registry.Push("web", "v2", "b");
        Delete($$"""{"imageDigest":"{{shared}}"}""");
        Assert.NotNull(ReadLayer("a"));

        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(3), TestContext.Current.CancellationToken);

        Assert.Null(ReadLayer("a"));
        Assert.NotNull(ReadLayer("b"));
        Assert.NotNull(ReadLayer("{}"));
    }

    [Fact]
    public void Blob_SharedByTwoRepositories_StaysForTheOther()
    {
        _registry.CreateRepository("other");
        _registry.Push("other", "v1", "a");
        _registry.Push("web", "v1", "a");

        _registry.Call("DeleteRepository", """{"repositoryName":"web","force":true}""");

        var read = _registry.Call("BatchGetImage", """{"repositoryName":"other","imageIds":[{"imageTag":"v1"}]}""");
        Assert.Single(read["images"]!.AsArray());
        Assert.NotNull(_registry.Cloud.Run(() => _registry.Cloud.Ecr.ReadBlob(RegistryFixture.Region, "other", RegistryFixture.DigestOf("a"))));
    }

    private ReadOnlyMemory<byte>? ReadLayer(string content) =>
        _registry.Cloud.Run(() => _registry.Cloud.Ecr.ReadBlob(RegistryFixture.Region, "web", RegistryFixture.DigestOf(content)));

    private JsonObject Delete(string ids) => _registry.Call("BatchDeleteImage", $$"""{"repositoryName":"web","imageIds":[{{ids}}]}""");

    private List<(string, string?)> Listed() => Ids(_registry.Call("ListImages", """{"repositoryName":"web"}"""));

    private static List<(string, string?)> Ids(JsonObject result) =>
        [.. result["imageIds"]!.AsArray().Select(id => (RegistryFixture.Text(id!["imageDigest"]), id["imageTag"]?.GetValue<string>()))];

    private static JsonNode Failure(JsonObject result) => Assert.Single(result["failures"]!.AsArray())!;
}
