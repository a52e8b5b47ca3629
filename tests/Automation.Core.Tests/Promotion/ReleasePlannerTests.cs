using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ReleasePlannerTests
{
    [Fact]
    public void Due_NewestWithoutRelease_IsDue()
    {
        var order = Assert.Single(Plan([Ours("1.0.0/3")]).Due);

        Assert.Equal(("release-app-1.0.0-3", "not-released"), (order.ExecutionName, order.Reason.Code));
    }

    [Fact]
    public void Due_TwoFinishedOutOfOrder_BothAreDue_OldestFirst() =>
        Assert.Equal(["1.0.0/9", "1.0.0/10"], Plan([Ours("1.0.0/10"), Ours("1.0.0/9")]).Due.Select(order => order.Build.Version.ToString()));

    [Fact]
    public void Due_HistoryOfAnAdoptedPipeline_IsLeftAlone_ButItsNewest() =>
        Assert.Equal(["not-ours", "not-ours", "not-released"],
            Plan([Some.Build("1.0.0/1", Some.Noon), Some.Build("1.0.0/3", Some.Noon), Some.Build("1.0.0/2", Some.Noon)]).Items.Select(item => item.Reason.Code));

    [Theory]
    [InlineData(BuildState.Failed)]
    [InlineData(BuildState.Cancelled)]
    [InlineData(BuildState.InProgress)]
    [InlineData(BuildState.Deprecated)]
    [InlineData(BuildState.Deleted)]
    [InlineData(BuildState.Unknown)]
    public void Due_WhatIsNotAvailable_IsNoCandidate(BuildState state) => Assert.Empty(Plan([Ours("1.0.0/3") with { State = state }]).Items);

    [Theory]
    [InlineData(ReleaseState.Promoted, "promoted")]
    [InlineData(ReleaseState.Rejected, "rejected")]
    [InlineData(ReleaseState.Failed, "release-failed")]
    [InlineData(ReleaseState.Overtaken, "overtaken")]
    public void Due_ReleaseThatIsOver_IsNotRepeated(ReleaseState state, string code) =>
        AssertNo(code, Plan([Marked("1.0.0/3", state, hours: 1000)]));

    [Fact]
    public void Due_ReleaseThatStoppedHalfWay_IsRepeatedUnderANewName()
    {
        var build = Marked("1.0.0/3", ReleaseState.Running, hours: 1);

        Assert.Equal("release-app-1.0.0-3.2", Assert.Single(Plan([build], ended: ["release-app-1.0.0-3"]).Due).ExecutionName);
        Assert.Equal("release-app-1.0.0-3.2", Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Running, hours: 3)]).Due).ExecutionName);
        AssertNo("release-running", Plan([build]));
        AssertNo("release-running", Plan([Marked("1.0.0/3", ReleaseState.Running, hours: 3)], running: ["release-app-1.0.0-3"]));
    }

    [Fact]
    public void Due_ExecutionThatEndedBeforeItMarkedTheBuild_IsRepeated() =>
        Assert.Equal("release-app-1.0.0-3.3",
            Assert.Single(Plan([Ours("1.0.0/3")], ended: ["release-app-1.0.0-3", "release-app-1.0.0-3.2"]).Due).ExecutionName);

    [Fact]
    public void Due_ExecutionRunsAlready_IsNotDue() => AssertNo("release-running", Plan([Ours("1.0.0/3")], running: ["release-app-1.0.0-3"]));

    [Fact]
    public void Due_Blocked_IsLookedAtAgainAfterTheRecheckTime()
    {
        AssertNo("blocked", Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 23)], gate: new GateRules()));
        Assert.Equal("recheck", Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 24)], gate: new GateRules()).Due).Reason.Code);
        Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 1)]).Due);
    }

    [Fact]
    public void Due_BlockedAndOvertaken_IsOver() =>
        Assert.Equal(["blocked-overtaken", "promoted"],
            Plan([Marked("1.0.0/3", ReleaseState.Blocked, hours: 99), Marked("1.0.0/4", ReleaseState.Promoted, hours: 1)]).Items.Select(item => item.Reason.Code));

    [Fact]
    public void Due_Held_WaitsForTheHoldToGo()
    {
        AssertNo("held", Plan([Marked("1.0.0/3", ReleaseState.Held, hours: 1)], hold: new Hold("rolled back", HoldScope.Promotion)));
        Assert.Equal("hold-ended", Assert.Single(Plan([Marked("1.0.0/3", ReleaseState.Held, hours: 1)]).Due).Reason.Code);
    }

    [Fact]
    public void Names_AreMadeFromFacts()
    {
        Assert.Equal("rollback-app-1.0.0-3-20260304T120000", ReleaseName.ForRollback("app", Some.Version("1.0.0/3"), Some.Noon));
        Assert.Equal("prune-app-20260304", Core.Retention.PruneName.For("app", new DateOnly(2026, 3, 4)));
    }

    private static BuildRecord Ours(string version) => Some.Build(version, Some.Noon) with { Cause = "first" };

    private static BuildRecord Marked(string version, ReleaseState state, int hours) =>
        Ours(version) with { Release = new ReleaseMark(state, 1, Some.Noon.AddHours(-hours)) };

    private static ReleasePlan Plan(BuildRecord[] builds, Hold? hold = null, string[]? running = null, string[]? ended = null, GateRules? gate = null) =>
        ReleasePlanner.Due(new ReleaseFacts(Some.App(promote: new PromotionRules { Gate = gate }), builds, hold,
            (running ?? []).ToHashSet(), (ended ?? []).ToHashSet(), Some.Noon));

    private static void AssertNo(string code, ReleasePlan plan)
    {
        Assert.Empty(plan.Due);
        Assert.Equal(code, Assert.Single(plan.Items).Reason.Code);
    }
}
