using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Tests.Builds;

/// <summary>Images that an image watches in addition to its base: <c>golden/tools:v*</c>.</summary>
public sealed class WatchedTests
{
    private static readonly DateTimeOffset Now = Sample.Noon;
    private static readonly Digest Base = Sample.Digest("base");
    private static readonly Digest V1 = Sample.Digest("v1");
    private static readonly Digest V2 = Sample.Digest("v2");
    private static readonly WatchedTags Tools = Watch("golden/tools:v*");

    [Fact]
    public void Decide_AnotherImage_Starts()
    {
        var start = Start(Facts(Newest("v2", V2, -30), Made("1.0.0/1", -600, V1)));

        Assert.Equal(new BuildCause.NewWatched(V2), start.Order.Cause);
        Assert.Equal($"build-app_watched-{V2.Short12}_1", start.Order.ExecutionName);
        Assert.Equal(V2.Value, start.Order.Tags[BuildTags.WatchedPrefix + Tools.Id]);
        Assert.Equal(
            $"new-watched-image: the newest golden/tools:v* is v2, {V2.Short12}, pushed at 2026-03-04 11:30Z; the newest build 1.0.0/1 does not use it",
            start.Reasons[0].ToString());
    }

    [Fact]
    public void Decide_SameImage_SaysNoAndWhatCoversIt() => AssertNo(
        $"the newest golden/tools:v* is v1, {V1.Short12}, pushed at 2026-03-04 11:30Z; it is covered by 1.0.0/1",
        Facts(Newest("v1", V1, -30), Made("1.0.0/1", -600, V1)));

    /// <summary>A promotion, or a new tag on an earlier push, does not change the push time.</summary>
    [Fact]
    public void Decide_AnotherImagePushedBeforeTheBuild_Starts() => Start(Facts(Newest("v2", V2, -700), Made("1.0.0/1", -600, V1)));

    [Theory]
    [InlineData(-700, false)]
    [InlineData(-600, false)]
    [InlineData(-599, true)]
    public void Decide_BuildsFromBeforeItWasWatched_AreComparedByTime(int pushed, bool starts) =>
        Assert.Equal(starts, BuildPlanner.Decide(Facts(Newest("v2", V2, pushed), Made("1.0.0/1", -600, null))) is BuildDecision.Start);

    [Fact]
    public void Decide_ForeignBuildSince_IsStillDue() => Start(Facts(Newest("v2", V2, -700), Made("1.0.0/1", -800, V1), Made("1.0.0/2", -600, null)));

    [Theory]
    [InlineData(BuildState.InProgress)]
    [InlineData(BuildState.Deprecated)]
    public void Decide_RunningOrPastBuildWithIt_SaysNo(BuildState state) =>
        AssertCovered(Facts(Newest("v2", V2, -30), Made("1.0.0/1", -20, V2) with { State = state }));

    [Fact]
    public void Decide_FailedBuildWithIt_IsRetriedAfterThePause()
    {
        var failed = Made("1.0.0/2", -20, V2) with { State = BuildState.Failed, FinishedAt = Now.AddMinutes(-10) };
        var facts = Facts(Newest("v2", V2, -30), Made("1.0.0/1", -600, V1), failed);

        var wait = Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(facts));

        Assert.Equal((Now.AddMinutes(5), "retry-pause", 2), (wait.Until, wait.Reasons[0].Code, wait.Order.Attempt));
        AssertNo("1 of 1 attempt failed", facts with { Image = Sample.App(new BuildRules { Watch = [Tools], MaxAttempts = 1 }) });
    }

    [Fact]
    public void Decide_PreviousImageReturns_BuildsAgainUnderANewName() => Assert.Equal(
        $"build-app_watched-{V1.Short12}_2",
        Start(Facts(Newest("v1", V1, -900), Made("1.0.0/1", -800, V1), Made("1.0.0/2", -600, V2))).Order.ExecutionName);

    [Fact]
    public void Decide_NeverBuilt_StartsOnceFromTheBase()
    {
        var facts = Facts(Newest("v2", V2, -30));
        var start = Start(facts);

        Assert.Equal((new BuildCause.NewBase(Base), "never-built"), (start.Order.Cause, Assert.Single(start.Reasons).Code));
        AssertCovered(facts with { Builds = [BuildTags.Read(Sample.Build("1.0.0/1", Now, BuildState.InProgress), start.Order.Tags)] });
    }

    /// <summary>The Dockerfile copied from an image that had not been pushed yet.</summary>
    [Fact]
    public void Decide_FirstBuildFailedPermanently_IsRetriedWithTheImagePushedSince()
    {
        var failed = Made("1.0.0/1", -60, null) with { State = BuildState.Failed, FailureKind = FailureKind.Permanent, FinishedAt = Now.AddMinutes(-50) };

        AssertNo("a retry would fail again", Facts(new WatchedFacts(Tools, null), failed));
        Assert.Equal("new-watched-image", Start(Facts(Newest("v2", V2, -30), failed)).Reasons[0].Code);
        AssertCode("permanent-failure",
            Facts(Newest("v2", V2, -30), failed, Made("1.0.0/2", -20, V2) with { State = BuildState.Failed, FailureKind = FailureKind.Permanent }));
    }

    [Fact]
    public void Decide_BaseIsDueToo_OneBuildCoversBoth()
    {
        var facts = Facts(Newest("v2", V2, -30), Made("1.0.0/1", -600, V1) with { BaseDigest = V1 });

        Assert.Equal(["new-base-digest", "new-watched-image"], Start(facts).Reasons.Select(reason => reason.Code));
        Assert.Equal("requested", Start(facts with { Manual = new ManualRequest("r1", "ann") }).Reasons[0].Code);
    }

    [Fact]
    public void Decide_WatchedImage_RanksBeforeRecipeAndSchedule()
    {
        var facts = Facts(Newest("v2", V2, -30), Made("1.0.0/1", -1600, V1)) with
        {
            Image = Sample.App(new BuildRules { Watch = [Tools], Schedule = ScheduleExpression.Parse("rate(1 hour)") }),
        };
        facts = facts with { Pipeline = facts.Pipeline with { RecipeVersion = new RecipeVersion(1, 1, 0) } };

        Assert.Equal(["new-watched-image", "new-recipe-version", "schedule-slot"], Start(facts).Reasons.Select(reason => reason.Code));
    }

    [Theory]
    [InlineData(null, "there is no image golden/tools:v*")]
    [InlineData("AccessDeniedException", "the images under golden/tools:v* cannot be read: AccessDeniedException")]
    public void Decide_NothingToRead_StartsNothingAndSaysWhy(string? why, string reason) =>
        AssertNo(reason, Facts(new WatchedFacts(Tools, null, Unreadable: why), Made("1.0.0/1", -600, V1)));

    [Fact]
    public void Decide_UnreadableWithNewBase_BuildsAndStaysDue()
    {
        var facts = Facts(new WatchedFacts(Tools, null, Unreadable: "denied"), Made("1.0.0/1", -600, V1) with { BaseDigest = V2 });
        var start = Start(facts);
        var built = BuildTags.Read(Sample.Build("1.0.0/2", Now), start.Order.Tags);

        Assert.Equal(new BuildCause.NewBase(Base), start.Order.Cause);
        AssertCovered(facts with { Watched = [Newest("v1", V1, -700)], Builds = [.. facts.Builds, built] });
        Start(facts with { Watched = [Newest("v2", V2, -700)], Builds = [.. facts.Builds, built] });
    }

    [Theory]
    [InlineData(60, 60, 0, "quiet-time", 30)]
    [InlineData(60, 60, 2, "base-too-young", 90)]
    [InlineData(10, 60, 0, null, 0)]
    public void Decide_YoungImage_DelaysEveryCause(int quiet, int longest, int hours, string? code, int until)
    {
        var rules = new BuildRules { Watch = [Tools], QuietMinutes = quiet, MaxWaitMinutes = longest, MinParentAgeHours = hours };
        var facts = Facts(Newest("v2", V2, -30), Made("1.0.0/1", -600, V1)) with { Image = Sample.App(rules) };

        Assert.All(new[] { facts, facts with { Builds = [] }, facts with { Builds = [Made("1.0.0/1", -600, V1) with { BaseDigest = V1 }] } }, asked =>
        {
            var wait = BuildPlanner.Decide(asked) as BuildDecision.NotYet;
            Assert.Equal((code, code is null ? null : Now.AddMinutes(until)), (wait?.Reasons[0].Code, wait?.Until));
        });
        Start(facts with { Manual = new ManualRequest("r1", "ann") });
        AssertNo("covered", facts with { Builds = [Made("1.0.0/1", -20, V2)] });
    }

    [Fact]
    public void Decide_ImageKeepsChanging_BuildsAfterTheMaximumWait()
    {
        var rules = new BuildRules { Watch = [Tools], QuietMinutes = 40, MaxWaitMinutes = 60 };
        var facts = Facts(Newest("v2", V2, -30) with { WaitingSince = Now.AddMinutes(-55) }, Made("1.0.0/1", -600, V1)) with { Image = Sample.App(rules) };

        var wait = Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(facts));

        Assert.Equal(("longest-wait", Now.AddMinutes(5)), (wait.Reasons[0].Code, wait.Until));
        Assert.StartsWith("golden/tools:v2 keeps changing", wait.Reasons[0].Text, StringComparison.Ordinal);
        Start(facts with { Watched = [Newest("v2", V2, -30) with { WaitingSince = Now.AddMinutes(-60) }] });
    }

    [Fact]
    public void Decide_SeveralPatterns_RemembersEachSeparately()
    {
        var stable = Watch("golden/tools:stable");
        var built = Made("1.0.0/1", -600, V2) with { Watched = new Dictionary<string, Digest> { [Tools.Id] = V2, [stable.Id] = V1 } };
        var facts = Facts(Newest("v2", V2, -700), built);

        AssertNo("covered", facts with { Watched = [.. facts.Watched, new WatchedFacts(stable, new WatchedImage("stable", V1, Now.AddMinutes(-900)))] });

        // It is now on an image that another pattern has already been built with.
        Start(facts with { Watched = [.. facts.Watched, new WatchedFacts(stable, new WatchedImage("stable", V2, Now.AddMinutes(-700)))] });
    }

    [Fact]
    public void Of_MatchingTags_UsesTheNewestPushInAnyOrder()
    {
        TaggedImage[] images = [Pushed("v1", -90, "v1", "old"), Pushed("v2", -50, "v2", "v2.0"), Pushed("x", -10, "edge"), Pushed("y", -5), Pushed("z", -40)];
        var facts = WatchedFacts.Of(Tools, Sample.Shuffle(images, 7), [], TimeSpan.FromMinutes(20));

        Assert.Equal(new WatchedImage("v2.0", V2, Now.AddMinutes(-50)), facts.Newest);
        Assert.Equal(Now.AddMinutes(-50), facts.WaitingSince);
        Assert.Equal(facts, WatchedFacts.Of(Tools, images, [], TimeSpan.FromMinutes(20)));
    }

    [Fact]
    public void Of_SeveralPushes_WaitCountsFromTheOldestWithoutABuild()
    {
        TaggedImage[] images = [Pushed("v2", -5, "v2"), Pushed("a", -20), Pushed("b", -35, "v1"), Pushed("c", -30, "edge"), Pushed("d", -90)];

        Assert.Equal(Now.AddMinutes(-35), WatchedFacts.Of(Tools, images, [Made("1.0.0/1", -60, V1)], TimeSpan.FromMinutes(90)).WaitingSince);
        Assert.Equal(Now.AddMinutes(-90), WatchedFacts.Of(Tools, images, [], TimeSpan.FromMinutes(90)).WaitingSince);
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("V1")]
    [InlineData("rc-v1")]
    [InlineData("")]
    public void Of_NoTagMatches_IsEmpty(string tag) =>
        Assert.Equal(new WatchedFacts(Tools, null),
            WatchedFacts.Of(Tools, [Pushed("x", -10, [.. new[] { tag }.Where(text => text.Length > 0)])], [], TimeSpan.Zero));

    [Theory]
    [InlineData("golden/tools:v*", "golden/tools:v2", true)]
    [InlineData("golden/tools:latest", "golden/tools", true)]
    [InlineData("golden/tools:v*", "golden/tool:v2", false)]
    [InlineData("golden/tools:v*", "golden/tools:edge", false)]
    [InlineData("golden/tools:v*", "public.ecr.aws/golden/tools:v2", false)]
    [InlineData("golden/tools:*", "golden/tools@sha256:0000000000000000000000000000000000000000000000000000000000000000", false)]
    public void Match_ComparesRepositoryAndTag(string watched, string pushed, bool matches) =>
        Assert.Equal(matches, Watch(watched).Match(ImageReference.Parse(pushed)));

    private static WatchedTags Watch(string text) => WatchedTags.TryParse(text, out var watched) ? watched : throw new ArgumentException(text);

    private static WatchedFacts Newest(string tag, Digest digest, int minutes) => new(Tools, new WatchedImage(tag, digest, Now.AddMinutes(minutes)));

    private static TaggedImage Pushed(string content, int minutes, params string[] tags) => new(Sample.Digest(content), Now.AddMinutes(minutes), tags);

    /// <summary>The base was pushed long ago, and every build was made from it.</summary>
    private static BuildFacts Facts(WatchedFacts watched, params BuildRecord[] builds) => new()
    {
        Image = Sample.App(new BuildRules { Watch = [Tools] }),
        Pipeline = new PipelineFacts(
            "arn:pipeline/app", "app", true, new RecipeVersion(1, 0, 0), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest"),
        Base = new BaseFacts(ImageReference.Parse("images/runtime:latest"), Base, Now.AddDays(-9)),
        Watched = [watched],
        Builds = builds,
        Now = Now,
    };

    private static BuildRecord Made(string version, int minutes, Digest? with) => Sample.Build(version, Now.AddMinutes(minutes)) with
    {
        BaseDigest = Base,
        Watched = with is null ? new Dictionary<string, Digest>() : new Dictionary<string, Digest> { [Tools.Id] = with },
    };

    private static BuildDecision.Start Start(BuildFacts facts) => Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(facts));

    private static void AssertCovered(BuildFacts facts) => AssertCode("watched-covered", facts);

    private static void AssertCode(string code, BuildFacts facts) =>
        Assert.Contains(Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts)).Reasons, reason => reason.Code == code);

    private static void AssertNo(string text, BuildFacts facts) =>
        Assert.Contains(Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts)).Reasons, reason => reason.Text.Contains(text, StringComparison.Ordinal));
}
