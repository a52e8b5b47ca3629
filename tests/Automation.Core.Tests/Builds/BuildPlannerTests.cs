using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Schedules;
using static Automation.Core.Tests.Builds.BuildSample;

namespace Automation.Core.Tests.Builds;

/// <summary>When a build starts, waits or does not start.</summary>
public sealed class BuildPlannerTests
{
    [Fact]
    public void Decide_NeverBuilt_StartsFromTheBase()
    {
        var start = Start(Facts());

        Assert.Equal("never-built", start.Reasons[0].Code);
        Assert.Equal(new BuildCause.NewBase(A), start.Order.Cause);
        Assert.Equal($"build-app_{A.Short12}_1", start.Order.ExecutionName);
        Assert.Equal(36, start.Order.ClientToken.Length);
        Assert.Equal(A.Value, start.Order.Tags[BuildTags.BaseDigest]);
    }

    [Fact]
    public void Decide_BaseAlreadyBuilt_SaysNo() => AssertNo("base-already-built", Facts() with { Builds = [Done("1.0.0/1", -60, A)] });

    [Fact]
    public void Decide_BaseIsBeingBuilt_SaysNo() =>
        AssertNo("already-building", Facts() with { Builds = [Done("1.0.0/1", -60, A) with { State = BuildState.InProgress }] });

    [Fact]
    public void Decide_BaseBuiltAndImageDeprecatedSince_SaysNo() =>
        AssertNo("base-already-built", Facts() with { Builds = [Done("1.0.0/1", -60, A) with { State = BuildState.Deprecated }] });

    [Fact]
    public void Decide_NewBaseDigest_Starts()
    {
        var start = Start(Facts() with { Builds = [Done("1.0.0/1", -600, B)] });

        Assert.Equal("new-base-digest", start.Reasons[0].Code);
        Assert.Contains(B.Short12, start.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_PreviousBaseReturns_BuildsAgainUnderANewName()
    {
        var facts = Facts() with { Builds = [Done("1.0.0/1", -900, A), Done("1.0.0/2", -600, B)] };

        Assert.Equal($"build-app_{A.Short12}_2", Start(facts).Order.ExecutionName);
    }

    /// <summary>A digest that was pushed long ago may have received the tag after that build began, which ECR does not show. One build settles it.</summary>
    [Theory]
    [InlineData(-60)]
    [InlineData(-600)]
    public void Decide_ForeignBuildWithoutBaseDigest_BuildsOnce(int minutes)
    {
        var facts = Facts() with { Builds = [Done("1.0.0/1", minutes, null)] };

        Assert.Equal("base-unknown", Start(facts).Reasons[0].Code);
        Assert.Equal("build-in-progress", NotYet(facts with { Builds = [facts.Builds[0] with { State = BuildState.InProgress }] }).Reasons[0].Code);
        AssertNo("base-already-built", facts with { Builds = [.. facts.Builds, Done("1.0.0/2", -30, A)] });
    }

    [Fact]
    public void Decide_ForeignBuildAfterOneFromTheSameBase_SaysNo()
    {
        var facts = Facts() with { Builds = [Done("1.0.0/1", -600, A), Done("1.0.0/2", -60, null)] };

        AssertNo("base-already-built", facts);
        Assert.Equal("base-unknown", Start(facts with { Builds = [Done("1.0.0/1", -600, B), facts.Builds[1]] }).Reasons[0].Code);
    }

    [Fact]
    public void Decide_OtherBuildIsRunning_Waits()
    {
        var wait = NotYet(Facts() with { Builds = [Done("1.0.0/1", -600, B) with { State = BuildState.InProgress }] });

        Assert.Equal("build-in-progress", wait.Reasons[0].Code);
        Assert.Equal(Now + BuildPlanner.CheckAgain, wait.Until);
    }

    [Fact]
    public void Decide_BuildInUnknownState_StartsNoOtherBuild() =>
        Assert.Equal("build-state-unknown", NotYet(Facts() with { Builds = [Done("1.0.0/1", -600, B) with { State = BuildState.Unknown }] }).Reasons[0].Code);

    /// <summary>The longest execution lasts 30 days, and its history has at most 25,000 events. One check with a refused start takes 15 of them.</summary>
    [Fact]
    public void LookAgainAfter_ThirtyDays_FitsTheHistory()
    {
        var looks = 0;
        for (var waited = TimeSpan.Zero; waited < TimeSpan.FromDays(30); waited += BuildPlanner.CheckAgainAfter(waited))
        {
            looks++;
        }

        Assert.InRange(looks * 15, 1, 15_000);
    }

    [Fact]
    public void Decide_OlderRecipe_SaysNo() => AssertNo("base-already-built", Facts() with { Builds = [Done("1.1.0/1", -60, A)] });

    [Fact]
    public void Decide_SlotIsDue_StartsOnceForIt()
    {
        var rules = new BuildRules { Schedule = ScheduleExpression.Parse("cron(0 3 ? * * *)") };
        var facts = Facts(rules) with { Builds = [Done("1.0.0/1", -700, A)] };
        var slot = Now.AddHours(-9);

        var start = Start(facts);

        Assert.Equal(new BuildCause.ScheduledSlot(slot), start.Order.Cause);
        Assert.Equal("build-app_20260304T0300_1", start.Order.ExecutionName);
        AssertNo("base-already-built", facts with { Builds = [Done("1.0.0/1", -700, A), Done("1.0.0/2", -530, A)] });
        AssertNo("base-already-built", facts with { Builds = [Done("1.0.0/1", -700, A) with { Slot = slot }] });
    }

    [Fact]
    public void Decide_SlotAndNewBase_OneBuildCoversBoth()
    {
        var start = Start(Facts(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") }) with { Builds = [Done("1.0.0/1", -2000, B)] });

        Assert.Equal(["new-base-digest", "schedule-slot"], start.Reasons.Select(reason => reason.Code));
        Assert.Equal(Now.AddHours(-12), start.Order.Slot);
    }

    [Fact]
    public void Decide_Request_BuildsOnce()
    {
        var facts = Facts() with { Manual = new ManualRequest("r1", "ann"), Builds = [Done("1.0.0/1", -60, A)] };

        Assert.Equal("build-app_manual-r1_1", Start(facts).Order.ExecutionName);
        AssertNo("request-done", facts with { Builds = [Done("1.0.0/2", -60, A) with { Cause = "manual:r1" }] });
    }

    [Theory]
    [InlineData(HoldScope.Everything, false)]
    [InlineData(HoldScope.Promotion, true)]
    public void Decide_Hold_StopsBuildsOnlyIfItHoldsEverything(HoldScope scope, bool starts)
    {
        var facts = Facts() with { Pipeline = Pipeline() with { Hold = new Hold("bad release", scope) } };

        if (starts)
        {
            Assert.Contains(Start(facts).Reasons, reason => reason.Code == "promotion-held");
        }
        else
        {
            AssertNo("held", facts);
            Start(facts with { Manual = new ManualRequest("r1", "ann") });
        }
    }

    [Fact]
    public void Decide_DisabledPipeline_SaysNoEvenToARequest() => AssertNo("pipeline-disabled",
        Facts() with { Pipeline = Pipeline() with { Enabled = false }, Manual = new ManualRequest("r1", "ann") });

    [Fact]
    public void Decide_CycleAtRunTime_SaysNo() => AssertNo("lineage-cycle", Facts() with { Cycle = ["app", "runtime", "app"] });

    [Fact]
    public void Decide_DistributionMovesAFloatingTag_BuildsAndWarns()
    {
        var facts = Facts() with { Pipeline = Pipeline() with { DistributionArn = "arn:theirs", ContainerTags = ["edge", "latest", "1.0"] } };

        Assert.Contains(Start(facts).Reasons, reason => reason.Code == "gate-bypassed");
        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Builds = [Done("1.0.0/1", -60, A)] }));
        Assert.Equal(("gate-bypassed",
            "the distribution configuration arn:theirs puts 1.0, latest on every build before any gate: remove them from its containerTags, or from \"floatingTags\" of app in the catalog"), (no.Reasons[^1].Code, no.Reasons[^1].Text));
        Assert.Null(no.Stuck);
        Assert.Null(BuildPlanner.Bypass(facts with { Pipeline = facts.Pipeline with { ContainerTags = ["edge"] } }));
    }

    [Fact]
    public void Decide_PipelineIsMissing_IsStuckAndSaysWhatToDo()
    {
        var facts = Facts() with { Pipeline = PipelineFacts.Missing("theirs"), Image = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs") } };

        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Manual = new ManualRequest("r1", "ann") }));

        Assert.Equal(("theirs", "pipeline-missing"), (no.Stuck!.At, Assert.Single(no.Reasons).Code));
        Assert.Contains("change \"pipeline\" of app in the catalog and deploy", no.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_PipelineHasAnotherRecipeThanTheCatalog_IsStuckAndNamesBoth()
    {
        var facts = Facts() with
        {
            Pipeline = Pipeline() with { Recipe = "new" },
            Image = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs", "old") }
        };

        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Manual = new ManualRequest("r1", "ann") }));

        Assert.Equal(("new", "recipe-differs"), (no.Stuck!.At, Assert.Single(no.Reasons).Code));
        Assert.Contains("names recipe old", no.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Contains("builds new: change \"recipe\" of app in the catalog and deploy", no.Reasons[0].Text, StringComparison.Ordinal);
        Start(facts with { Pipeline = Pipeline() with { Recipe = "old" } });
        Start(facts with { Image = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs") } });
    }
}
