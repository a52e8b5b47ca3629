using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Tests;

public sealed class EcrAttachmentTests : IDisposable
{
    private const string Type = "application/vnd.in-toto+json";

    private readonly AdapterFixture _fixture = new AdapterFixture().CreateRepository("IMMUTABLE");

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attach_IsAReferrerWithTheDescriptorOfItsSubject(bool toIndex)
    {
        var image = _fixture.Push("a", withMediaType: true);
        image = toIndex ? _fixture.PushIndex("v1", image) : image;

        Assert.True(await AttachAsync(image, "promotion", "{}"));

        var referrer = Assert.Single(await ReferrersAsync(image));
        Assert.Equal((Type, "promotion", "x"),
            (referrer.ArtifactType, referrer.Annotations[Attachment.KindAnnotation], referrer.Annotations["org.example"]));
        var manifest = JsonNode.Parse(await ManifestAsync(referrer.Digest))!;
        Assert.Equal((image.Value, Encoding.UTF8.GetByteCount(await ManifestAsync(image.Value))),
            (manifest["subject"]!["digest"]!.ToString(), (int)manifest["subject"]!["size"]!));
        Assert.EndsWith(toIndex ? "index.v1+json" : "manifest.v1+json", manifest["subject"]!["mediaType"]!.ToString(), StringComparison.Ordinal);
        var layer = manifest["layers"]![0]!;
        Assert.Equal(("application/vnd.oci.empty.v1+json", Type, "promotion.json"), (
            manifest["config"]!["mediaType"]!.ToString(), layer["mediaType"]!.ToString(),
            layer["annotations"]!["org.opencontainers.image.title"]!.ToString()));
    }

    /// <summary>Whatever the second one says: the first promotion counts.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("{\"other\":1}")]
    public async Task Attach_SameKindAgain_WritesNothing(string content)
    {
        var image = _fixture.Push("a");
        Assert.True(await AttachAsync(image, "promotion", "{}"));

        Assert.False(await AttachAsync(image, "promotion", content));
        Assert.Single(await ReferrersAsync(image));
    }

    /// <summary>Others also attach statements of in-toto.</summary>
    [Fact]
    public async Task Attach_AnotherKindOfTheSameType_DoesNotCount()
    {
        var image = _fixture.Push("a");
        await TestSignatures.AttachAsync(_fixture.Ecr, Sample.Repository, image.Value, Type, Type, "{\"by\":\"another tool\"}"u8.ToArray());

        Assert.True(await AttachAsync(image, "promotion", "{}"));
        Assert.Equal(2, (await ReferrersAsync(image)).Count);
    }

    private Task<bool> AttachAsync(Digest image, string kind, string content) => _fixture.Registry.AttachAsync(
        Sample.Region, Sample.Repository, image,
        new Attachment(Type, kind, Encoding.UTF8.GetBytes(content), new Dictionary<string, string> { ["org.example"] = "x" }), Sample.Cancel);

    private async Task<List<ImageReferrer>> ReferrersAsync(Digest image) => (await _fixture.Ecr.ListImageReferrersAsync(
        new ListImageReferrersRequest { RepositoryName = Sample.Repository, SubjectId = new SubjectIdentifier { ImageDigest = image.Value } })).Referrers;

    private async Task<string> ManifestAsync(string digest) => (await _fixture.Ecr.BatchGetImageAsync(
        new BatchGetImageRequest { RepositoryName = Sample.Repository, ImageIds = [new ImageIdentifier { ImageDigest = digest }] })).Images[0].ImageManifest;
}
