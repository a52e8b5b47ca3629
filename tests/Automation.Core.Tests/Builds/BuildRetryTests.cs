using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Schedules;
using static Automation.Core.Tests.Builds.BuildSample;

namespace Automation.Core.Tests.Builds;

/// <summary>Builds that failed or were cancelled: when they are retried, and when not.</summary>
public sealed class BuildRetryTests
{
    [Theory]
    [InlineData(1, 15)]
    [InlineData(2, 30)]
    [InlineData(3, 60)]
    [InlineData(9, 1440)]
    public void Decide_AfterFailures_PausesLongerEachTime(int failures, int minutes)
    {
        var builds = Enumerable.Range(1, failures).Select(i => Failed($"1.0.0/{i}", -200 + i)).ToList();
        var facts = Facts(new BuildRules { MaxAttempts = 10 }) with { Builds = builds };
        facts = facts with { Base = facts.Base! with { PushedAt = Now.AddDays(-1) } };
        var ended = builds[^1].FinishedAt!.Value;

        Assert.Equal(ended.AddMinutes(minutes), NotYet(facts with { Now = ended }).Until);
        Assert.Equal(failures + 1, Start(facts with { Now = ended.AddMinutes(minutes) }).Order.Attempt);
    }

    /// <summary>Image Builder does not say when a build ended. The pause begins with the announcement, not before.</summary>
    [Fact]
    public void Decide_FailureNotYetAnnounced_PausesFromNowOn()
    {
        var failed = Failed("1.0.0/1", -90) with { FinishedAt = null };
        var facts = Facts() with { Builds = [failed] };

        Assert.Equal(("retry-pause", Now.AddMinutes(15)), (NotYet(facts).Reasons[0].Code, NotYet(facts).Until));
        var told = BuildTags.Read(failed, BuildTags.Write(new ReleaseMark(ReleaseState.Failed, 1, Now.AddMinutes(-10))));
        Assert.Equal(Now.AddMinutes(5), NotYet(facts with { Builds = [told] }).Until);
        Assert.Null(
            BuildTags.Read(Sample.Build("1.0.0/1", Now) with { FinishedAt = null }, BuildTags.Write(new ReleaseMark(ReleaseState.Failed, 1, Now))).FinishedAt);
    }

    /// <summary>If another build is stuck, that is another incident.</summary>
    [Fact]
    public void Decide_OnlyAPersonCanHelp_IsStuckAtTheLastBuild()
    {
        var exhausted = Facts() with { Builds = [Failed("1.0.0/1", -900), Failed("1.0.0/2", -800), Failed("1.0.0/3", -700)] };
        var disabled = Facts() with { Builds = [Failed("1.0.0/1", -900)], Pipeline = Pipeline() with { Enabled = false, DisabledAfter = 5 } };

        Assert.Equal("1.0.0/3", Stuck(exhausted));
        Assert.Equal("1.0.0/1", Stuck(Facts() with { Builds = [Failed("1.0.0/1", -900) with { FailureKind = FailureKind.Permanent }] }));
        Assert.Equal("1.0.0/1", Stuck(disabled));
        Assert.Null(Stuck(disabled with { Pipeline = disabled.Pipeline with { DisabledAfter = null } }));
        Assert.Null(Stuck(Facts() with { Builds = [Done("1.0.0/1", -60, A)] }));

        static string? Stuck(BuildFacts facts) => Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts)).Stuck?.At;
    }

    [Fact]
    public void Decide_AfterAFailure_NamesTheFailure() => Assert.StartsWith(
        "1.0.0/1 failed: out of capacity; the pause of 15 minutes",
        NotYet(Facts() with { Builds = [Failed("1.0.0/1", -1) with { FailureReason = "out of capacity", FinishedAt = null }] }).Reasons[0].Text,
        StringComparison.Ordinal);

    /// <summary>A cancellation is a person's refusal, so the build is not retried.</summary>
    [Fact]
    public void Decide_CancelledByAPerson_IsNotRetriedAndNotStuck()
    {
        var cancelled = Facts() with { Builds = [Failed("1.0.0/1", -900), Cancelled("1.0.0/2", -800)] };

        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(cancelled));
        Assert.Equal(("cancelled", null), (no.Reasons[0].Code, no.Stuck));
        Assert.Contains("automation build app", no.Reasons[0].Text, StringComparison.Ordinal);
    }

    /// <summary>Until there is a new cause, or a person requests it.</summary>
    [Fact]
    public void Decide_NewCauseOrRequestAfterCancellation_Builds()
    {
        var cancelled = Facts() with { Builds = [Cancelled("1.0.0/1", -900)] };

        Start(cancelled with { Manual = new ManualRequest("r1", "ann") });
        Start(cancelled with { Pipeline = Pipeline() with { RecipeVersion = RecipeVersion.Parse("1.1.0") } });
        Start(cancelled with { Base = cancelled.Base! with { Digest = B, PushedAt = Now.AddHours(-2) } });
        Start(cancelled with { Image = Sample.App() with { Build = new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") } } });
    }

    /// <summary>A person requested it after all, so its failure is retried like any other.</summary>
    [Fact]
    public void Decide_RequestAfterCancellationFailed_IsRetried() => Assert.Equal("retry-pause", NotYet(
        Facts() with { Builds = [Cancelled("1.0.0/1", -900), Failed("1.0.0/2", -1) with { Cause = "manual:r1" }] }).Reasons[0].Code);

    [Fact]
    public void Decide_AttemptsExhausted_SaysNo() => AssertNo("attempts-exhausted",
        Facts() with { Builds = [Failed("1.0.0/1", -900), Failed("1.0.0/2", -800), Failed("1.0.0/3", -700)] });

    [Fact]
    public void Decide_PermanentFailure_IsNotRetried() => AssertNo("permanent-failure",
        Facts() with { Builds = [Failed("1.0.0/1", -900) with { FailureKind = FailureKind.Permanent }] });

    [Fact]
    public void Decide_FailuresOfAnotherBase_DoNotCount() => Assert.Equal(1,
        Start(Facts() with { Builds = [Failed("1.0.0/1", -900, B) with { FailureKind = FailureKind.Permanent }] }).Order.Attempt);

    [Fact]
    public void Decide_NewRecipeAfterAPermanentFailure_Starts()
    {
        var facts = Facts() with
        {
            Pipeline = Pipeline() with { RecipeVersion = new RecipeVersion(1, 0, 1) },
            Builds = [Done("1.0.0/1", -900, B), Failed("1.0.0/2", -800) with { FailureKind = FailureKind.Permanent }],
        };

        Assert.Equal(["new-base-digest", "new-recipe-version"], Start(facts).Reasons.Select(reason => reason.Code));
        Assert.Equal(new BuildCause.NewRecipe(new RecipeVersion(1, 0, 1)), Start(facts with { Base = null }).Order.Cause);
    }

    /// <summary>Another recipe is another input, so failures of the previous one do not count, whatever the cause is.</summary>
    [Theory]
    [InlineData("base", FailureKind.Permanent)]
    [InlineData("base", FailureKind.Transient)]
    [InlineData("first", FailureKind.Permanent)]
    [InlineData("slot", FailureKind.Permanent)]
    [InlineData("request", FailureKind.Transient)]
    public void Decide_OnlyOlderRecipeFailed_StartsWithTheNewRecipe(string cause, FailureKind kind)
    {
        var facts = Facts(cause == "slot" ? new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") } : null) with
        {
            Pipeline = Pipeline() with { RecipeVersion = new RecipeVersion(1, 0, 1) },
            Manual = cause == "request" ? new ManualRequest("r1", "ann") : null,
        };
        facts = facts with { Base = cause is "first" or "slot" ? null : facts.Base };
        var failed = Enumerable.Range(1, 3).Select(i => Failed($"1.0.0/{i}", -900 + i) with
        {
            FailureKind = kind,
            Slot = cause == "slot" ? Now.AddHours(-12) : null,
            Cause = cause == "request" ? "manual:r1" : "base:x",
        });

        Assert.Equal(4, Start(facts with { Builds = [.. failed] }).Order.Attempt);
        Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Pipeline = Pipeline(), Builds = [.. failed] }));
    }
}
