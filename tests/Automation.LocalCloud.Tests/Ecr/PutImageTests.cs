using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class PutImageTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public PutImageTests() => _registry.CreateRepository("web");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void PutImage_NewManifest_IsStoredByteForByteUnderItsDigest()
    {
        var manifest = "\n" + _registry.ImageManifest("web", "é<&>\"layer") + "\n ";
        var image = _registry.Call("PutImage", _registry.PutImage("web", manifest, "v1"))["image"]!;

        Assert.Equal(RegistryFixture.DigestOf(manifest), RegistryFixture.Text(image["imageId"]!["imageDigest"]));
        var read = _registry.Call("BatchGetImage", """{"repositoryName":"web","imageIds":[{"imageTag":"v1"}]}""");
        Assert.Equal(manifest, RegistryFixture.Text(read["images"]![0]!["imageManifest"]));
        Assert.Equal(RegistryFixture.OciManifest, RegistryFixture.Text(read["images"]![0]!["imageManifestMediaType"]));
    }

    [Fact]
    public void PutImage_SameTagAndDigest_IsRefusedAsAlreadyExisting()
    {
        var (digest, manifest) = _registry.Push("web", "v1", "a");

        var (code, message) = _registry.Fail("PutImage", _registry.PutImage("web", manifest, "v1"));

        Assert.Equal("ImageAlreadyExistsException", code);
        Assert.Contains($"Image with digest '{digest}' and tag 'v1' already exists", message, StringComparison.Ordinal);
    }

    [Fact]
    public void PutImage_ExistingDigestWithoutTag_IsRefusedAsAlreadyExisting()
    {
        var (_, manifest) = _registry.Push("web", "v1", "a");

        Assert.Equal("ImageAlreadyExistsException", _registry.Fail("PutImage", _registry.PutImage("web", manifest)).Code);
    }

    [Theory]
    [InlineData("a", "sameDigest")]
    [InlineData("b", "otherDigest")]
    public void PutImage_ExistingTagOnImmutableRepository_IsRefusedForAnyDigest(string content, string _)
    {
        _registry.CreateRepository("fixed", """ "imageTagMutability":"IMMUTABLE" """);
        _registry.Push("fixed", "v1", "a");

        var (code, message) = _registry.Fail("PutImage", _registry.PutImage("fixed", _registry.ImageManifest("fixed", content), "v1"));

        Assert.Equal("ImageTagAlreadyExistsException", code);
        Assert.Equal(
            "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the repository is immutable.", message);
    }

    [Theory]
    [InlineData("IMMUTABLE_WITH_EXCLUSION", "latest", true)]
    [InlineData("IMMUTABLE_WITH_EXCLUSION", "v1", false)]
    [InlineData("MUTABLE_WITH_EXCLUSION", "latest", false)]
    [InlineData("MUTABLE_WITH_EXCLUSION", "v1", true)]
    public void PutImage_OnRepositoryWithExclusions_MovesOnlyTagsThatTheFilterMatches(string mutability, string tag, bool moves)
    {
        _registry.CreateRepository(
            "mixed", $$""" "imageTagMutability":"{{mutability}}","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"lat*"}] """);
        _registry.Push("mixed", tag, "a");

        var (status, _) = _registry.Send("PutImage", _registry.PutImage("mixed", _registry.ImageManifest("mixed", "b"), tag));

        Assert.Equal(moves ? 200 : 400, status);
    }

    [Fact]
    public void PutImage_TagOfAnotherDigestOnMutableRepository_MovesTheTag()
    {
        var (first, _) = _registry.Push("web", "latest", "a");

        var (second, _) = _registry.Push("web", "latest", "b");

        var ids = _registry.Call("ListImages", """{"repositoryName":"web"}""")["imageIds"]!.AsArray();
        Assert.Equal([(first, null), (second, "latest")], ids.Select(Id));
        Assert.Contains(_registry.Journal, entry => entry.Kind == "tag-moved" && entry.Data["previous"] == first && entry.Data["digest"] == second);
    }

    [Fact]
    public void PutImage_WrongDigestGiven_IsRefused() => Assert.Equal(
        "ImageDigestDoesNotMatchException",
        _registry.Fail("PutImage", _registry.PutImage("web", _registry.ImageManifest("web", "a"), "v1", digest: RegistryFixture.DigestOf("x"))).Code);

    [Fact]
    public void PutImage_MissingLayers_NamesThemAndStoresNothing()
    {
        _registry.CreateRepository("other");
        var manifest = _registry.ImageManifest("other", "a");

        var (code, message) = _registry.Fail("PutImage", _registry.PutImage("web", manifest, "v1"));

        Assert.Equal("LayersNotFoundException", code);
        Assert.Contains(RegistryFixture.DigestOf("a"), message, StringComparison.Ordinal);
        Assert.Empty(_registry.Call("ListImages", """{"repositoryName":"web"}""")["imageIds"]!.AsArray());
    }

    [Fact]
    public void PutImage_IndexOfUnknownImage_IsRefused()
    {
        var child = RegistryFixture.DigestOf("nobody");
        var index = $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{RegistryFixture.OciManifest}}","digest":"{{child}}","size":1}]}""";

        var (code, message) = _registry.Fail("PutImage", _registry.PutImage("web", index, "v1", RegistryFixture.OciIndex));

        Assert.Equal("ReferencedImagesNotFoundException", code);
        Assert.Contains($"Images with digests '[{child}]' required for pushing image", message, StringComparison.Ordinal);
    }

    [Fact]
    public void PutImage_OciManifestWithoutMediaType_IsInvalidJsonSyntaxUnlessTheTypeIsGiven()
    {
        var manifest = _registry.ImageManifest("web", "a").Replace($"\"mediaType\":\"{RegistryFixture.OciManifest}\",", "", StringComparison.Ordinal);

        var (code, message) = _registry.Fail("PutImage", _registry.PutImage("web", manifest, "v1"));
        Assert.Equal("InvalidParameterException", code);
        Assert.Equal("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'", message);

        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v1", RegistryFixture.OciManifest));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":1,"mediaType":"application/vnd.docker.distribution.manifest.v1+json"}""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:../x"},"layers":[]}""")]
    [InlineData("""{"schemaVersion":"2","mediaType":"application/vnd.oci.image.index.v1+json","manifests":7}""")]
    public void PutImage_BadManifest_IsInvalidParameter(string manifest) =>
        Assert.Equal("InvalidParameterException", _registry.Fail("PutImage", _registry.PutImage("web", manifest, "v1")).Code);

    [Fact]
    public void PutImage_MediaTypeDiffersFromTheManifest_IsRefused() => Assert.Equal(
        "InvalidParameterException",
        _registry.Fail("PutImage", _registry.PutImage("web", _registry.ImageManifest("web", "a"), "v1", RegistryFixture.DockerManifest)).Code);

    [Theory]
    [InlineData("-v1")]
    [InlineData("a b")]
    [InlineData("../x")]
    public void PutImage_BadTag_IsRefused(string tag) =>
        Assert.Equal("InvalidParameterException", _registry.Fail("PutImage", _registry.PutImage("web", _registry.ImageManifest("web", "a"), tag)).Code);

    [Fact]
    public async Task PutImage_EachTag_GivesOnePushEventInTheServicesFormat()
    {
        var (digest, manifest) = _registry.Push("web", null, "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "v1"));
        await _registry.Settle();

        Assert.Equal(["", "v1"], _registry.Events.Select(pushed => RegistryFixture.Text(pushed.Detail["image-tag"])));
        var last = _registry.Events[^1];
        Assert.Equal(("aws.ecr", "ECR Image Action", RegistryFixture.Region), (last.Source, last.DetailType, last.Region));
        Assert.Empty(last.Resources);
        Assert.True(JsonNode.DeepEquals(last.Detail, JsonNode.Parse($$"""
            {"result":"SUCCESS","repository-name":"web","image-digest":"{{digest}}","action-type":"PUSH","image-tag":"v1",
             "manifest-media-type":"{{RegistryFixture.OciManifest}}","artifact-media-type":"application/vnd.oci.image.config.v1+json"}
            """)));
        Assert.Equal(2, _registry.Journal.Count(entry => entry.Kind == "image-pushed"));
    }

    [Fact]
    public void PutImage_OtherRegion_UsesAnotherRegistry()
    {
        _registry.Push("web", "v1", "a");

        Assert.Equal("RepositoryNotFoundException", _registry.Fail("ListImages", """{"repositoryName":"web"}""", "us-east-1").Code);
    }

    private static (string Digest, string? Tag) Id(JsonNode? id) => (RegistryFixture.Text(id!["imageDigest"]), id["imageTag"]?.GetValue<string>());
}
