using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class ListingTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public ListingTests() => _registry.CreateRepository("web");

    public void Dispose() => _registry.Dispose();

    [Theory]
    [InlineData("ListImages", "imageIds", 1)]
    [InlineData("ListImages", "imageIds", 3)]
    [InlineData("DescribeImages", "imageDetails", 2)]
    public void List_PageByPage_ShowsEverythingOnceAndInOrder(string operation, string member, int size)
    {
        for (var i = 0; i < 5; i++)
        {
            var (_, manifest) = _registry.Push("web", i == 3 ? null : $"v{i}", $"content {i}");
            if (i == 1)
            {
                _registry.Call("PutImage", _registry.PutImage("web", manifest, "also1"));
                _registry.Call("PutImage", _registry.PutImage("web", manifest, "again1"));
            }
        }

        var whole = _registry.Call(operation, """{"repositoryName":"web"}""")[member]!.AsArray();

        Assert.Equal(whole.Select(item => item!.ToJsonString()), Pages(operation, member, size));
    }

    [Theory]
    [InlineData("TAGGED", 2)]
    [InlineData("UNTAGGED", 1)]
    [InlineData("ANY", 3)]
    public void List_ByTagStatus_ShowsOnlyThose(string status, int count)
    {
        _registry.Push("web", "v1", "a");
        _registry.Push("web", "v2", "b");
        _registry.Push("web", null, "c");
        var input = $$$"""{"repositoryName":"web","filter":{"tagStatus":"{{{status}}}"}}""";

        Assert.Equal(count, _registry.Call("ListImages", input)["imageIds"]!.AsArray().Count);
        Assert.Equal(count, _registry.Call("DescribeImages", input)["imageDetails"]!.AsArray().Count);
    }

    [Fact]
    public void List_WhileImagesAreDeleted_ContinuesAtItsPosition()
    {
        for (var i = 0; i < 4; i++)
        {
            _registry.Push("web", $"v{i}", $"content {i}");
        }

        var first = _registry.Call("ListImages", """{"repositoryName":"web","maxResults":2}""");
        _registry.Call("BatchDeleteImage", """{"repositoryName":"web","imageIds":[{"imageTag":"v0"},{"imageTag":"v1"}]}""");
        var second = _registry.Call("ListImages", $$"""{"repositoryName":"web","nextToken":"{{RegistryFixture.Text(first["nextToken"])}}"}""");

        Assert.Equal(["v2", "v3"], second["imageIds"]!.AsArray().Select(id => RegistryFixture.Text(id!["imageTag"])));
    }

    [Fact]
    public void Describe_ById_ShowsEachImageOnce()
    {
        var (digest, _) = _registry.Push("web", "v1", "a");
        var ids = $$"""[{"imageTag":"v1"},{"imageDigest":"{{digest}}"}]""";

        Assert.Single(_registry.Call("DescribeImages", $$"""{"repositoryName":"web","imageIds":{{ids}}}""")["imageDetails"]!.AsArray());
    }

    [Theory]
    [InlineData("""[{"imageTag":"nope"}]""", "ImageNotFoundException")]
    [InlineData("""[{"imageTag":"v1"},{"imageTag":"nope"}]""", "ImageNotFoundException")]
    [InlineData("[{}]", "InvalidParameterException")]
    [InlineData("""[{"imageDigest":"x"}]""", "InvalidParameterException")]
    public void Describe_UnknownId_FailsTheWholeCall(string ids, string code)
    {
        _registry.Push("web", "v1", "a");

        Assert.Equal(code, _registry.Fail("DescribeImages", $$"""{"repositoryName":"web","imageIds":{{ids}}}""").Code);
    }

    [Fact]
    public void Describe_IndexAndReferrer_ShowsTheirTypes()
    {
        var (small, _) = _registry.Push("web", null, "a");
        var (large, _) = _registry.Push("web", null, "larger content");
        _registry.PushIndex("web", "multi", small, large);
        _registry.Push("web", "signature", "s", large);

        var details = _registry.Call("DescribeImages", """{"repositoryName":"web","filter":{"tagStatus":"TAGGED"}}""")["imageDetails"]!.AsArray();

        Assert.Equal("larger content".Length, details[0]!["imageSizeInBytes"]!.GetValue<long>());
        Assert.Null(details[0]!["artifactMediaType"]);
        Assert.Equal(large, RegistryFixture.Text(details[1]!["subjectManifestDigest"]));
        Assert.Equal("ACTIVE", RegistryFixture.Text(details[1]!["imageStatus"]));
    }

    [Fact]
    public void BatchGet_ByDigest_ReturnsOneImagePerTag()
    {
        var (digest, manifest) = _registry.Push("web", "v1", "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v2"));

        var images = _registry.Call("BatchGetImage", $$"""{"repositoryName":"web","imageIds":[{"imageDigest":"{{digest}}"}]}""")["images"]!.AsArray();

        Assert.Equal(["v1", "v2"], images.Select(image => RegistryFixture.Text(image!["imageId"]!["imageTag"])));
    }

    [Fact]
    public void BatchGet_TypeNotAccepted_IsAFailure()
    {
        _registry.Push("web", "v1", "a");

        var result = _registry.Call(
            "BatchGetImage", $$"""{"repositoryName":"web","imageIds":[{"imageTag":"v1"}],"acceptedMediaTypes":["{{RegistryFixture.DockerManifest}}"]}""");

        Assert.Empty(result["images"]!.AsArray());
        Assert.Equal("ImageNotFound", RegistryFixture.Text(result["failures"]![0]!["failureCode"]));
    }

    [Fact]
    public void TenThousandImages_CanBeListedDescribedAndDeleted()
    {
        const int Count = 10_000;
        var template = _registry.ImageManifest("web", "a");
        _registry.Cloud.Run(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                var manifest = template.Insert(template.Length - 1, $$$""","annotations":{"n":"{{{i}}}"}""");
                _registry.Cloud.Ecr.PutManifest(RegistryFixture.Region, "web", Encoding.UTF8.GetBytes(manifest), RegistryFixture.OciManifest, $"v{i}");
            }
        });

        var ids = Pages("ListImages", "imageIds", 1000);
        Assert.Equal(Count, ids.Count);
        Assert.Equal(Count, Pages("DescribeImages", "imageDetails", 1000).Count);
        foreach (var batch in ids.Chunk(100))
        {
            var result = _registry.Call("BatchDeleteImage", $$"""{"repositoryName":"web","imageIds":[{{string.Join(',', batch)}}]}""");
            Assert.Equal(batch.Length, result["imageIds"]!.AsArray().Count);
        }

        Assert.Empty(Pages("ListImages", "imageIds", 1000));
    }

    private List<string> Pages(string operation, string member, int size)
    {
        var all = new List<string>();
        string? token = null;
        do
        {
            var input = new JsonObject { ["repositoryName"] = "web", ["maxResults"] = size };
            if (token is not null)
            {
                input["nextToken"] = token;
            }

            var page = _registry.Call(operation, input.ToJsonString());
            Assert.InRange(page[member]!.AsArray().Count, token is null ? 0 : 1, size);
            all.AddRange(page[member]!.AsArray().Select(item => item!.ToJsonString()));
            token = page["nextToken"]?.GetValue<string>();
        }
        while (token is not null);

        return all;
    }
}
