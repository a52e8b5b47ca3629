using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using static Automation.Core.Tests.Retention.RetentionHistory;

namespace Automation.Core.Tests.Retention;

/// <summary>What retention keeps, marks and deletes: by age, number, use and state of a build.</summary>
public sealed class RetentionPlannerTests
{
    [Fact]
    public void Build_BeyondKeepLast_IsMarkedAndDeletedAfterTheGracePeriod()
    {
        var history = new RetentionHistory(5);

        Assert.Equal([PruneAction.Supersede, PruneAction.Supersede, PruneAction.Supersede, PruneAction.Keep, PruneAction.Keep], history.Actions());
        Assert.Equal("grace", history.Marked(1, days: 2).ReasonOf(1));
        Assert.Equal(PruneAction.Delete, history.Marked(1, days: 3).ActionOf(1));
    }

    [Fact]
    public void Build_Deleted_ImageGoesFirstAndRecordLast()
    {
        var plan = new RetentionHistory(5).Marked(1, 9).Marked(2, 9).Plan();
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
        var history = new RetentionHistory(5).Marked(1, 99).Marked(2, 99)
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
        var history = new RetentionHistory(5).Marked(1, 99);
        var now = history.Builds.ConvertAll(
            build => build.Version == Sample.Version("1.0.0/1") ? build with { Release = new ReleaseMark(ReleaseState.Running, 2, Now) } : build);

        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
        Assert.Equal("in-progress",
            history.Plan(facts => facts with { BuildsNow = now }).Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
    }

    /// <summary>A person deletes the record of the promoted build while the prune reads the repository.</summary>
    [Fact]
    public void Build_BecameOwnerSinceTheRepositoryWasRead_IsKept()
    {
        var history = new RetentionHistory(5).Marked(1, 99)
            .Record(1, build => build with { Digest = Sample.Digest(1), Release = new ReleaseMark(ReleaseState.Promoted, 1, Now) })
            .Record(3, build => build with { Digest = Sample.Digest(3), Release = new ReleaseMark(ReleaseState.Promoted, 1, Now) });
        var now = history.Builds.FindAll(build => build.Version != Sample.Version("1.0.0/3"));

        Assert.Equal(PruneAction.Delete, history.ActionOf(1));
        Assert.Equal("owns-floating-tag",
            history.Plan(facts => facts with { BuildsNow = now }).Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
    }

    [Fact]
    public void Build_InUse_IsKeptNamesTheUserAndLosesItsMark()
    {
        var history = new RetentionHistory(5).Marked(1, 99).Marked(2, 99);
        history.Usages.Add(new Usage(Sample.Digest(1), ReasonCode.InUse, "is the base of recipe x/1.0.0"));
        history.Usages.Add(new Usage(Sample.Digest("not here"), ReasonCode.InUse, "is the base of recipe y/1.0.0"));

        Assert.Equal(new Reason(ReasonCode.InUse, "is the base of recipe x/1.0.0"), history.ItemOf(1).Reasons[0]);
        Assert.True(history.ItemOf(1).Unmark);
        Assert.Equal(PruneAction.Delete, history.ActionOf(2));
    }

    [Fact]
    public void Build_InUseByItsArn_IsKeptWithItsImageEvenWithoutDigestOrImage()
    {
        var history = new RetentionHistory(5).Marked(1, 99).Marked(2, 99).Record(1, build => build with { Digest = null })
            .Record(2, build => build with { Digest = null });
        history.Images.RemoveAll(image => image.Digest == Sample.Digest(2));
        history.Usages.AddRange(
            new[] { "1.0.0/1", "1.0.0/2", "7.0.0/1" }
                .Select(version => new Usage(null, ReasonCode.InUse, "is the base of recipe x/1.0.0", Sample.Arn(version))));

        Assert.Equal((Sample.Digest(1), PruneAction.Keep, "in-use", true),
            (history.ItemOf(1).Digest, history.ActionOf(1), history.ReasonOf(1), history.ItemOf(1).Unmark));
        Assert.Equal((null, PruneAction.Keep, "in-use", true), (history.ItemOf(2).Digest, history.ActionOf(2), history.ReasonOf(2), history.ItemOf(2).Unmark));
        Assert.Single(history.ItemOf(1).Reasons);
    }

    [Fact]
    public void AnySource_DoesNotKnow_KeepsEverythingAndSaysWhy()
    {
        var history = new RetentionHistory(5).Marked(1, 99);

        var plan = history.Plan(facts => facts with { UsageUnknown = "the container recipes could not be read: denied" });

        Assert.All(plan.Items, item => Assert.Equal(
            (PruneAction.Keep, new Reason(ReasonCode.UsageUnknown, "the container recipes could not be read: denied"), false),
            (item.Action, item.Reasons[0], item.Unmark)));
    }

    [Fact]
    public void Build_Age_CountsFromItsPromotion()
    {
        Assert.Equal(PruneAction.Supersede, new RetentionHistory(5).Record(1, build => build with { PromotedAt = Now.AddDays(-8) }).ActionOf(1));
        Assert.Equal("young", new RetentionHistory(5).Record(1, build => build with { PromotedAt = Now.AddDays(-6) }).ReasonOf(1));
    }

    [Fact]
    public void Slots_FollowVersionsOverAllRecipesNotTime()
    {
        var history = new RetentionHistory(3);
        history.Add("0.9.0/7", 4, Now.AddDays(-57.5));

        Assert.Equal(PruneAction.Supersede, history.ActionOf(4));
    }

    [Fact]
    public void OneSlot_IsSingularInText()
    {
        var history = new RetentionHistory(3, rules => rules with { KeepLast = 1, GraceDays = 1 }).Record(
            3, build => build with { Release = new ReleaseMark(ReleaseState.Blocked, 1, Now) });

        Assert.Equal("is the newest build that a rollback can use", history.ItemOf(2).Reasons[0].Text);
        Assert.Equal("is deleted after 1 day", history.ItemOf(1).Reasons[1].Text);
    }

    [Fact]
    public void FailedBlockedAndRolledBackBuilds_TakeNoSlot()
    {
        var history = new RetentionHistory(6)
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
        var history = new RetentionHistory(5).Record(
            3, build => build with { Release = new ReleaseMark(ReleaseState.RolledBack, 1, Now), PromotedAt = Now.AddDays(-8) });
        PruneItem Item(Hold? hold) => history.Plan(facts => facts with { Hold = hold }).Items.Single(item => item.RecordArn == history.Builds[2].Arn);

        Assert.Equal((PruneAction.Keep, "rolled-back"),
            (Item(new Hold("bad", HoldScope.Promotion)).Action, Item(new Hold("bad", HoldScope.Promotion)).Reasons[0].Code));
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

        Assert.Equal("failed-recently", new RetentionHistory(5).Record(1, build => Failed(build, 13)).ReasonOf(1));
        Assert.Equal(PruneAction.Delete, new RetentionHistory(5).Record(1, build => Failed(build, 14)).ActionOf(1));
        Assert.Equal("counts-as-attempt", new RetentionHistory(5).Record(5, build => Failed(build, 99)).ReasonOf(5));
    }

    [Theory]
    [InlineData(2, PruneAction.Keep)]
    [InlineData(3, PruneAction.Delete)]
    public void DeprecatedBuild_FollowsTheSameRulesFromItsDeprecationWithoutASlot(int days, PruneAction action) =>
        Assert.Equal(
            action, new RetentionHistory(5).Record(4, build => build with { State = BuildState.Deprecated, DeprecatedAt = Now.AddDays(-days) }).ActionOf(4));

    [Fact]
    public void DeprecatedBuild_InUse_IsKept() => Assert.Equal("floating-tag", new RetentionHistory(5)
        .Record(4, build => build with { State = BuildState.Deprecated, DeprecatedAt = Now.AddDays(-99) })
        .Change(4, image => image with { Tags = [.. image.Tags, "latest"] }).ReasonOf(4));

    [Fact]
    public void RunningBuild_KeepsItsPushedImagesEvenBeforeTheyAreKnown()
    {
        var history = new RetentionHistory(5);
        history.Builds.Add(Sample.Build("1.0.0/6", Now.AddDays(-30), BuildState.InProgress));
        history.Images.Add(new StoredImage(Sample.Digest("pushed"), [], Now.AddDays(-29), MediaType: ImageType));

        Assert.Equal("in-progress", history.Plan().Items.Single(item => item.Digest == Sample.Digest("pushed")).Reasons[0].Code);
        Assert.Equal("in-progress", history.Plan().Items.Single(item => item.Version == Sample.Version("1.0.0/6")).Reasons[0].Code);
    }

    [Fact]
    public void ReleaseInProgressOrNotBegun_KeepsTheBuild()
    {
        Assert.Equal("in-progress", new RetentionHistory(5).Record(1, build => build with { Cause = "first" }).ReasonOf(1));
        Assert.Equal("in-progress",
            new RetentionHistory(5).Record(1, build => build with { Release = new ReleaseMark(ReleaseState.Running, 1, Now.AddHours(-1)) }).ReasonOf(1));
    }

    [Fact]
    public void RecordWithoutImage_IsMarkedAndDeletedUnlessTheRepositoryLooksEmpty()
    {
        var history = new RetentionHistory(5);
        history.Images.RemoveAt(0);

        Assert.Equal((PruneAction.Supersede, "record-without-image"), (history.ActionOf(1), history.ReasonOf(1)));
        Assert.Equal(PruneAction.Delete, history.Marked(1, 3).ActionOf(1));
        Assert.Null(history.ItemOf(1).Digest);
        history.Images.Clear();
        Assert.Equal("repository-empty", history.ReasonOf(1));
    }

    [Fact]
    public void TwoBuildsWithTheSameBytes_TheKeptOneKeepsTheImage()
    {
        var history = new RetentionHistory(5).Marked(1, 99).Record(1, build => build with { Digest = Sample.Digest(5) });
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
        var plan = new RetentionHistory(5, retain => retain with { MaxDeletePercent = percent }).Marked(1, 99).Marked(2, 99).Plan();

        Assert.Equal((stopped, !stopped), (plan.DeletionLimit.Stopped, plan.Execute));
        Assert.Equal(stopped, plan.DeletionLimit.Reason?.Code == "deletion-limit");
        Assert.Equal(stopped, !plan.ToDo.Any());
    }

    [Fact]
    public void ReportMode_StopsAfterThePlan()
    {
        var plan = new RetentionHistory(5, retain => retain with { Mode = RetentionMode.Report }).Marked(1, 99).Plan();

        Assert.Equal(1, plan.Counts.DeleteImages);
        Assert.False(plan.Execute);
        Assert.Empty(plan.ToDo);
    }

    [Fact]
    public void NoGracePeriod_DeletesAtOnce() =>
        Assert.Equal(PruneAction.Delete, new RetentionHistory(5, retain => retain with { GraceDays = 0 }).ActionOf(1));
}
