using Automation.Core;

namespace Automation.Aws.Tests;

/// <summary>The three calls of a promotion: read by digest, write, read the tag.</summary>
public sealed class EcrPutTagTests
{
    // A serializer would not write it like this: spaces, an escape, a line end, no mediaType.
    private const string Manifest = "{\n  \"schemaVersion\" : 2,\t\"annotations\":{\"a\\u00e9/b\":\"<é&+>\"}, \"layers\":[ ]\n}\n";
    private const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    [Fact]
    public async Task PutTag_Manifest_IsWrittenByteForByteWithMediaTypeAndDigest()
    {
        var wire = new Wire().Answer(Image(Manifest)).Answer("{}").Answer(TagOn(Manifest));

        await wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel);

        Assert.Equal(["BatchGetImage", "PutImage", "DescribeImages"], wire.Operations);
        var put = wire.Sent[1];
        Assert.Equal(Manifest, put.Text("imageManifest"));
        Assert.Equal(MediaType, put.Text("imageManifestMediaType"));
        Assert.Equal(Sample.DigestText(Manifest), put.Text("imageDigest"));
        Assert.Equal("1.0.0", put.Text("imageTag"));
        Assert.Equal("images/app", put.Text("repositoryName"));
    }

    [Fact]
    public async Task PutTag_Manifest_IsReadByDigestWithEveryMediaType()
    {
        var wire = new Wire().Answer(Image(Manifest)).Answer("{}").Answer(TagOn(Manifest));

        await wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel);

        Assert.Equal($$"""[{"imageDigest":"{{Sample.DigestText(Manifest)}}"}]""", wire.Sent[0].Text("imageIds"));
        Assert.Equal(
            [
                "application/vnd.docker.distribution.manifest.list.v2+json",
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.oci.image.index.v1+json",
                "application/vnd.oci.image.manifest.v1+json",
            ],
            wire.Sent[0].Texts("acceptedMediaTypes").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task PutTag_ManifestHasAnotherDigest_IsRefusedBeforeTheWrite()
    {
        var wire = new Wire().Answer(Image(Manifest + " "));

        var fault = await Assert.ThrowsAsync<PermanentException>(() =>
            wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel));

        Assert.Equal(["BatchGetImage"], wire.Operations);
        Assert.Contains(Sample.DigestText(Manifest + " "), fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"images":[],"failures":[{"imageId":{},"failureCode":"ImageNotFound","failureReason":"Requested image not found"}]}""",
        "ImageNotFound: Requested image not found")]
    [InlineData("""{"failures":[]}""", "no reason given")]
    [InlineData("{}", "no reason given")]
    public async Task PutTag_ImageDoesNotExist_IsPermanentWithTheReason(string answer, string reason)
    {
        var wire = new Wire().Answer(answer);

        var fault = await Assert.ThrowsAsync<PermanentException>(() =>
            wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel));

        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.Equal(["BatchGetImage"], wire.Operations);
    }

    [Theory]
    [InlineData("ImageAlreadyExistsException")]
    [InlineData("ImageTagAlreadyExistsException")]
    public async Task PutTag_TagIsOnTheSameDigest_Succeeds(string code)
    {
        var wire = new Wire().Answer(Image(Manifest)).Refuse(code).Answer(TagOn(Manifest));

        await wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel);

        Assert.Equal(["BatchGetImage", "PutImage", "DescribeImages"], wire.Operations);
    }

    [Theory]
    [InlineData("ImageAlreadyExistsException")]
    [InlineData("ImageTagAlreadyExistsException")]
    public async Task PutTag_TagIsOnAnotherDigest_IsConflictThatNamesBoth(string code)
    {
        var wire = new Wire().Answer(Image(Manifest)).Refuse(code).Answer(TagOn("other"));

        var fault = await Assert.ThrowsAsync<TagConflictException>(() =>
            wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel));

        Assert.Contains(Sample.DigestText("other"), fault.Message, StringComparison.Ordinal);
        Assert.Contains(Sample.DigestText(Manifest), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutTag_TagMovesRightAfterwards_IsTransientAndNotAConflict()
    {
        var wire = new Wire().Answer(Image(Manifest)).Answer("{}").Answer(TagOn("other"));

        var fault = await Assert.ThrowsAsync<TransientException>(() =>
            wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "latest", Sample.Cancel));

        Assert.Contains(Sample.DigestText("other"), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutTag_TagIsMissingAfterwards_IsTransient()
    {
        var wire = new Wire().Answer(Image(Manifest)).Answer("{}").Refuse("ImageNotFoundException");

        var fault = await Assert.ThrowsAsync<TransientException>(() =>
            wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "latest", Sample.Cancel));

        Assert.Contains("is on nothing", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ThrottlingException", typeof(TransientException))]
    [InlineData("LimitExceededException", typeof(TransientException))]
    [InlineData("AccessDeniedException", typeof(PermanentException))]
    [InlineData("ImageDigestDoesNotMatchException", typeof(PermanentException))]
    [InlineData("LayersNotFoundException", typeof(PermanentException))]
    [InlineData("ReferencedImagesNotFoundException", typeof(PermanentException))]
    [InlineData("RepositoryNotFoundException", typeof(PermanentException))]
    public async Task PutTag_PutImageIsRefused_IsNotSuccess(string code, Type expected)
    {
        var wire = new Wire().Answer(Image(Manifest)).Refuse(code);

        var fault = await Assert.ThrowsAnyAsync<AutomationException>(() =>
            wire.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest(Manifest), "1.0.0", Sample.Cancel));

        Assert.Equal(expected, fault.GetType());
        Assert.Equal(["BatchGetImage", "PutImage"], wire.Operations);
    }

    private static string Image(string manifest) =>
        $$"""{"images":[{"imageId":{"imageDigest":"{{Sample.DigestText(Manifest)}}"},"imageManifest":{{Sample.Json(manifest)}},"imageManifestMediaType":"{{MediaType}}"}]}""";

    private static string TagOn(string of) => $$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText(of)}}","imagePushedAt":1767600000}]}""";
}
