using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Tests.Retention;

public sealed class RetentionPlannerTests
{
    private const string Plain = "application/vnd.oci.image.manifest.v1+json";
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private static readonly DateTimeOffset Now = Sample.Noon;

    [Fact]
    public void Build_BeyondKeepLast_IsMarkedAndDeletedAfterTheGracePeriod()
    {
        var history = new History(5);

        Assert.Equal([PruneAction.Supersede, PruneAction.Supersede, PruneAction.Supersede, PruneAction.Keep, PruneAction.Keep], history.Actions());
        Assert.Equal("grace", history.Marked(1, days: 2).ReasonOf(1));
        Assert.Equal(PruneAction.Delete, history.Marked(1, days: 3).ActionOf(1));
    }

    [Fact]
    public void Build_Deleted_ImageGoesFirstAndRecordLast()
    {
        var plan = new History(5).Marked(1, 9).Marked(2, 9).Plan();
        var deletes = plan.Items.TakeWhile(item => item.Action == PruneAction.Delete).ToList();

        Assert.Equal([false, false, true, true], deletes.Select(item => item.RecordArn is not null));
        Assert.Equal([Sample.Digest(1), Sample.Digest(2)], deletes[2..].Select(item => item.Digest));
        Assert.Equal((5, 3, 1, 2, 2), (plan.Counts.Images, plan.Counts.Keep, plan.Counts.Supersede, plan.Counts.DeleteImages, plan.Counts.DeleteRecords));
        Assert.Equal(new Dictionary<string, int> { ["keep-last"] = 1, ["newest-build"] = 1 }, plan.Counts.KeptBy);
    }

    /// <summary>The tags are not there yet: a Region is behind, or the record of the following promoted build was deleted.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("1.0.0/1")]
    public void Build_OwnsTheFloatingTags_IsKeptWithoutThem(string? target)
    {
        var history = new History(5).Marked(1, 99).Marked(2, 99)
            .Record(1, build => build with { Digest = Sample.Digest(1), Release = new ReleaseMark(ReleaseState.Promoted, 1, Now) });
        history.Record(2, build => build with { Digest = Sample.Digest(2), Release = target is null ? null : new ReleaseMark(ReleaseState.Promoted, 1, Now) });

        var plan = history.Plan(facts => facts with
        {
            Hold = target is null ? null : new Hold("back", HoldScope.Promotion, Now, new RollbackRecord(Sample.Version(target), "rollback", Now)),
        });

        Assert.Equal("owns-floating-tag", plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
        Assert.Equal(PruneAction.Delete, plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/2")).Action);
    }

    /// <summary>A person requests the release while the prune reads the repository.</summary>
    [Fact]
    public void Build_ReleaseBeganSinceTheRepositoryWasRead_IsKept()
    {
        var history = new History(5).Marked(1, 99);
        var now = history.Builds.ConvertAll(build => build.Version == Sample.Version("1.0.0/1") ? build with { Release = new ReleaseMark(ReleaseState.Running, 2, Now) } : build);

        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
        Assert.Equal("in-progress", history.Plan(facts => facts with { BuildsNow = now }).Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
    }

    /// <summary>A person deletes the record of the promoted build while the prune reads the repository.</summary>
    [Fact]
    public void Build_BecameOwnerSinceTheRepositoryWasRead_IsKept()
    {
        var history = new History(5).Marked(1, 99)
            .Record(1, build => build with { Digest = Sample.Digest(1), Release = new ReleaseMark(ReleaseState.Promoted, 1, Now) })
            .Record(3, build => build with { Digest = Sample.Digest(3), Release = new ReleaseMark(ReleaseState.Promoted, 1, Now) });
        var now = history.Builds.FindAll(build => build.Version != Sample.Version("1.0.0/3"));

        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
        Assert.Equal("owns-floating-tag", history.Plan(facts => facts with { BuildsNow = now }).Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
    }

    [Theory]
    [InlineData("latest", "floating-tag")]
    [InlineData("1.0", "floating-tag")]
    [InlineData("0.9", "floating-tag")]
    [InlineData("keep-this", "protected-tag")]
    public void Build_UnderAFloatingOrProtectedTag_IsKept(string tag, string code) =>
        Assert.Equal(code, new History(5).Marked(1, 99).Change(1, image => image with { Tags = [.. image.Tags, tag] }).ReasonOf(1));

    [Theory]
    [InlineData("prod")]
    [InlineData("1.0.0-1-extra")]
    [InlineData("1.0.0")]
    [InlineData("v1.0.0.1")]
    [InlineData("Latest")]
    [InlineData("sha256-1.sig")]
    public void Build_UnderAForeignTag_IsKeptUnlessTheCatalogIgnoresForeignTags(string tag)
    {
        PruneItem Item(ForeignTags means) => new History(5, rules => rules with { ForeignTags = means })
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
        var history = new History(5, rules => rules with { FormerTags = [TagTemplate.Parse("v{version}.{build}"), TagTemplate.Parse("old-{major}.{minor}")] })
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
        PruneAction Action(string tag) => new History(5).Marked(1, 99).Change(1, image => image with { Tags = [.. image.Tags, tag] })
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
        var history = new History(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = Index, Children = [Sample.Digest("amd64")] });
        history.AddImages(("amd64", null), ("sig", Sample.Digest(1)));
        var at = history.Images.FindIndex(image => image.Digest == Sample.Digest(tagged));
        history.Images[at] = history.Images[at] with { Tags = ["prod"] };

        Assert.Equal((PruneAction.Keep, "foreign-tag"), (history.ImageItem(tagged).Action, history.ImageItem(tagged).Reasons[0].Code));
        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
    }

    [Fact]
    public void ReferrerTags_AreNotForeignTags()
    {
        var history = new History(5).Marked(1, 99);
        foreach (var suffix in new[] { "", ".sig", ".att", ".sbom" })
        {
            history.Images.Add(new StoredImage(Sample.Digest($"referrer{suffix}"), [$"sha256-{Sample.Digest(1).Value[7..]}{suffix}"], Now.AddDays(-60), MediaType: Plain));
        }

        Assert.Equal(5, history.Plan().Counts.DeleteImages);
    }

    [Theory]
    [InlineData("", PruneAction.Delete, "placeholder")]
    [InlineData("latest", PruneAction.Keep, "floating-tag")]
    [InlineData("prod", PruneAction.Keep, "foreign-tag")]
    public void Placeholder_IsDeletedAtOnceWhenItsTagHasMovedAndDoesNotCountAgainstTheLimit(string tag, PruneAction action, string code)
    {
        var history = new History(1, rules => rules with { MaxDeletePercent = 1 });
        history.Images.Add(new StoredImage(Sample.Digest("placeholder"), [Placeholder.Tag, .. tag.Split(',', StringSplitOptions.RemoveEmptyEntries)], Now, MediaType: Plain));

        Assert.Equal((action, code), (history.ImageItem("placeholder").Action, history.ImageItem("placeholder").Reasons[0].Code));
        Assert.False(history.Plan().DeletionLimit.Stopped);
    }

    [Fact]
    public void PlaceholderTag_OnABuild_DeletesNothing()
    {
        var history = new History(5).Change(5, image => image with { Tags = [Placeholder.Tag] });

        Assert.Equal(PruneAction.Keep, history.ActionOf(5));
    }

    public static TheoryData<string, string, BuildOwner, PruneAction, string> Strangers => new()
    {
        { "0.1.0-1", "0.1.0/1", new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/tools/0.1.0/1"), PruneAction.Keep, "others-build" },
        { "0.1.0-1", "0.1.0/1", new BuildOwner.Unknown("denied"), PruneAction.Keep, "build-unknown" },
        { "0.1.0-1", "0.1.0/1", new BuildOwner.Nobody(), PruneAction.Delete, "unknown-image" },
        { "0.1.0-1", "0.1.0/2", new BuildOwner.Others("another build of that version"), PruneAction.Delete, "unknown-image" },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void ImageWithoutRecord_UnderTheTagOfABuild_FollowsItsOwner(string tag, string version, BuildOwner owner, PruneAction action, string code)
    {
        var history = new History(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), [tag], Now.AddDays(-400), MediaType: Plain));
        history.Owners[Sample.Version(version)] = owner;

        Assert.Equal((action, code), (history.ImageItem("orphan").Action, history.ImageItem("orphan").Reasons[0].Code));
    }

    [Fact]
    public void OwnerOfABuild_WasNotRead_KeepsItsImage()
    {
        var history = new History(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["0.1.0-1"], Now.AddDays(-400), MediaType: Plain));

        Assert.Equal("build-unknown", history.Plan(facts => facts with { Owners = BuildOwners.NotAsked }).Items.Single(item => item.Digest == Sample.Digest("orphan")).Reasons[0].Code);
    }

    /// <summary>One of our builds and another team's build produced the same bytes.</summary>
    [Fact]
    public void OwnBuild_UnderTheTagOfAForeignBuild_IsKept()
    {
        var history = new History(5).Marked(1, 99).Record(1, build => build with { Digest = Sample.Digest(1) }).Change(1, image => image with { Tags = [.. image.Tags, "2.0.0-7"] });
        history.Owners[Sample.Version("2.0.0/7")] = new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/tools/2.0.0/7");

        Assert.Equal("its tag 2.0.0-7 belongs to build tools/2.0.0/7, which is not from this pipeline", history.ItemOf(1).Reasons[0].Text);
    }

    /// <summary>Without a recorded digest only its tag identifies the image, and the tag may have moved to the other recipe's build.</summary>
    [Theory]
    [InlineData(BuildState.Available, "version-shared")]
    [InlineData(BuildState.Failed, "version-shared")]
    public void OwnBuildWithoutDigest_VersionExistsInAnotherRecipe_IsKept(BuildState state, string code)
    {
        var history = new History(5).Marked(1, 99).Record(1, build => build with { State = state });
        history.Owners[Sample.Version("1.0.0/1")] = new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/tools/1.0.0/1");

        Assert.Equal(code, history.ItemOf(1).Reasons[0].Code);
        Assert.Equal(PruneAction.Delete, history.Record(1, build => build with { Digest = Sample.Digest(1) }).ActionOf(1));
    }

    [Fact]
    public void Lookups_AreTheBuildsThatNoDigestExplains()
    {
        var history = new History(3).Record(1, build => build with { Digest = Sample.Digest(1) }).Record(2, build => build with { State = BuildState.InProgress });
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["0.1.0-9", "v0.1.0.9", "prod", "01.0.0-1"], Now, MediaType: Plain));
        history.Change(1, image => image with { Tags = [.. image.Tags, "1.0.0-7"] });

        Assert.Equal(
            ["0.1.0: 0.1.0/9", "1.0.0: 1.0.0/7, 1.0.0/3"],
            BuildLookups.Of(history.Facts()).Select(lookup => $"{lookup.Key}: {string.Join(", ", lookup.Value)}"));
    }

    [Fact]
    public void Build_InUse_IsKeptNamesTheUserAndLosesItsMark()
    {
        var history = new History(5).Marked(1, 99).Marked(2, 99);
        history.Usages.Add(new Usage(Sample.Digest(1), ReasonCode.InUse, "is the base of recipe x/1.0.0"));
        history.Usages.Add(new Usage(Sample.Digest("not here"), ReasonCode.InUse, "is the base of recipe y/1.0.0"));

        Assert.Equal(new Reason(ReasonCode.InUse, "is the base of recipe x/1.0.0"), history.ItemOf(1).Reasons[0]);
        Assert.True(history.ItemOf(1).Unmark);
        Assert.Equal(PruneAction.Delete, history.ActionOf(2));
    }

    [Fact]
    public void Build_InUseByItsArn_IsKeptWithItsImageEvenWithoutDigestOrImage()
    {
        var history = new History(5).Marked(1, 99).Marked(2, 99).Record(1, build => build with { Digest = null }).Record(2, build => build with { Digest = null });
        history.Images.RemoveAll(image => image.Digest == Sample.Digest(2));
        history.Usages.AddRange(new[] { "1.0.0/1", "1.0.0/2", "7.0.0/1" }.Select(version => new Usage(null, ReasonCode.InUse, "is the base of recipe x/1.0.0", Sample.Arn(version))));

        Assert.Equal((Sample.Digest(1), PruneAction.Keep, "in-use", true), (history.ItemOf(1).Digest, history.ActionOf(1), history.ReasonOf(1), history.ItemOf(1).Unmark));
        Assert.Equal((null, PruneAction.Keep, "in-use", true), (history.ItemOf(2).Digest, history.ActionOf(2), history.ReasonOf(2), history.ItemOf(2).Unmark));
        Assert.Single(history.ItemOf(1).Reasons);
    }

    [Fact]
    public void AnySource_DoesNotKnow_KeepsEverythingAndSaysWhy()
    {
        var history = new History(5).Marked(1, 99);

        var plan = history.Plan(facts => facts with { UsageUnknown = "the container recipes could not be read: denied" });

        Assert.All(plan.Items, item => Assert.Equal(
            (PruneAction.Keep, new Reason(ReasonCode.UsageUnknown, "the container recipes could not be read: denied"), false), (item.Action, item.Reasons[0], item.Unmark)));
    }

    [Fact]
    public void Build_Age_CountsFromItsPromotion()
    {
        Assert.Equal(PruneAction.Supersede, new History(5).Record(1, build => build with { PromotedAt = Now.AddDays(-8) }).ActionOf(1));
        Assert.Equal("young", new History(5).Record(1, build => build with { PromotedAt = Now.AddDays(-6) }).ReasonOf(1));
    }

    [Fact]
    public void Slots_FollowVersionsOverAllRecipesNotTime()
    {
        var history = new History(3);
        history.Add("0.9.0/7", 4, Now.AddDays(-57.5));

        Assert.Equal(PruneAction.Supersede, history.ActionOf(4));
    }

    [Fact]
    public void OneSlot_IsSingularInText()
    {
        var history = new History(3, rules => rules with { KeepLast = 1, GraceDays = 1 }).Record(3, build => build with { Release = new ReleaseMark(ReleaseState.Blocked, 1, Now) });

        Assert.Equal("is the newest build that a rollback can use", history.ItemOf(2).Reasons[0].Text);
        Assert.Equal("is deleted after 1 day", history.ItemOf(1).Reasons[1].Text);
    }

    /// <summary>Its record was deleted, and the tag is ours.</summary>
    [Fact]
    public void ImageWithoutRecord_UnderAFloatingTag_IsKeptOnlyForThat()
    {
        var history = new History(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), ["latest"], Now.AddDays(-400), MediaType: Plain));

        Assert.Equal("carries the floating tag latest", Assert.Single(history.Plan().Items.Single(item => item.Digest == Sample.Digest("orphan")).Reasons).Text);
    }

    [Fact]
    public void FailedBlockedAndRolledBackBuilds_TakeNoSlot()
    {
        var history = new History(6)
            .Record(6, build => build with { State = BuildState.Failed })
            .Record(5, build => build with { Release = new ReleaseMark(ReleaseState.Blocked, 1, Now) })
            .Record(4, build => build with { Release = new ReleaseMark(ReleaseState.RolledBack, 1, Now) });

        Assert.Equal("keep-last", history.ReasonOf(2));
        Assert.Equal("keep-last", history.ReasonOf(3));
        Assert.Equal("newest-build", history.ReasonOf(5));
    }

    /// <summary>The possible targets of a rollback differ from the builds that a person may still promote again.</summary>
    [Fact]
    public void RolledBackBuild_StaysDuringTheHoldAndThenFollowsItsAgeAndGracePeriod()
    {
        var history = new History(5).Record(3, build => build with { Release = new ReleaseMark(ReleaseState.RolledBack, 1, Now), PromotedAt = Now.AddDays(-8) });
        PruneItem Item(Hold? hold) => history.Plan(facts => facts with { Hold = hold }).Items.Single(item => item.RecordArn == history.Builds[2].Arn);

        Assert.Equal((PruneAction.Keep, "rolled-back"), (Item(new Hold("bad", HoldScope.Promotion)).Action, Item(new Hold("bad", HoldScope.Promotion)).Reasons[0].Code));
        Assert.Equal(PruneAction.Supersede, Item(null).Action);
        history.Marked(3, days: 2);
        Assert.Equal("grace", Item(null).Reasons[0].Code);
        Assert.True(Item(new Hold("bad", HoldScope.Promotion)).Unmark);
        history.Marked(3, days: 3);
        Assert.Equal(PruneAction.Delete, Item(null).Action);
        history.Record(3, build => build with { PromotedAt = Now.AddDays(-6) });
        Assert.Equal("young", Item(null).Reasons[0].Code);
    }

    [Theory]
    [InlineData(BuildState.Failed)]
    [InlineData(BuildState.Cancelled)]
    public void FailedOrCancelledBuild_StaysForAWhileAndWhileItCountsAsAnAttempt(BuildState state)
    {
        BuildRecord Failed(BuildRecord build, int days) => build with { State = state, FinishedAt = Now.AddDays(-days) };

        Assert.Equal("failed-recently", new History(5).Record(1, build => Failed(build, 13)).ReasonOf(1));
        Assert.Equal(PruneAction.Delete, new History(5).Record(1, build => Failed(build, 14)).ActionOf(1));
        Assert.Equal("counts-as-attempt", new History(5).Record(5, build => Failed(build, 99)).ReasonOf(5));
    }

    [Theory]
    [InlineData(2, PruneAction.Keep)]
    [InlineData(3, PruneAction.Delete)]
    public void DeprecatedBuild_FollowsTheSameRulesFromItsDeprecationWithoutASlot(int days, PruneAction action) =>
        Assert.Equal(action, new History(5).Record(4, build => build with { State = BuildState.Deprecated, DeprecatedAt = Now.AddDays(-days) }).ActionOf(4));

    [Fact]
    public void DeprecatedBuild_InUse_IsKept() => Assert.Equal("floating-tag", new History(5)
        .Record(4, build => build with { State = BuildState.Deprecated, DeprecatedAt = Now.AddDays(-99) })
        .Change(4, image => image with { Tags = [.. image.Tags, "latest"] }).ReasonOf(4));

    [Fact]
    public void RunningBuild_KeepsItsPushedImagesEvenBeforeTheyAreKnown()
    {
        var history = new History(5);
        history.Builds.Add(Sample.Build("1.0.0/6", Now.AddDays(-30), BuildState.InProgress));
        history.Images.Add(new StoredImage(Sample.Digest("pushed"), [], Now.AddDays(-29), MediaType: Plain));

        Assert.Equal("in-progress", history.Plan().Items.Single(item => item.Digest == Sample.Digest("pushed")).Reasons[0].Code);
        Assert.Equal("in-progress", history.Plan().Items.Single(item => item.Version == Sample.Version("1.0.0/6")).Reasons[0].Code);
    }

    [Fact]
    public void ReleaseInProgressOrNotBegun_KeepsTheBuild()
    {
        Assert.Equal("in-progress", new History(5).Record(1, build => build with { Cause = "first" }).ReasonOf(1));
        Assert.Equal("in-progress", new History(5).Record(1, build => build with { Release = new ReleaseMark(ReleaseState.Running, 1, Now.AddHours(-1)) }).ReasonOf(1));
    }

    [Fact]
    public void Closure_IsDeletedFromItsRootWithTheImageBeforeSignaturesAndChildren()
    {
        var history = new History(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = Index, Children = [Sample.Digest("amd64"), Sample.Digest("arm64")] });
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
        var history = new History(5).Marked(1, 99);
        var old = Now.AddDays(-400);
        for (var i = 0; i < Count; i++)
        {
            var subject = Sample.Digest($"subject-{i}");
            history.Images.Add(new StoredImage(Sample.Digest($"index-{i}"), [], old, Subject: subject, MediaType: Index, Children: [subject, Sample.Digest("shared")]));
            history.Images.Add(new StoredImage(subject, [], old, MediaType: Plain));
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
        var history = new History(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = Index, Children = [Sample.Digest("shared"), Sample.Digest("own")] });
        history.Change(5, image => image with { MediaType = Index, Children = [Sample.Digest("shared")] });
        history.AddImages(("shared", null), ("own", null));

        Assert.Equal("needed", history.Plan().Items.Single(item => item.Digest == Sample.Digest("shared")).Reasons[0].Code);
        Assert.Equal(PruneAction.Delete, history.Plan().Items.Single(item => item.Digest == Sample.Digest("own")).Action);
    }

    [Theory]
    [InlineData("amd64")]
    [InlineData("signature")]
    public void ChildOrSignature_InUse_KeepsItsIndexAndEverythingThatBelongsToIt(string used)
    {
        var history = new History(5).Marked(1, 99);
        history.Change(1, image => image with { MediaType = Index, Children = [Sample.Digest("amd64"), Sample.Digest("arm64")] });
        history.AddImages(("amd64", null), ("arm64", null), ("signature", Sample.Digest(1)));
        history.Usages.Add(new Usage(Sample.Digest(used), ReasonCode.Pulled, "was pulled"));

        Assert.DoesNotContain(history.Plan().Items, item => item.Action == PruneAction.Delete);
        Assert.Equal($"goes with {Sample.Digest(used).Short12}, which was pulled", history.ItemOf(1).Reasons[0].Text);
    }

    [Fact]
    public void Index_CouldNotBeRead_IsKeptWithEverythingThatMayBeItsChild()
    {
        var history = new History(5).Marked(1, 99).Marked(2, 99);
        history.Change(1, image => image with { MediaType = Index, Children = null });
        history.AddImages(("untagged", null));

        Assert.Equal("children-unknown", history.ReasonOf(1));
        Assert.Equal(PruneAction.Delete, history.ActionOf(2));
        Assert.Equal("perhaps-a-child", history.Plan().Items.Single(item => item.Digest == Sample.Digest("untagged")).Reasons[0].Code);
    }

    [Fact]
    public void Signature_NamedByItsTag_StaysWithItsSubject()
    {
        var history = new History(2);
        var tag = "sha256-" + Sample.Digest(2).Value[7..] + ".sig";
        history.Images.Add(new StoredImage(Sample.Digest("sig"), [tag], Now.AddDays(-400), MediaType: Plain));
        history.Images.Add(new StoredImage(Sample.Digest("dangling"), ["sha256-" + Sample.Digest("gone").Value[7..] + ".sig"], Now.AddDays(-400), MediaType: Plain));

        Assert.Equal("needed", history.Plan().Items.Single(item => item.Digest == Sample.Digest("sig")).Reasons[0].Code);
        Assert.Equal("unknown-image", history.Plan().Items.Single(item => item.Digest == Sample.Digest("dangling")).Reasons[0].Code);
    }

    [Theory]
    [InlineData(null, 9, PruneAction.Keep)]
    [InlineData(null, 10, PruneAction.Delete)]
    [InlineData("0.1.0-1", 10, PruneAction.Delete)]
    [InlineData("by-hand", 999, PruneAction.Keep)]
    public void ImageWithoutRecord_FollowsItsAgeUnlessAPersonNamedIt(string? tag, int days, PruneAction action)
    {
        var history = new History(2);
        history.Images.Add(new StoredImage(Sample.Digest("orphan"), tag is null ? [] : [tag], Now.AddDays(-days), MediaType: Plain));

        Assert.Equal(action, history.Plan().Items.Single(item => item.Digest == Sample.Digest("orphan")).Action);
    }

    [Fact]
    public void RecordWithoutImage_IsMarkedAndDeletedUnlessTheRepositoryLooksEmpty()
    {
        var history = new History(5);
        history.Images.RemoveAt(0);

        Assert.Equal((PruneAction.Supersede, "record-without-image"), (history.ActionOf(1), history.ReasonOf(1)));
        Assert.Equal(PruneAction.Delete, history.Marked(1, 3).ActionOf(1));
        Assert.Null(history.ItemOf(1).Digest);
        history.Images.Clear();
        Assert.Equal("repository-empty", history.ReasonOf(1));
    }

    [Fact]
    public void RecordedDigest_TakesPrecedenceOverTheTag()
    {
        var history = new History(5).Marked(1, 99).Record(1, build => build with { Digest = Sample.Digest("elsewhere") });

        var plan = history.Plan();

        Assert.Null(plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Digest);
        Assert.Equal(
            "carries the tag 1.0.0-1 of a build that has another image, so somebody moved the tag", plan.Items.Single(item => item.Digest == Sample.Digest(1)).Reasons[0].Text);
    }

    [Fact]
    public void TwoBuildsWithTheSameBytes_TheKeptOneKeepsTheImage()
    {
        var history = new History(5).Marked(1, 99).Record(1, build => build with { Digest = Sample.Digest(5) });
        history.Images.RemoveAt(0);

        var item = history.Plan().Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1"));

        Assert.Equal((PruneAction.Delete, null, "image-shared"), (item.Action, item.Digest, item.Reasons[^1].Code));
        Assert.Equal(PruneAction.Keep, history.ActionOf(5));
    }

    [Theory]
    [InlineData(39, true)]
    [InlineData(40, false)]
    public void DeletionLimit_StopsARunThatWouldDeleteMore(int percent, bool stopped)
    {
        var plan = new History(5, retain => retain with { MaxDeletePercent = percent }).Marked(1, 99).Marked(2, 99).Plan();

        Assert.Equal((stopped, !stopped), (plan.DeletionLimit.Stopped, plan.Execute));
        Assert.Equal(stopped, plan.DeletionLimit.Reason?.Code == "deletion-limit");
        Assert.Equal(stopped, !plan.ToDo.Any());
    }

    [Fact]
    public void ReportMode_StopsAfterThePlan()
    {
        var plan = new History(5, retain => retain with { Mode = RetentionMode.Report }).Marked(1, 99).Plan();

        Assert.Equal(1, plan.Counts.DeleteImages);
        Assert.False(plan.Execute);
        Assert.Empty(plan.ToDo);
    }

    [Fact]
    public void AnotherRegion_DeletesImagesButNoRecord()
    {
        var plan = new History(5).Marked(1, 99).Plan(facts => facts with { OwnsRecords = false });

        Assert.All(plan.Items, item => Assert.Null(item.RecordArn));
        Assert.Equal(Sample.Digest(1), Assert.Single(plan.ToDo).Digest);
        Assert.Equal("not-marked", plan.Items.Single(item => item.Digest == Sample.Digest(2)).Reasons[0].Code);
    }

    [Theory]
    [InlineData("kept", "its image stays in us-east-1: carries the floating tag latest")]
    [InlineData("refused", "its image stays in us-east-1: tags changed")]
    [InlineData("limited", "its image stays in us-east-1: 1 of 5 images would be deleted, more than the 19 percent of \"retain.maxDeletePercent\", so nothing is deleted. To delete them anyway, run: automation prune app --delete --max-delete-percent 100")]
    [InlineData("unknown", "its image stays in us-east-1: denied")]
    public void RecordOfABuild_ImageStaysElsewhere_IsKeptWithReasonWhileItsImageHereIsDeleted(string how, string why)
    {
        var there = new History(5, retain => retain with { MaxDeletePercent = how == "limited" ? 19 : 100 }).Marked(1, 99);
        if (how == "kept")
        {
            there.Change(1, image => image with { Tags = [.. image.Tags, "latest"] });
        }

        var elsewhere = there.Elsewhere(how == "refused" ? new() { [Sample.Digest(1)] = "tags changed" } : [], how == "unknown" ? "denied" : null);
        var plan = new History(5).Marked(1, 99).Plan(facts => facts with { Elsewhere = elsewhere });

        var record = plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1"));
        Assert.Equal((PruneAction.Keep, null, new Reason(ReasonCode.ImageInOtherRegion, why), false), (record.Action, record.Digest, record.Reasons[0], record.Unmark));
        Assert.Equal(Sample.Digest(1), Assert.Single(plan.ToDo, item => item.Action == PruneAction.Delete).Digest);
    }

    [Fact]
    public void RecordOfABuild_ImageIsGoneElsewhere_IsDeleted()
    {
        var plan = new History(5).Marked(1, 99).Plan(facts => facts with { Elsewhere = new History(5).Marked(1, 99).Elsewhere([]) });

        Assert.Equal(PruneAction.Delete, plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Action);
    }

    [Fact]
    public void ImageOnlyElsewhere_KeptThere_RecordIsNotMarkedAndLosesItsMark()
    {
        var history = new History(5).Marked(1, 1);
        var there = new History(5);
        there.Change(1, image => image with { Tags = [.. image.Tags, "latest"] }).Change(2, image => image with { Tags = [.. image.Tags, "keep-it"] });

        var plan = history.Plan(facts => facts with { Images = [.. facts.Images.Skip(2)], Elsewhere = there.Elsewhere([]) });

        Assert.Equal(
            [(PruneAction.Keep, true), (PruneAction.Keep, false), (PruneAction.Supersede, false)],
            Enumerable.Range(1, 3).Select(build => plan.Items.Single(item => item.RecordArn == Sample.Arn($"1.0.0/{build}"))).Select(item => (item.Action, item.Unmark)));
    }

    [Fact]
    public void RecordsAlone_FollowTheirImagesElsewhereAndAreNotCalledWithoutImage()
    {
        var plan = new History(5).Plan(facts => facts with { HasRepository = false, Images = [], Elsewhere = new History(5).Elsewhere([]) });

        Assert.Equal([PruneAction.Supersede, PruneAction.Supersede, PruneAction.Supersede, PruneAction.Keep, PruneAction.Keep],
            plan.Items.OrderBy(item => item.Version).Select(item => item.Action));
        Assert.All(plan.Items.Where(item => item.Action == PruneAction.Supersede), item => Assert.Equal("superseded", item.Reasons[0].Code));
    }

    [Fact]
    public void RecordsAlone_NoRegionHasAnyImage_AreKept()
    {
        var plan = new History(5).Marked(1, 99).Plan(facts => facts with { HasRepository = false, Images = [] });

        Assert.Equal("repository-empty", plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
    }

    [Fact]
    public void NoGracePeriod_DeletesAtOnce() =>
        Assert.Equal(PruneAction.Delete, new History(5, retain => retain with { GraceDays = 0 }).ActionOf(1));

    [Fact]
    public void HundredThousandImages_AllocateTenTimesAsMuchAsTenThousand()
    {
        // Bytes and not seconds, because they are the same on a busy machine.
        var small = Allocated(Large(10_000));
        var large = Allocated(Large(100_000));

        Assert.InRange((double)large / small, 8, 12);
        Assert.InRange(large / 100_000, 0, 2_500);
    }

    /// <summary>A quarter are indexes with a build each, half are children, a quarter are signatures.</summary>
    private static RetentionFacts Large(int images)
    {
        var history = new History(0);
        for (var i = 0; i < images / 4; i++)
        {
            Digest[] children = [Sample.Digest($"{i}-a"), Sample.Digest($"{i}-b")];
            history.Add($"1.{i / 1000}.0/{(i % 1000) + 1}", $"{i}", Now.AddDays(-100 + (i * 90.0 / images)));
            history.Images[^1] = history.Images[^1] with { MediaType = Index, Children = children };
            history.Images.AddRange(children.Select(child => new StoredImage(child, [], Now.AddDays(-100), MediaType: Plain)));
            history.Images.Add(new StoredImage(Sample.Digest($"{i}-s"), [], Now.AddDays(-100), MediaType: Plain, Subject: children[0]));
        }

        return history.Facts();
    }

    private static long Allocated(RetentionFacts facts)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(facts.Images.Count, RetentionPlanner.Plan(facts).Counts.Images);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Builds 1.0.0/1 to 1.0.0/n, a day apart, all older than every rule; each has the image digest n.</summary>
    private sealed class History
    {
        private readonly ImageSpec _image;

        public History(int builds, Func<RetentionRules, RetentionRules>? rules = null)
        {
            var retain = Sample.App().Retain with { ProtectedTags = [TagPattern.Parse("keep-*")] };
            _image = Sample.App(retain: rules is null ? retain : rules(retain));
            for (var i = 1; i <= builds; i++)
            {
                Add($"1.0.0/{i}", i, Now.AddDays(-60 + i));
            }
        }

        public List<StoredImage> Images { get; } = [];

        public List<BuildRecord> Builds { get; } = [];

        public List<Usage> Usages { get; } = [];

        public void Add(string version, object digest, DateTimeOffset at)
        {
            var build = Sample.Build(version, at);
            Builds.Add(build);
            Images.Add(new StoredImage(Sample.Digest($"{digest}"), [build.Version.Tag], at.AddMinutes(10), MediaType: Plain));
        }

        public void AddImages(params (string Digest, Digest? Subject)[] images) =>
            Images.AddRange(images.Select(image => new StoredImage(Sample.Digest(image.Digest), [], Now.AddDays(-60), MediaType: Plain, Subject: image.Subject)));

        public History Marked(int build, int days) => Record(build, record => record with { SupersededAt = Now.AddDays(-days) });

        public History Record(int build, Func<BuildRecord, BuildRecord> change)
        {
            Builds[build - 1] = change(Builds[build - 1]);
            return this;
        }

        public History Change(int build, Func<StoredImage, StoredImage> change)
        {
            var i = Images.FindIndex(image => image.Digest == Sample.Digest(build));
            Images[i] = change(Images[i]);
            return this;
        }

        public Dictionary<ImageVersion, BuildOwner> Owners { get; } = [];

        public RetentionFacts Facts()
        {
            var facts = new RetentionFacts { Image = _image, Region = "eu-west-1", Images = Images, Builds = Builds, Usages = Usages, Now = Now };
            return facts with { Owners = Sample.NoOthers(BuildLookups.Of(facts).Values.SelectMany(versions => versions), Owners) };
        }

        public PrunePlan Plan(Func<RetentionFacts, RetentionFacts>? change = null) => RetentionPlanner.Plan(change is null ? Facts() : change(Facts()));

        public PruneItem ImageItem(object digest) => Plan().Items.Single(item => item.Digest == Sample.Digest($"{digest}"));

        /// <summary>The images that another Region with these images keeps.</summary>
        public ImagesElsewhere Elsewhere(Dictionary<Digest, string> stillThere, string? unknown = null)
        {
            var elsewhere = new ImagesElsewhere();
            elsewhere.Add(Plan(facts => facts with { Region = "us-east-1", OwnsRecords = false, UsageUnknown = unknown }), stillThere);
            return elsewhere;
        }

        public PruneItem ItemOf(int build) => Plan().Items.Single(item => item.RecordArn == Builds[build - 1].Arn);

        public PruneAction ActionOf(int build) => ItemOf(build).Action;

        public string ReasonOf(int build) => ItemOf(build).Reasons[0].Code;

        public IEnumerable<PruneAction> Actions() => Enumerable.Range(1, Builds.Count).Select(ActionOf);
    }
}
