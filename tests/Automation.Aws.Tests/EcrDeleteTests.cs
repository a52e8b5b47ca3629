using System.Globalization;
using System.Text.Json;
using Automation.Core;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Aws.Tests;

public sealed class EcrDeleteTests
{
    [Fact]
    public async Task Delete_TagsAsDecided_DeletesOnlyThoseTagsOfThatImageAndConfirms()
    {
        var wire = new Wire().Answer(Details(("a", """["1.0.0-1","old"]"""))).Answer("{}").Answer("{}");

        var failures = await DeleteAsync(wire, new DeletionTarget(Sample.Digest("a"), ["old", "1.0.0-1"]));

        Assert.Empty(failures);
        Assert.Equal(["DescribeImages", "BatchDeleteImage", "BatchGetImage"], wire.Operations);
        Assert.Equal(
            $$"""[{"imageDigest":"{{Sample.DigestText("a")}}","imageTag":"old"},{"imageDigest":"{{Sample.DigestText("a")}}","imageTag":"1.0.0-1"}]""",
            wire.Sent[1].Text("imageIds"));
    }

    [Theory]
    [InlineData("""["1.0.0-1","latest"]""", "1.0.0-1, latest")]
    [InlineData("[]", "")]
    [InlineData("""["other"]""", "other")]
    public async Task Delete_TagsChangedSinceDecision_KeepsImageAndSaysSo(string tags, string now)
    {
        var wire = new Wire().Answer(Details(("a", tags)));

        var failure = Assert.Single(await DeleteAsync(wire, new DeletionTarget(Sample.Digest("a"), ["1.0.0-1"])));

        Assert.Equal(Sample.Digest("a"), failure.Digest);
        Assert.Equal($"its tags changed since the decision, now: {now}", failure.StillThere);
        Assert.Equal(["DescribeImages"], wire.Operations);
    }

    [Fact]
    public async Task Delete_OneTargetChanged_DeletesTheOthers()
    {
        var wire = new Wire().Answer(Details(("a", "[]"), ("b", """["keep-me"]"""), ("c", "[]"))).Answer("{}");

        var failures = await DeleteAsync(wire, Untagged("a"), Untagged("b"), Untagged("c"));

        Assert.Equal([Sample.Digest("b")], failures.Select(failure => failure.Digest));
        Assert.Equal([Sample.DigestText("a"), Sample.DigestText("c")], Ids(wire.Sent[1]));
    }

    [Fact]
    public async Task Delete_ImageDoesNotExist_CountsAsDeleted()
    {
        var wire = new Wire().Refuse("ImageNotFoundException");

        Assert.Empty(await DeleteAsync(wire, Untagged("a")));
        Assert.Equal(["DescribeImages"], wire.Operations);
    }

    [Fact]
    public async Task Delete_OneOfManyDoesNotExist_FindsTheOthersByHalving()
    {
        var wire = new Wire()
            .Refuse("ImageNotFoundException")
            .Refuse("ImageNotFoundException")
            .Refuse("ImageNotFoundException")
            .Answer(Details(("b", "[]")))
            .Answer(Details(("c", "[]")))
            .Answer("{}");

        Assert.Empty(await DeleteAsync(wire, Untagged("a"), Untagged("b"), Untagged("c")));

        Assert.Equal([3, 2, 1, 1, 1], wire.Sent.Take(5).Select(sent => Ids(sent).Length));
        Assert.Equal([Sample.DigestText("b"), Sample.DigestText("c")], Ids(wire.Sent[5]));
    }

    [Fact]
    public async Task Delete_ServiceReportsFailures_ReturnsAllExceptImageNotFound()
    {
        var wire = new Wire().Answer(Details(("a", "[]"), ("b", "[]"))).Answer(
            $$"""
            {"imageIds":[],"failures":[
              {"imageId":{"imageDigest":"{{Sample.DigestText("a")}}"},"failureCode":"ImageInaccessible","failureReason":"archived"},
              {"imageId":{"imageDigest":"{{Sample.DigestText("b")}}"},"failureCode":"ImageNotFound","failureReason":"Requested image not found"}]}
            """);

        var failure = Assert.Single(await DeleteAsync(wire, Untagged("a"), Untagged("b")));

        Assert.Equal(Sample.Digest("a"), failure.Digest);
        Assert.Equal("ImageInaccessible: archived", failure.StillThere);
    }

    [Fact]
    public async Task Delete_MoreThanOneCallAllows_UsesBatchesOfAHundredInTheGivenOrder()
    {
        var names = Enumerable.Range(0, 201).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        var wire = new Wire();
        foreach (var batch in names.Chunk(100))
        {
            wire.Answer(Details([.. batch.Reverse().Select(name => (name, "[]"))])).Answer("{}");
        }

        Assert.Empty(await DeleteAsync(wire, [.. names.Select(Untagged)]));

        var deletes = wire.Sent.Where(sent => sent.Operation == "BatchDeleteImage").Select(Ids).ToList();
        Assert.Equal([100, 100, 1], deletes.Select(ids => ids.Length));
        Assert.Equal(names.Select(Sample.DigestText), deletes.SelectMany(ids => ids));
    }

    [Fact]
    public async Task Delete_LaterBatchIsThrottled_IsTransientAndFirstBatchStaysDeleted()
    {
        var names = Enumerable.Range(0, 101).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        var wire = new Wire().Answer(Details([.. names.Take(100).Select(name => (name, "[]"))])).Answer("{}").Refuse("ThrottlingException");

        await Assert.ThrowsAsync<TransientException>(() => DeleteAsync(wire, [.. names.Select(Untagged)]));

        Assert.Equal(["DescribeImages", "BatchDeleteImage", "DescribeImages"], wire.Operations);
    }

    [Fact]
    public async Task Delete_MoreTagsThanOneCallAllows_UsesSeveralCalls()
    {
        var tags = Enumerable.Range(0, 150).Select(i => $"t{i}").ToArray();
        var wire = new Wire().Answer(Details(("a", JsonSerializer.Serialize(tags)))).Answer("{}").Answer("{}").Answer("{}");

        Assert.Empty(await DeleteAsync(wire, new DeletionTarget(Sample.Digest("a"), tags)));

        Assert.Equal([100, 50], wire.Sent.Where(sent => sent.Operation == "BatchDeleteImage").Select(sent => Ids(sent).Length));
    }

    [Fact]
    public async Task Delete_LaterBatchFails_ReportsEarlierBatchesAsDeleted()
    {
        var names = Enumerable.Range(0, 101).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        var wire = new Wire().Answer(Details([.. names.Take(100).Select(name => (name, "[]"))])).Answer("{}").Refuse("ThrottlingException");
        var gone = 0;

        await Assert.ThrowsAsync<TransientException>(async () =>
        {
            await foreach (var _ in wire.Registry.DeleteAsync(Sample.Region, Sample.Repository, [[.. names.Select(Untagged)]], Sample.Cancel))
            {
                gone++;
            }
        });

        Assert.Equal(100, gone);
    }

    /// <summary>Owners first: until they are known to be gone, no call contains an image that depends on them.</summary>
    [Fact]
    public async Task Delete_Closure_DeletesRootFirstAndDependentImagesAfterwards()
    {
        var wire = new Wire()
            .Answer(Details(("root", """["1.0.0-1"]"""))).Answer("{}").Answer("{}")
            .Answer(Details(("signature", "[]"), ("child", "[]"))).Answer("{}");

        Assert.Empty(await DeleteAsync(wire, Tagged("root"), Owned("child", "root"), Owned("signature", "root")));

        Assert.Equal(["DescribeImages", "BatchDeleteImage", "BatchGetImage", "DescribeImages", "BatchDeleteImage"], wire.Operations);
        Assert.Equal([Sample.DigestText("root")], Ids(wire.Sent[1]));
        Assert.Equal([Sample.DigestText("child"), Sample.DigestText("signature")], Ids(wire.Sent[4]));
    }

    [Fact]
    public async Task Delete_RootStays_KeepsDependentImagesAndDeletesTheOthers()
    {
        var wire = new Wire()
            .Answer(Details(("root", """["1.0.0-1","keep-me"]"""), ("other", """["1.0.0-1"]"""))).Answer("{}").Answer("{}")
            .Answer(Details(("sbom", "[]"))).Answer("{}");

        var left = await DeleteAsync(wire, Tagged("root"), Tagged("other"), Owned("signature", "root"), Owned("seal", "signature"), Owned("sbom", "other"));

        Assert.Equal([Sample.Digest("root"), Sample.Digest("signature"), Sample.Digest("seal")], left.Select(deletion => deletion.Digest));
        Assert.Equal($"belongs to {Sample.Digest("root").Short12}, which still exists",
            left.Single(deletion => deletion.Digest == Sample.Digest("signature")).StillThere);
        Assert.Equal([Sample.DigestText("other")], Ids(wire.Sent[1]));
        Assert.Equal([Sample.DigestText("sbom")], Ids(wire.Sent[4]));
    }

    [Fact]
    public async Task Delete_OneGroupFails_ReportsDeletedImagesOfTheOthers()
    {
        var wire = new Wire().Answer(Details(("a", "[]"))).Answer("{}").Refuse("ThrottlingException").Answer(Details(("c", "[]"))).Answer("{}");
        var gone = new List<Digest>();

        await Assert.ThrowsAsync<TransientException>(async () =>
        {
            await foreach (var deletion in wire.Registry.DeleteAsync(
                Sample.Region, Sample.Repository, [[Untagged("a")], [Untagged("b")], [Untagged("c")]], Sample.Cancel))
            {
                gone.Add(deletion.Digest);
            }
        });

        Assert.Equal([Sample.Digest("a"), Sample.Digest("c")], gone);
    }

    [Fact]
    public async Task Delete_EmptyList_MakesNoCall()
    {
        var wire = new Wire();

        Assert.Empty(await DeleteAsync(wire));
        Assert.Empty(wire.Sent);
    }

    private static Task<IReadOnlyList<Deletion>> DeleteAsync(Wire wire, params DeletionTarget[] targets) => wire.Registry.LeftAsync(targets);

    private static DeletionTarget Tagged(string of) => new(Sample.Digest(of), ["1.0.0-1"]);

    private static DeletionTarget Owned(string of, string owner) => new(Sample.Digest(of), [], [Sample.Digest(owner)]);

    private static DeletionTarget Untagged(string of) => new(Sample.Digest(of), []);

    private static string[] Ids(Sent sent) =>
        [.. sent.Body.GetProperty("imageIds").EnumerateArray().Select(id => id.GetProperty("imageDigest").GetString()!)];

    private static string Details(params (string Of, string Tags)[] images) => "{\"imageDetails\":["
        + string.Join(',', images.Select(image => $$"""{"imageDigest":"{{Sample.DigestText(image.Of)}}","imageTags":{{image.Tags}}}""")) + "]}";
}
