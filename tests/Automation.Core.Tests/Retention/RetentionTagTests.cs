using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using static Automation.Core.Tests.Retention.RetentionHistory;

namespace Automation.Core.Tests.Retention;

/// <summary>Tags that keep an image, or that identify its owner.</summary>
public sealed class RetentionTagTests
{
    [Theory]
    [InlineData("latest", "floating-tag")]
    [InlineData("1.0", "floating-tag")]
    [InlineData("0.9", "floating-tag")]
    [InlineData("keep-this", "protected-tag")]
    public void Build_UnderAFloatingOrProtectedTag_IsKept(string tag, string code) =>
        Assert.Equal(code, new RetentionHistory(5).Marked(1, 99).Change(1, image => image with { Tags = [.. image.Tags, tag] }).ReasonOf(1));

    [Theory]
    [InlineData("prod")]
    [InlineData("1.0.0-1-extra")]
    [InlineData("1.0.0")]
    [InlineData("v1.0.0.1")]
    [InlineData("Latest")]
    [InlineData("sha256-1.sig")]
    public void Build_UnderAForeignTag_IsKeptUnlessTheCatalogIgnoresForeignTags(string tag)
    {
        PruneItem Item(ForeignTags means) => new RetentionHistory(5, rules => rules with { ForeignTags = means })
            .Marked(1, 99).Change(1, image => image with { Tags = [.. image.Tags, tag] }).ItemOf(1);

        Assert.Equal(new Reason(ReasonCode.ForeignTag, $"carries the tag {tag}, which Automation did not write"), Item(ForeignTags.Keep).Reasons[0]);
        Assert.Equal(PruneAction.Delete, Item(ForeignTags.Ignore).Action);
    }

    [Theory]
    [InlineData("v1.0.0.1", false)]
    [InlineData("nightly", false)]
    [InlineData("old-1.0", false)]
    [InlineData("nightly-1", true)]
    [InlineData("old-1", true)]
    public void OwnTags_AreThoseOfPromotionFormerTemplatesAndDistribution(string tag, bool foreign)
    {
        var history = new RetentionHistory(
            5, rules => rules with { FormerTags = [TagTemplate.Parse("v{version}.{build}"), TagTemplate.Parse("old-{major}.{minor}")] })
            .Marked(1, 99).Change(1, image => image with { Tags = [.. image.Tags, tag] });

        var plan = history.Plan(facts => facts with
        {
            Image = facts.Image with { Pipeline = new PipelineSpec.Defined { ContainerTags = ["nightly"] } },
        });

        Assert.Equal(foreign ? PruneAction.Keep : PruneAction.Delete, plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Action);
    }

    /// <summary>A commit may have a name of twelve hex digits too.</summary>
    [Fact]
    public void DigestTag_IsOwnOnlyOnItsImage()
    {
        PruneAction Action(string tag) => new RetentionHistory(5).Marked(1, 99).Change(1, image => image with { Tags = [.. image.Tags, tag] })
            .Plan(facts => facts with { Image = facts.Image with { Promote = facts.Image.Promote with { VersionTags = [TagTemplate.Parse("{digest12}")] } } })
            .Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Action;

        Assert.Equal(PruneAction.Delete, Action(Sample.Digest(1).Short12));
        Assert.Equal(PruneAction.Keep, Action("0123456789ab"));
    }

    [Theory]
    [InlineData("sig")]
    [InlineData("amd64")]
    public void ChildOrSignature_UnderAForeignTag_IsKeptItself(string tagged)
    {
        var history = new RetentionHistory(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = IndexType, Children = [Sample.Digest("amd64")] });
        history.AddImages(("amd64", null), ("sig", Sample.Digest(1)));
        var at = history.Images.FindIndex(image => image.Digest == Sample.Digest(tagged));
        history.Images[at] = history.Images[at] with { Tags = ["prod"] };

        Assert.Equal((PruneAction.Keep, "foreign-tag"), (history.ImageItem(tagged).Action, history.ImageItem(tagged).Reasons[0].Code));
        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
    }

    [Fact]
    public void ReferrerTags_AreNotForeignTags()
    {
        var history = new RetentionHistory(5).Marked(1, 99);
        foreach (var suffix in new[] { "", ".sig", ".att", ".sbom" })
        {
            history.Images.Add(
                new StoredImage(Sample.Digest($"referrer{suffix}"), [$"sha256-{Sample.Digest(1).Value[7..]}{suffix}"], Now.AddDays(-60), MediaType: ImageType));
        }

        Assert.Equal(5, history.Plan().Counts.DeleteImages);
    }

    [Theory]
    [InlineData("", PruneAction.Delete, "placeholder")]
    [InlineData("latest", PruneAction.Keep, "floating-tag")]
    [InlineData("prod", PruneAction.Keep, "foreign-tag")]
    public void Placeholder_IsDeletedAtOnceWhenItsTagHasMovedAndDoesNotCountAgainstTheLimit(string tag, PruneAction action, string code)
    {
        var history = new RetentionHistory(1, rules => rules with { MaxDeletePercent = 1 });
        history.Images.Add(
            new StoredImage(Sample.Digest("placeholder"), [Placeholder.Tag, .. tag.Split(',', StringSplitOptions.RemoveEmptyEntries)], Now,
                MediaType: ImageType));

        Assert.Equal((action, code), (history.ImageItem("placeholder").Action, history.ImageItem("placeholder").Reasons[0].Code));
        Assert.False(history.Plan().DeletionLimit.Stopped);
    }

    [Fact]
    public void PlaceholderTag_OnABuild_DeletesNothing()
    {
        var history = new RetentionHistory(5).Change(5, image => image with { Tags = [Placeholder.Tag] });

        Assert.Equal(PruneAction.Keep, history.ActionOf(5));
    }

    public static TheoryData<string, string, BuildOwner, PruneAction, string> Strangers => new()
    {
        { "0.1.0-1", "0.1.0/1", new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/tools/0.1.0/1"), PruneAction.Keep, "others-build" },
        { "0.1.0-1", "0.1.0/1", new BuildOwner.Unknown("denied"), PruneAction.Keep, "build-unknown" },
        { "0.1.0-1", "0.1.0/1", new BuildOwner.None(), PruneAction.Delete, "unknown-image" },
        { "0.1.0-1", "0.1.0/2", new BuildOwner.Others("another build of that version"), PruneAction.Delete, "unknown-image" },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void ImageWithoutRecord_UnderTheTagOfABuild_FollowsItsOwner(string tag, string version, BuildOwner owner, PruneAction action, string code)
    {
        var history = new RetentionHistory(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), [tag], Now.AddDays(-400), MediaType: ImageType));
        history.Owners[Sample.Version(version)] = owner;

        Assert.Equal((action, code), (history.ImageItem("orphan").Action, history.ImageItem("orphan").Reasons[0].Code));
    }

    [Fact]
    public void OwnerOfABuild_WasNotRead_KeepsItsImage()
    {
        var history = new RetentionHistory(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["0.1.0-1"], Now.AddDays(-400), MediaType: ImageType));

        Assert.Equal("build-unknown",
            history.Plan(facts => facts with { Owners = BuildOwners.NotAsked }).Items.Single(item => item.Digest == Sample.Digest("orphan")).Reasons[0].Code);
    }

    /// <summary>One of our builds and another team's build produced the same bytes.</summary>
    [Fact]
    public void OwnBuild_UnderTheTagOfAForeignBuild_IsKept()
    {
        var history = new RetentionHistory(5).Marked(1, 99).Record(1, build => build with { Digest = Sample.Digest(1) })
            .Change(1, image => image with { Tags = [.. image.Tags, "2.0.0-7"] });
        history.Owners[Sample.Version("2.0.0/7")] = new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/tools/2.0.0/7");

        Assert.Equal("its tag 2.0.0-7 belongs to build tools/2.0.0/7, which is not from this pipeline", history.ItemOf(1).Reasons[0].Text);
    }

    /// <summary>Without a recorded digest only its tag identifies the image, and the tag may have moved to the other recipe's build.</summary>
    [Theory]
    [InlineData(BuildState.Available, "version-shared")]
    [InlineData(BuildState.Failed, "version-shared")]
    public void OwnBuildWithoutDigest_VersionExistsInAnotherRecipe_IsKept(BuildState state, string code)
    {
        var history = new RetentionHistory(5).Marked(1, 99).Record(1, build => build with { State = state });
        history.Owners[Sample.Version("1.0.0/1")] = new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/tools/1.0.0/1");

        Assert.Equal(code, history.ItemOf(1).Reasons[0].Code);
        Assert.Equal(PruneAction.Delete, history.Record(1, build => build with { Digest = Sample.Digest(1) }).ActionOf(1));
    }

    [Fact]
    public void Lookups_AreTheBuildsThatNoDigestExplains()
    {
        var history = new RetentionHistory(3).Record(1, build => build with { Digest = Sample.Digest(1) })
            .Record(2, build => build with { State = BuildState.InProgress });
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["0.1.0-9", "v0.1.0.9", "prod", "01.0.0-1"], Now, MediaType: ImageType));
        history.Change(1, image => image with { Tags = [.. image.Tags, "1.0.0-7"] });

        Assert.Equal(
            ["0.1.0: 9", "1.0.0: 7, 3"],
            BuildLookups.Of(history.Facts()).Select(lookup => $"{lookup.Key}: {string.Join(", ", lookup.Value)}"));
    }

    [Fact]
    public void Digests_AreThoseOfTheTagsThatAreWanted()
    {
        var history = new RetentionHistory(3);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["prod", "latest"], Now, MediaType: ImageType));

        Assert.Equal([KeyValuePair.Create("prod", Sample.Digest("orphan"))], history.Facts().DigestsOf(new HashSet<string> { "prod", "PROD", "gone" }));
        Assert.Empty(history.Facts().DigestsOf(new HashSet<string>()));
    }

    /// <summary>Its record was deleted, and the tag is ours.</summary>
    [Fact]
    public void ImageWithoutRecord_UnderAFloatingTag_IsKeptOnlyForThat()
    {
        var history = new RetentionHistory(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["latest"], Now.AddDays(-400), MediaType: ImageType));

        Assert.Equal("carries the floating tag latest",
            Assert.Single(history.Plan().Items.Single(item => item.Digest == Sample.Digest("orphan")).Reasons).Text);
    }

    [Theory]
    [InlineData(null, 9, PruneAction.Keep)]
    [InlineData(null, 10, PruneAction.Delete)]
    [InlineData("0.1.0-1", 10, PruneAction.Delete)]
    [InlineData("by-hand", 999, PruneAction.Keep)]
    public void ImageWithoutRecord_FollowsItsAgeUnlessAPersonNamedIt(string? tag, int days, PruneAction action)
    {
        var history = new RetentionHistory(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), tag is null ? [] : [tag], Now.AddDays(-days), MediaType: ImageType));

        Assert.Equal(action, history.Plan().Items.Single(item => item.Digest == Sample.Digest("orphan")).Action);
    }

    [Fact]
    public void RecordedDigest_TakesPrecedenceOverTheTag()
    {
        var history = new RetentionHistory(5).Marked(1, 99).Record(1, build => build with { Digest = Sample.Digest("elsewhere") });

        var plan = history.Plan();

        Assert.Null(plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Digest);
        Assert.Equal(
            "carries the tag 1.0.0-1 of a build that has another image, so somebody moved the tag",
            plan.Items.Single(item => item.Digest == Sample.Digest(1)).Reasons[0].Text);
    }
}
