using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class LayerTests : IDisposable
{
    private const int MinPartSize = 5 * 1024 * 1024;
    private readonly RegistryFixture _registry = new();

    public LayerTests() => _registry.CreateRepository("web");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void Upload_InTwoParts_CreatesALayer()
    {
        var content = new byte[MinPartSize + 3];
        content[^1] = 7;
        var upload = Begin();
        Assert.Equal(MinPartSize - 1, Part(upload, 0, content.AsMemory(0, MinPartSize)));
        Assert.Equal(content.Length - 1, Part(upload, MinPartSize, content.AsMemory(MinPartSize)));
        var digest = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));

        _registry.Call("CompleteLayerUpload", Complete(upload, digest));

        var layer = Assert.Single(Check(digest)["layers"]!.AsArray())!;
        Assert.Equal("AVAILABLE", RegistryFixture.Text(layer["layerAvailability"]));
        Assert.Equal(content.Length, layer["layerSize"]!.GetValue<long>());
    }

    [Theory]
    [InlineData(1, 4)] // does not start where the upload ends
    [InlineData(0, 5)] // says more than it has
    [InlineData(0, 2)] // says less than it has
    public void UploadPart_WrongRange_IsRefusedWithTheLastValidByteAndChangesNothing(long first, long last)
    {
        var upload = Begin();

        var (status, error) = _registry.Send("UploadLayerPart", PartInput(upload, first, last, "abcd"u8.ToArray()));

        Assert.Equal(400, status);
        Assert.Equal("InvalidLayerPartException", RegistryFixture.Text(error["__type"]));
        Assert.Equal(-1, error["lastValidByteReceived"]!.GetValue<long>());
        Assert.Equal(3, Part(upload, 0, "abcd"u8.ToArray()));
    }

    [Fact]
    public void CompleteUpload_WrongDigest_IsRefusedAndTheUploadStaysOpen()
    {
        var upload = Begin();
        Part(upload, 0, "abcd"u8.ToArray());

        Assert.Equal("InvalidLayerException", _registry.Fail("CompleteLayerUpload", Complete(upload, RegistryFixture.DigestOf("other"))).Code);
        Assert.Equal("UNAVAILABLE", RegistryFixture.Text(Check(RegistryFixture.DigestOf("other"))["layers"]![0]!["layerAvailability"]));

        _registry.Call("CompleteLayerUpload", Complete(upload, RegistryFixture.DigestOf("abcd")));
    }

    [Fact]
    public void CompleteUpload_WithoutParts_IsEmpty() =>
        Assert.Equal("EmptyUploadException", _registry.Fail("CompleteLayerUpload", Complete(Begin(), RegistryFixture.DigestOf(""))).Code);

    [Fact]
    public void CompleteUpload_SmallPartBeforeTheLast_IsTooSmall()
    {
        var upload = Begin();
        Part(upload, 0, "ab"u8.ToArray());
        Part(upload, 2, "cd"u8.ToArray());

        Assert.Equal("LayerPartTooSmallException", _registry.Fail("CompleteLayerUpload", Complete(upload, RegistryFixture.DigestOf("abcd"))).Code);
    }

    [Fact]
    public void CompleteUpload_ExistingLayer_AlreadyExists()
    {
        _registry.Blob("web", "abcd");
        var upload = Begin();
        Part(upload, 0, "abcd"u8.ToArray());

        Assert.Equal("LayerAlreadyExistsException", _registry.Fail("CompleteLayerUpload", Complete(upload, RegistryFixture.DigestOf("abcd"))).Code);
    }

    [Fact]
    public void UploadPart_UnknownUpload_IsNotFound() => Assert.Equal(
        "UploadNotFoundException",
        _registry.Fail("UploadLayerPart", PartInput("00000000-0000-0000-0000-000000000000", 0, 3, "abcd"u8.ToArray())).Code);

    [Fact]
    public void UploadPart_OfAnotherRepositorysUpload_IsNotFound()
    {
        _registry.CreateRepository("other");
        var upload = Begin();
        var input = JsonNode.Parse(PartInput(upload, 0, 3, "abcd"u8.ToArray()))!;
        input["repositoryName"] = "other";

        Assert.Equal("UploadNotFoundException", _registry.Fail("UploadLayerPart", input.ToJsonString()).Code);
    }

    [Fact]
    public void UploadPart_BlobIsNotBase64_IsASerializationError() => Assert.Equal(
        "SerializationException",
        _registry.Fail(
            "UploadLayerPart", $$"""{"repositoryName":"web","uploadId":"{{Begin()}}","partFirstByte":0,"partLastByte":1,"layerPartBlob":"?"}""").Code);

    [Fact]
    public void CheckAvailability_InvalidDigest_IsAFailure() =>
        Assert.Equal("InvalidLayerDigest", RegistryFixture.Text(Check("../x")["failures"]![0]!["failureCode"]));

    [Fact]
    public void DownloadUrl_OfALayer_WorksWithoutPasswordOnTheSameHost()
    {
        var digest = _registry.Blob("web", "abcd");
        var url = new Uri(RegistryFixture.Text(
            _registry.Call("GetDownloadUrlForLayer", $$"""{"repositoryName":"web","layerDigest":"{{digest}}"}""")["downloadUrl"]));

        Assert.Equal(RegistryFixture.Host, url.Authority);
        var response = _registry.Registry("GET", url.PathAndQuery, authorized: false);
        Assert.Equal((200, "abcd"), (response.Status, Encoding.UTF8.GetString(response.Body.Span)));
        Assert.Equal(401, _registry.Registry("GET", url.PathAndQuery.Replace("/web/", "/other/", StringComparison.Ordinal), authorized: false).Status);
    }

    [Fact]
    public void DownloadUrl_UnknownLayer_IsNotFound() => Assert.Equal(
        "LayersNotFoundException",
        _registry.Fail("GetDownloadUrlForLayer", $$"""{"repositoryName":"web","layerDigest":"{{RegistryFixture.DigestOf("x")}}"}""").Code);

    private string Begin() => RegistryFixture.Text(_registry.Call("InitiateLayerUpload", """{"repositoryName":"web"}""")["uploadId"]);

    private long Part(string upload, long first, ReadOnlyMemory<byte> content) =>
        _registry.Call("UploadLayerPart", PartInput(upload, first, first + content.Length - 1, content))["lastByteReceived"]!.GetValue<long>();

    private static string PartInput(string upload, long first, long last, ReadOnlyMemory<byte> content) =>
        $$"""{"repositoryName":"web","uploadId":"{{upload}}","partFirstByte":{{first}},"partLastByte":{{last}},"layerPartBlob":"{{Convert.ToBase64String(content.Span)}}"}""";

    private static string Complete(string upload, string digest) =>
        $$"""{"repositoryName":"web","uploadId":"{{upload}}","layerDigests":["{{digest}}"]}""";

    private JsonObject Check(string digest) =>
        _registry.Call("BatchCheckLayerAvailability", $$"""{"repositoryName":"web","layerDigests":["{{digest}}"]}""");
}
