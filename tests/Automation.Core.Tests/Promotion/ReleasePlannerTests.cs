using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ReleasePlannerTests
{
    /// <summary>The notification of a failure may be lost like any other; then it was never announced.</summary>
    [Theory]
    [InlineData(BuildState.Failed, "base:x", 5, true)]
    [InlineData(BuildState.Cancelled, "base:x", 5, true)]
    [InlineData(BuildState.Failed, null, 5, false)]
    [InlineData(BuildState.Failed, null, -5, true)]
    [InlineData(BuildState.InProgress, "base:x", 5, false)]
    public void Due_FailedBuildWithoutMark_IsAnnounced(BuildState state, string? cause, int minutesBefore, bool due)
    {
        var newer = Sample.Build("1.0.0/2", Sample.Noon) with { Cause = "base:y", Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon) };
        var failed = Sample.Build("1.0.0/1", Sample.Noon.AddMinutes(-minutesBefore), state) with { Cause = cause };
        var facts = new ReleaseFacts(Sample.App(), [failed, newer], null, new HashSet<string>(), Sample.Noon.AddHours(1));

        var orders = ReleasePlanner.Due(facts).Due.ToList();

        Assert.Equal(due ? ["release-app_1-0-0-1"] : [], orders.Select(order => order.ExecutionName));
        Assert.Empty(ReleasePlanner.Due(facts with { Running = new HashSet<string> { "release-app_1-0-0-1" } }).Due);
        Assert.Empty(ReleasePlanner.Due(facts with { Builds = [failed with { Release = new ReleaseMark(ReleaseState.Failed, 1, Sample.Noon) }, newer] }).Due);
    }

    /// <summary>It may be promoted, rejected or rolled back: a new release would overrule a person.</summary>
    [Theory]
    [InlineData(BuildState.Available)]
    [InlineData(BuildState.Failed)]
    public void Due_UnreadableMark_WaitsForAPerson(BuildState state)
    {
        var plan = Plan([Ours("1.0.0/3") with { State = state, IsReleaseUnreadable = true }]);

        Assert.Empty(plan.Due);
        Assert.All(plan.Items, item => Assert.Equal("tag-unreadable", item.Reason.Code));
    }

    [Fact]
    public void Due_NewestWithoutRelease_IsDue()
    {
        var order = Assert.Single(Plan([Ours("1.0.0/3")]).Due);

        Assert.Equal(("release-app_1-0-0-3", "not-released"), (order.ExecutionName, order.Reason.Code));
    }

    [Fact]
    public void Due_TwoBuildsFinishedOutOfOrder_AreBothDueOldestFirst() =>
        Assert.Equal(["1.0.0/9", "1.0.0/10"], Plan([Ours("1.0.0/10"), Ours("1.0.0/9")]).Due.Select(order => order.Build.Version.ToString()));

    [Fact]
    public void Due_HistoryOfAnAdoptedPipeline_IsIgnoredExceptForTheNewest() =>
        Assert.Equal(["not-ours", "not-ours", "not-released"],
            Plan([Sample.Build("1.0.0/1", Sample.Noon), Sample.Build("1.0.0/3", Sample.Noon), Sample.Build("1.0.0/2", Sample.Noon)]).Items
                .Select(item => item.Reason.Code));

    [Theory]
    [InlineData(BuildState.InProgress)]
    [InlineData(BuildState.Deprecated)]
    [InlineData(BuildState.Deleted)]
    [InlineData(BuildState.Unknown)]
    public void Due_NotAvailable_IsNotACandidate(BuildState state) => Assert.Empty(Plan([Ours("1.0.0/3") with { State = state }]).Items);

    [Theory]
    [InlineData(ReleaseState.Promoted, "promoted")]
    [InlineData(ReleaseState.Rejected, "rejected")]
    [InlineData(ReleaseState.Overtaken, "overtaken")]
    [InlineData(ReleaseState.RolledBack, "rolled-back")]
    public void Due_CompletedRelease_IsNotRepeated(ReleaseState state, string code) =>
        AssertNo(code, Plan([Marked("1.0.0/3", state, hours: 1000)]));

    [Fact]
    public void Due_StoppedRelease_IsRepeatedUnderANewName()
    {
        var order = Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Running, minutes: 15)]).Due);

        Assert.Equal(("release-app_1-0-0-3_2", 2, "release-stopped"), (order.ExecutionName, order.Attempt, order.Reason.Code));
        AssertNo("release-running", Plan([Marked("1.0.0/3", ReleaseState.Running, minutes: 14)]));
        AssertNo("release-running", Plan([Marked("1.0.0/3", ReleaseState.Running, hours: 300)], running: ["release-app_1-0-0-3"]));
    }

    [Fact]
    public void Due_MarkNamesItsExecution_LooksForThatExecution()
    {
        var build = Marked("1.0.0/3", ReleaseState.Running, hours: 3);
        build = build with { Release = build.Release! with { Why = "release-app_1-0-0-3_7" } };

        AssertNo("release-running", Plan([build], running: ["release-app_1-0-0-3_7"]));
        Assert.Single(Plan([build], running: ["release-app_1-0-0-3"]).Due);
    }

    /// <summary>The image was missing in a Region. Every reconcile looks for it and releases it as soon as it is there.</summary>
    [Fact]
    public void Due_Incomplete_IsReleasedOnceComplete()
    {
        var build = Marked("1.0.0/3", ReleaseState.Missing, hours: 1);
        ReleasePlan With(Digest? there) =>
            Plan([build], places: [new BuildPlace("us-east-1", Sample.Digest(1), false), new BuildPlace("eu-west-1", there, false)]);

        AssertNo("missing", With(null));
        AssertNo("missing", With(Sample.Digest(2)));
        Assert.Equal(("look-again", 2), Assert.Single(With(Sample.Digest(1)).Due) is var order ? (order.Reason.Code, order.Attempt) : default);
        Assert.Equal(["overtaken", "promoted"], Plan([build, Marked("1.0.0/4", ReleaseState.Promoted, hours: 1)]).Items.Select(item => item.Reason.Code));
    }

    /// <summary>A conflict that a plan can find delays the release while it lasts; other failures are retried at growing intervals.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 4)]
    [InlineData(9, 24)]
    public void Due_Failed_IsRetriedAtGrowingIntervalsAndResumed(int attempt, int hours)
    {
        BuildRecord After(double passed)
        {
            var build = Marked("1.0.0/3", ReleaseState.Failed);
            return build with { Release = build.Release! with { Attempt = attempt, At = Sample.Noon.AddHours(-passed), Explicit = true } };
        }

        if (hours > 0)
        {
            AssertNo("release-failed", Plan([After(hours - 0.1)]));
        }

        var order = Assert.Single(Plan([After(hours)]).Due);
        Assert.Equal((attempt + 1, true, true, "try-again"), (order.Attempt, order.Resumes, order.Explicit, order.Reason.Code));
        AssertNo("release-failed", Plan([After(1000)], regions: [Facts("1.0.0/3", ReleaseState.Failed, immutable: true, ("latest", Sample.Digest("other")))]));
        Assert.Single(Plan([After(1000)], regions: [Facts("1.0.0/3", ReleaseState.Failed, immutable: false, ("latest", Sample.Digest("other")))]).Due);
        Assert.Equal(["overtaken", "promoted"], Plan([After(99), Marked("1.0.0/4", ReleaseState.Promoted, hours: 1)]).Items.Select(item => item.Reason.Code));
    }

    /// <summary>The new execution resumes the old one. It stays explicit unless a hold was set after it began.</summary>
    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, -30, true)]
    [InlineData(true, -10, false)]
    [InlineData(false, -30, false)]
    public void Due_StoppedRelease_IsResumedAndStaysExplicitUnlessAHoldIsNewer(bool asked, int? holdMinutes, bool stays)
    {
        var build = Marked("1.0.0/3", ReleaseState.Running, minutes: 20);
        build = build with { Release = build.Release! with { Explicit = asked } };
        var hold = holdMinutes is { } minutes ? new Hold("incident", HoldScope.Promotion, Sample.Noon.AddMinutes(minutes)) : null;

        var order = Assert.Single(Plan([build], hold: hold).Due);

        Assert.Equal((true, stays), (order.Resumes, order.Explicit));
        Assert.False(Assert.Single(Plan([Ours("1.0.0/3")]).Due).Resumes);
        Assert.False(Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 1)]).Due).Resumes);
    }

    /// <summary>A person asked for a build that is promoted already and has no answer yet.</summary>
    [Theory]
    [InlineData(20, null, null, true)]
    [InlineData(20, -30, null, true)]
    [InlineData(20, -10, null, false)]
    [InlineData(14, null, null, false)]
    [InlineData(300, null, "release-app_1-0-0-3", false)]
    [InlineData(300, null, "release-app_1-0-0-3_again-2", false)]
    [InlineData(300, null, "release-app_1-0-0-33", true)]
    public void Due_ExplicitReleaseOfAPromotedBuildStopped_IsResumed(int minutes, int? holdMinutes, string? runs, bool due)
    {
        var build = Marked("1.0.0/3", ReleaseState.Promoted, minutes: minutes);
        build = build with { Release = build.Release! with { Explicit = true } };
        var hold = holdMinutes is { } set ? new Hold("incident", HoldScope.Promotion, Sample.Noon.AddMinutes(set)) : null;

        var orders = Plan([build], hold, running: runs is null ? null : [runs]).Due.ToList();

        Assert.Equal(due ? [("release-app_1-0-0-3_2", true, true)] : [], orders.Select(order => (order.ExecutionName, order.Resumes, order.Explicit)));
    }

    /// <summary>The locations of a promoted build's tags, and the execution that they require.</summary>
    [Theory]
    [InlineData("1.0.0-4 latest", "", "promoted", false)]
    [InlineData("1.0.0-4", "", "tag-gone", true)]
    [InlineData("latest", "", "tag-gone", true)]
    [InlineData("1.0.0-4", "latest", "tag-elsewhere", true)]
    [InlineData("1.0.0-4", "", "held", false, false, true)]
    [InlineData("latest", "", "tag-gone", true, false, true)]
    [InlineData("1.0.0-4", "latest", "obstructed", false, true)]
    public void Due_TagOfAPromotedBuildIsMissingOrElsewhere_IsRestored(
        string mine, string others, string code, bool due, bool immutable = false, bool held = false)
    {
        var tags = mine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(tag => (tag, Sample.Digest("1.0.0/4")))
            .Concat(others.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(tag => (tag, Sample.Digest("other")))).ToArray();
        var hold = held ? new Hold("incident 7", HoldScope.Promotion) : null;
        var facts = Facts("1.0.0/4", ReleaseState.Promoted, immutable, tags) with { Hold = hold };

        var item = Assert.Single(Plan([Marked("1.0.0/4", ReleaseState.Promoted, hours: 5)], hold, regions: [facts]).Items);

        Assert.Equal((code, due), (item.Reason.Code, item.Order is not null));
        Assert.True(item.Order is null || item.Order is { Resumes: true, IsRollback: false });
        Assert.True(item.Order is null
            || !Plan([Marked("1.0.0/4", ReleaseState.Promoted, hours: 5)], hold, [item.Order.ExecutionName, "release-app_1-0-0-4"], regions: [facts]).Due
                .Any());
    }

    /// <summary>A release that begins while a Region does not answer would fail every hour; promoted builds are maintained in the other Regions.</summary>
    [Theory]
    [InlineData(null, false, false)]
    [InlineData(ReleaseState.Running, false, false)]
    [InlineData(ReleaseState.Failed, false, false)]
    [InlineData(ReleaseState.Held, false, false)]
    [InlineData(ReleaseState.Promoted, false, true)]
    [InlineData(ReleaseState.Promoted, true, false)]
    public void Due_UnreadableRegion_DelaysWorkThatNeedsAllRegions(ReleaseState? state, bool isExplicit, bool due)
    {
        var build = Sample.Build("1.0.0/4", Sample.Noon.AddHours(-9)) with
        {
            Digest = Sample.Digest("1.0.0/4"),
            Release = state is { } mark ? new ReleaseMark(mark, 1, Sample.Noon.AddHours(-5), "release-app_1-0-0-4", isExplicit) : null,
        };
        var region = Facts("1.0.0/4", ReleaseState.Promoted, false, [("1.0.0-4", Sample.Digest("1.0.0/4"))]) with { Builds = [build] };
        var facts = new ReleaseFacts(Sample.App(), [build], null, new HashSet<string>(), Sample.Noon)
        {
            Regions = state == ReleaseState.Promoted
                ? new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>> { [build.Version] = [region] }
                : new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>>(),
        };

        Assert.NotNull(Assert.Single(ReleasePlanner.Due(facts).Items).Order);
        var item = Assert.Single(ReleasePlanner.Due(facts with { UnreadRegions = new Dictionary<string, string> { ["us-east-1"] = "503" } }).Items);

        Assert.Equal(due, item.Order is not null);
        Assert.True(due || item.Reason.Is(ReasonCode.RegionUnreadable));
    }

    [Theory]
    [InlineData("1.0.0-2 latest", ReleaseState.RolledBack, 30, "rolled-back-to", false)]
    [InlineData("1.0.0-2 latest", ReleaseState.Promoted, 30, "rollback-stopped", true)]
    [InlineData("1.0.0-2", ReleaseState.RolledBack, 30, "tag-gone", true)]
    [InlineData("1.0.0-2", ReleaseState.RolledBack, 14, "rollback-running", false)]
    [InlineData("1.0.0-2", ReleaseState.RolledBack, 300, "rollback-running", false, "rollback-app")]
    public void Due_StoppedRollback_IsResumed(string tags, ReleaseState newer, int minutes, string code, bool due, params string[] running)
    {
        var hold = new Hold("Rolled back", HoldScope.Promotion, Sample.Noon.AddDays(-1),
            new RollbackRecord(Sample.Version("1.0.0/2"), "rollback-app", Sample.Noon.AddMinutes(-minutes)));
        BuildRecord[] builds = [Marked("1.0.0/2", ReleaseState.Promoted, hours: 9), Marked("1.0.0/4", newer, hours: 5)];
        var facts = Facts("1.0.0/2", ReleaseState.Promoted, false, [.. tags.Split(' ').Select(tag => (tag, Sample.Digest("1.0.0/2")))]) with
        {
            Hold = hold,
            Builds = builds
        };

        var item = Plan(builds, hold, running, regions: [facts]).Items[0];

        Assert.Equal((code, due), (item.Reason.Code, item.Order is not null));
        Assert.True(item.Order is null || item.Order is { Resumes: true, IsRollback: true });
    }

    [Fact]
    public void Due_ExecutionIsRunning_IsNotDue() => AssertNo("release-running", Plan([Ours("1.0.0/3")], running: ["release-app_1-0-0-3"]));

    [Fact]
    public void Due_Blocked_IsCheckedAgainAfterTheRecheckTime()
    {
        AssertNo("blocked", Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 23)], gate: new GateRules()));
        Assert.Equal("recheck", Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 24)], gate: new GateRules()).Due).Reason.Code);
        Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 1)]).Due);
    }

    [Fact]
    public void Due_BlockedAndOvertaken_IsNotDue() =>
        Assert.Equal(["blocked-overtaken", "promoted"],
            Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 99), Marked("1.0.0/4", ReleaseState.Promoted, hours: 1)]).Items
                .Select(item => item.Reason.Code));

    [Fact]
    public void Due_Held_WaitsForTheEndOfTheHold()
    {
        AssertNo("held", Plan([Marked("1.0.0/3", ReleaseState.Held, hours: 1)], hold: new Hold("rolled back", HoldScope.Promotion)));
        Assert.Equal("hold-ended", Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Held, hours: 1)]).Due).Reason.Code);
    }

    [Fact]
    public void Names_AreMadeFromFacts() =>
        Assert.Equal("rollback-app_1-0-0-3_20260304T120000", ReleaseName.ForRollback("app", Sample.Version("1.0.0/3"), Sample.Noon));

    private static BuildRecord Ours(string version) => Sample.Build(version, Sample.Noon) with { Cause = "first" };

    private static BuildRecord Marked(string version, ReleaseState state, int hours = 0, int minutes = 0) =>
        Ours(version) with
        {
            Digest = state == ReleaseState.Missing ? null : Sample.Digest(version),
            Release = new ReleaseMark(state, 1, Sample.Noon.AddHours(-hours).AddMinutes(-minutes))
        };

    private static ReleasePlan Plan(
        BuildRecord[] builds, Hold? hold = null, string[]? running = null, GateRules? gate = null, BuildPlace[]? places = null,
        PromotionFacts[]? regions = null) =>
        ReleasePlanner.Due(
            new ReleaseFacts(Sample.App(promote: new PromotionRules { Gate = gate, FloatingTags = [TagTemplate.Parse("latest")] }), builds, hold,
                (running ?? []).ToHashSet(), Sample.Noon)
            {
                Places = places is null
                ? new Dictionary<ImageVersion, IReadOnlyList<BuildPlace>>()
                : new Dictionary<ImageVersion, IReadOnlyList<BuildPlace>> { [builds[0].Version] = places },
                Regions = (regions ?? []).GroupBy(facts => facts.Candidate.Version)
                .ToDictionary(facts => facts.Key, IReadOnlyList<PromotionFacts> (facts) => [.. facts]),
            });

    /// <summary>One Region as a promotion of that build reads it.</summary>
    private static PromotionFacts Facts(string version, ReleaseState state, bool immutable, params (string Tag, Digest Digest)[] tags) => new()
    {
        Image = Sample.App(promote: new PromotionRules { FloatingTags = [TagTemplate.Parse("latest")] }),
        Candidate = new Candidate(Sample.Version(version), Sample.Digest(version), Sample.Noon),
        Region = "eu-west-1",
        Repository = new RepositoryFacts(true, new TagMutability(immutable, []), tags.ToDictionary(tag => tag.Tag, tag => tag.Digest)),
        Versions = new Dictionary<Digest, ImageVersion> { [Sample.Digest(version)] = Sample.Version(version) },
        Builds = [Marked(version, state, hours: 5)],
        Now = Sample.Noon,
    };

    private static void AssertNo(string code, ReleasePlan plan)
    {
        Assert.Empty(plan.Due);
        Assert.Equal(code, Assert.Single(plan.Items).Reason.Code);
    }
}
