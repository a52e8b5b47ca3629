using System.Text.Json;
using Automation.Core;

namespace Automation.Aws.Tests;

public sealed class EcrFindTests
{
    [Fact]
    public async Task Find_Tag_RequestsTheTagInThatRegion()
    {
        var wire = new Wire().Answer(Details("a", """["1.0.0-3","latest"]"""));

        var found = await wire.Registry.FindAsync("ap-south-1", Sample.Repository, "latest", Sample.Cancel);

        var sent = Assert.Single(wire.Sent);
        Assert.Equal("api.ecr.ap-south-1.amazonaws.com", sent.Host);
        Assert.Equal("""{"imageIds":[{"imageTag":"latest"}],"repositoryName":"images/app"}""", Sorted(sent.Body));
        Assert.Equal(Sample.Digest("a"), found!.Digest);
        Assert.Equal(["1.0.0-3", "latest"], found.Tags);
        Assert.Equal(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), found.PushedAt);
    }

    [Fact]
    public async Task Find_Digest_RequestsTheDigest()
    {
        var wire = new Wire().Answer(Details("a", "[]"));

        await wire.Registry.FindAsync(Sample.Region, Sample.Repository, Sample.DigestText("a"), Sample.Cancel);

        Assert.Equal($$"""[{"imageDigest":"{{Sample.DigestText("a")}}"}]""", wire.Sent[0].Text("imageIds"));
    }

    [Theory]
    [InlineData("ImageNotFoundException")]
    [InlineData("RepositoryNotFoundException")]
    public async Task Find_ImageDoesNotExist_IsNull(string code) =>
        Assert.Null(await new Wire().Refuse(code).Registry.FindAsync(Sample.Region, Sample.Repository, "latest", Sample.Cancel));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"imageDetails":[]}""")]
    public async Task Find_EmptyResponse_IsNull(string body) =>
        Assert.Null(await new Wire().Answer(body).Registry.FindAsync(Sample.Region, Sample.Repository, "latest", Sample.Cancel));

    [Fact]
    public async Task Find_UntaggedImage_HasNoTags()
    {
        var wire = new Wire().Answer($$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText("a")}}"}]}""");

        var found = await wire.Registry.FindAsync(Sample.Region, Sample.Repository, Sample.DigestText("a"), Sample.Cancel);

        Assert.Empty(found!.Tags);
        Assert.Equal(DateTimeOffset.UnixEpoch, found.PushedAt);
    }

    [Fact]
    public async Task ReadRepository_OneUnknownTag_ReadsTheOthers()
    {
        var wire = new Wire()
            .Answer(
                """{"repositories":[{"repositoryName":"images/app","imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest*"}]}]}""")
            .Refuse("ImageNotFoundException")
            .Answer(Details("a", """["latest"]"""));

        var facts = await wire.Registry.ReadRepositoryAsync(Sample.Region, Sample.Repository, ["1.0.0-3", "latest"], Sample.Cancel);

        Assert.True(facts.Exists);
        Assert.Equal(["DescribeRepositories", "DescribeImages", "DescribeImages"], wire.Operations);
        Assert.Equal("latest", Assert.Single(facts.Tags).Key);
        Assert.False(facts.Mutability.IsImmutable("latest"));
        Assert.True(facts.Mutability.IsImmutable("1.0.0-3"));
    }

    [Fact]
    public async Task ReadRepository_RepositoryDoesNotExist_SaysSoAndRequestsNoTag()
    {
        var wire = new Wire().Refuse("RepositoryNotFoundException");

        var facts = await wire.Registry.ReadRepositoryAsync(Sample.Region, Sample.Repository, ["latest"], Sample.Cancel);

        Assert.False(facts.Exists);
        Assert.Single(wire.Sent);
    }

    [Fact]
    public async Task ReadRepository_OneTagCannotBeRead_Fails()
    {
        var wire = new Wire().Answer("""{"repositories":[{"repositoryName":"images/app"}]}""").Refuse("AccessDeniedException");

        await Assert.ThrowsAsync<PermanentException>(() =>
            wire.Registry.ReadRepositoryAsync(Sample.Region, Sample.Repository, ["latest"], Sample.Cancel));
    }

    [Fact]
    public async Task ListImages_RepositoryDoesNotExist_IsNull() =>
        Assert.Null(await new Wire().Refuse("RepositoryNotFoundException").Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel));

    /// <summary>Without the artifacts that refer to an image.</summary>
    [Theory]
    [InlineData("\"imageTags\":[\"stable\",\"1\"]", true)]
    [InlineData("\"imageTags\":[]", true)]
    [InlineData("\"artifactMediaType\":\"application/vnd.oci.image.config.v1+json\"", true)]
    [InlineData("\"imageTags\":[\"edge\"]", true)]
    [InlineData("\"subjectManifestDigest\":\"sha256:1\"", false)]
    [InlineData("\"artifactMediaType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\"", false)]
    public async Task ListPushes_OmitsSignaturesAndAttestations(string members, bool counts)
    {
        var wire = new Wire().Answer($$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText("a")}}","imagePushedAt":1767600000,{{members}} }]}""");

        Assert.Equal(counts ? 1 : 0, (await wire.Registry.ListPushesAsync(Sample.Region, "golden/base", Sample.Cancel)).Count);
    }

    [Fact]
    public async Task ListImages_SeveralPages_FollowsTheTokenWithTheMaximumPageSize()
    {
        var wire = new Wire()
            .Answer($$"""{"imageDetails":[{{Detail("a")}}],"nextToken":"two"}""")
            .Answer($$"""{"imageDetails":[{{Detail("b")}}]}""");

        var images = await wire.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel);

        Assert.Equal([Sample.Digest("a"), Sample.Digest("b")], images!.Select(image => image.Digest));
        Assert.Equal(["1000", "1000"], wire.Sent.Select(sent => sent.Text("maxResults")));
        Assert.Equal([null, "two"], wire.Sent.Select(sent => sent.Text("nextToken")));
    }

    [Fact]
    public async Task ListImages_LaterPageFails_FailsInsteadOfReturningHalfAList()
    {
        var wire = new Wire().Answer($$"""{"imageDetails":[{{Detail("a")}}],"nextToken":"two"}""").Refuse("ThrottlingException");

        await Assert.ThrowsAsync<TransientException>(() => wire.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel));
    }

    [Fact]
    public async Task ListImages_IndexThatCannotBeRead_HasUnknownChildren()
    {
        var wire = new Wire()
            .Answer($$"""{"imageDetails":[{{Detail("a", "application/vnd.oci.image.index.v1+json")}},{{Detail("b")}}]}""")
            .Answer($$"""{"images":[],"failures":[{"imageId":{"imageDigest":"{{Sample.DigestText("a")}}"},"failureCode":"ImageInaccessible"}]}""");

        var images = await wire.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel);

        Assert.True(images![0].HasUnknownChildren);
        Assert.False(images[1].HasUnknownChildren);
    }

    [Fact]
    public async Task ListImages_Index_ListsItsChildren()
    {
        var index = $$"""{"schemaVersion":2,"manifests":[{"digest":"{{Sample.DigestText("b")}}"}]}""";
        var wire = new Wire()
            .Answer($$"""{"imageDetails":[{{Detail("a", "application/vnd.docker.distribution.manifest.list.v2+json")}}]}""")
            .Answer($$"""{"images":[{"imageId":{"imageDigest":"{{Sample.DigestText("a")}}"},"imageManifest":{{Sample.Json(index)}}}]}""");

        var images = await wire.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel);

        Assert.Equal([Sample.Digest("b")], images![0].Children);
        Assert.Equal(4, wire.Sent[1].Texts("acceptedMediaTypes").Length);
    }

    private static string Detail(string of, string mediaType = "application/vnd.oci.image.manifest.v1+json") =>
        $$"""{"imageDigest":"{{Sample.DigestText(of)}}","imageManifestMediaType":"{{mediaType}}","imagePushedAt":1767600000}""";

    private static string Details(string of, string tags) =>
        $$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText(of)}}","imageTags":{{tags}},"imagePushedAt":1767600000}]}""";

    private static string Sorted(JsonElement body) =>
        "{" + string.Join(
            ',', body.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}")) + "}";
}
