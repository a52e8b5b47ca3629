using Automation.Core.Images;
using Automation.Core.Retention;
using static Automation.Core.Tests.Retention.RetentionHistory;

namespace Automation.Core.Tests.Retention;

/// <summary>Indexes, their children and their signatures are kept or deleted together.</summary>
public sealed class RetentionClosureTests
{
    [Fact]
    public void Closure_IsDeletedFromItsRootWithTheImageBeforeSignaturesAndChildren()
    {
        var history = new RetentionHistory(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = IndexType, Children = [Sample.Digest("amd64"), Sample.Digest("arm64")] });
        history.AddImages(("amd64", null), ("arm64", null), ("sig", Sample.Digest(1)), ("sbom", Sample.Digest("sig")));

        var order = history.Plan().Items.TakeWhile(item => item.Action == PruneAction.Delete).Select(item => item.Digest).ToList();

        Assert.Equal(6, order.Count);
        Assert.Equal(Sample.Digest(1), order[0]);
        Assert.True(order.IndexOf(Sample.Digest("sig")) < order.IndexOf(Sample.Digest("sbom")));
        Assert.Equal([], Target(Sample.Digest(1)).Owners);
        Assert.All(new[] { "amd64", "arm64", "sig" }, of => Assert.Equal([Sample.Digest(1)], Target(Sample.Digest(of)).Owners));
        Assert.Equal([Sample.Digest("sig")], Target(Sample.Digest("sbom")).Owners);
        Assert.NotNull(history.Plan().Items[5].RecordArn);

        DeletionTarget Target(Digest digest) => history.Plan().Deletions.SelectMany(group => group).Single(target => target.Digest == digest);
    }

    // One closure with many cycles: the time must grow with their number, not with its square.
    [Fact]
    public void Cycles_OfIndexesThatListTheirOwnSubject_AreDeletedIndexFirst_HoweverManyThereAre()
    {
        const int Count = 20_000;
        var history = new RetentionHistory(5).Marked(1, 99);
        var old = Now.AddDays(-400);
        for (var i = 0; i < Count; i++)
        {
            var subject = Sample.Digest($"subject-{i}");
            history.Images.Add(
                new StoredImage(Sample.Digest($"index-{i}"), [], old, Subject: subject, MediaType: IndexType, Children: [subject, Sample.Digest("shared")]));
            history.Images.Add(new StoredImage(subject, [], old, MediaType: ImageType));
        }

        history.AddImages(("shared", null));

        var targets = history.Plan().Deletions.SelectMany(group => group).ToList();

        var places = targets.Select((target, place) => (target.Digest, place)).ToDictionary(pair => pair.Digest, pair => pair.place);
        Assert.True(Enumerable.Range(0, Count).All(i => places[Sample.Digest($"index-{i}")] < places[Sample.Digest($"subject-{i}")]));
        Assert.True(Enumerable.Range(0, Count).All(i => places[Sample.Digest($"index-{i}")] < places[Sample.Digest("shared")]));
    }

    [Fact]
    public void Child_OfAnotherKeptIndex_IsKept()
    {
        var history = new RetentionHistory(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = IndexType, Children = [Sample.Digest("shared"), Sample.Digest("own")] });
        history.Change(5, image => image with { MediaType = IndexType, Children = [Sample.Digest("shared")] });
        history.AddImages(("shared", null), ("own", null));

        Assert.Equal("needed", history.Plan().Items.Single(item => item.Digest == Sample.Digest("shared")).Reasons[0].Code);
        Assert.Equal(PruneAction.Delete, history.Plan().Items.Single(item => item.Digest == Sample.Digest("own")).Action);
    }

    [Theory]
    [InlineData("amd64")]
    [InlineData("signature")]
    public void ChildOrSignature_InUse_KeepsItsIndexAndEverythingThatBelongsToIt(string used)
    {
        var history = new RetentionHistory(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = IndexType, Children = [Sample.Digest("amd64"), Sample.Digest("arm64")] });
        history.AddImages(("amd64", null), ("arm64", null), ("signature", Sample.Digest(1)));
        history.Usages.Add(new Usage(Sample.Digest(used), ReasonCode.Pulled, "was pulled"));

        Assert.DoesNotContain(history.Plan().Items, item => item.Action == PruneAction.Delete);
        Assert.Equal($"goes with {Sample.Digest(used).Short12}, which was pulled", history.ItemOf(1).Reasons[0].Text);
    }

    [Fact]
    public void Index_CouldNotBeRead_IsKeptWithEverythingThatMayBeItsChild()
    {
        var history = new RetentionHistory(5).Marked(1, 99).Marked(2, 99);
        history.Change(1, image => image with { MediaType = IndexType, Children = null });
        history.AddImages(("untagged", null));

        Assert.Equal("children-unknown", history.ReasonOf(1));
        Assert.Equal(PruneAction.Delete, history.ActionOf(2));
        Assert.Equal("perhaps-a-child", history.Plan().Items.Single(item => item.Digest == Sample.Digest("untagged")).Reasons[0].Code);
    }

    /// <summary><c>cosign copy</c> gives the copy such a tag, which does not make it a signature of itself.</summary>
    [Fact]
    public void Image_WithATagOfItsOwnDigest_IsDeletedLikeOthers()
    {
        var history = new RetentionHistory(5).Marked(1, 99);
        history.Change(1, image => image with { Tags = [.. image.Tags, "sha256-" + image.Digest.Value[7..]] });

        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
    }

    [Fact]
    public void Signature_NamedByItsTag_StaysWithItsSubject()
    {
        var history = new RetentionHistory(2);
        var tag = "sha256-" + Sample.Digest(2).Value[7..] + ".sig";
        history.Images.Add(new StoredImage(Sample.Digest("sig"), [tag], Now.AddDays(-400), MediaType: ImageType));
        history.Images.Add(
            new StoredImage(Sample.Digest("dangling"), ["sha256-" + Sample.Digest("gone").Value[7..] + ".sig"], Now.AddDays(-400), MediaType: ImageType));

        Assert.Equal("needed", history.Plan().Items.Single(item => item.Digest == Sample.Digest("sig")).Reasons[0].Code);
        Assert.Equal("unknown-image", history.Plan().Items.Single(item => item.Digest == Sample.Digest("dangling")).Reasons[0].Code);
    }
}
