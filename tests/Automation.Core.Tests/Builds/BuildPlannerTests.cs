using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Tests.Builds;

public sealed class BuildPlannerTests
{
    private static readonly DateTimeOffset Now = Sample.Noon;
    private static readonly Digest A = Sample.Digest("a");
    private static readonly Digest B = Sample.Digest("b");

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

    /// <summary>Image Builder remembers a token for longer than a record exists. The newest build changes with every build.</summary>
    [Fact]
    public void Token_PreviousBaseReturnsAfterItsRecordWasPruned_IsDifferent()
    {
        var first = Start(Facts()).Order;
        var again = Start(Facts() with { Builds = [Done("1.0.0/2", -600, B)] }).Order;

        Assert.Equal((first.Cause, first.Attempt), (again.Cause, again.Attempt));
        Assert.NotEqual(first.ClientToken, again.ClientToken);
    }

    /// <summary>A request and a push in the same second must not become two builds: only one of them gets the token.</summary>
    [Fact]
    public void Token_AnyCauseWithTheSameBuilds_IsTheSame()
    {
        var facts = Facts() with { Builds = [Done("1.0.0/1", -600, B)] };

        var pushed = Start(facts).Order;
        var asked = Start(facts with { Manual = new ManualRequest("r1", "ann"), Now = Now.AddMinutes(1) }).Order;

        Assert.NotEqual(pushed.Cause, asked.Cause);
        Assert.Equal(pushed.ClientToken, asked.ClientToken);
    }

    /// <summary>Two executions that decide on the same builds just before and just after midnight start one build.</summary>
    [Fact]
    public void Token_OnAnotherDay_IsTheSame() =>
        Assert.Equal(Start(Facts()).Order.ClientToken, Start(Facts() with { Now = Now.AddDays(1) }).Order.ClientToken);

    /// <summary>The newest record was deleted by hand: its token is used up, and every execution finds the same next one.</summary>
    [Fact]
    public void TokenAfter_UsedToken_IsDifferentAndTheSameForEveryExecution()
    {
        var first = Start(Facts()).Order;
        var next = BuildPlanner.TokenAfter(first.ClientToken);

        Assert.Equal(36, next.Length);
        Assert.Equal(next, BuildPlanner.TokenAfter(first.ClientToken));
        Assert.Equal(3, new[] { first.ClientToken, next, BuildPlanner.TokenAfter(next) }.Distinct().Count());
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
        Assert.Null(BuildTags.Read(Sample.Build("1.0.0/1", Now) with { FinishedAt = null }, BuildTags.Write(new ReleaseMark(ReleaseState.Failed, 1, Now))).FinishedAt);
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

    private static BuildRecord Cancelled(string version, int minutes) => Failed(version, minutes) with { State = BuildState.Cancelled, FailureReason = null };

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

    [Fact]
    public void Decide_OlderRecipe_SaysNo() => AssertNo("base-already-built", Facts() with { Builds = [Done("1.1.0/1", -60, A)] });

    [Fact]
    public void Decide_YoungBase_WaitsForQuietTime()
    {
        var wait = NotYet(Facts(new BuildRules { QuietMinutes = 200, MaxWaitMinutes = 300 }));

        Assert.Equal(("quiet-time", Now.AddMinutes(100)), (wait.Reasons[0].Code, wait.Until));
    }

    [Fact]
    public void Decide_BaseKeepsChanging_BuildsAfterTheMaximumWait()
    {
        var facts = Facts(new BuildRules { QuietMinutes = 30, MaxWaitMinutes = 60 });
        facts = facts with { Base = facts.Base! with { PushedAt = Now.AddMinutes(-5), WaitingSince = Now.AddMinutes(-50) } };

        Assert.Equal(("longest-wait", Now.AddMinutes(10)), (NotYet(facts).Reasons[0].Code, NotYet(facts).Until));
        Start(facts with { Base = facts.Base! with { WaitingSince = Now.AddMinutes(-60) } });
    }

    [Fact]
    public void WithPushes_WaitCountsFromTheOldestPushWithoutABuild()
    {
        var known = new BaseFacts(ImageReference.Parse("images/runtime:latest"), A, Now.AddMinutes(-5));
        DateTimeOffset[] pushes = [Now.AddMinutes(-5), Now.AddMinutes(-20), Now.AddMinutes(-35), Now.AddMinutes(-90), Now.AddMinutes(-1)];
        BuildRecord[] builds = [Done("1.0.0/1", -60, B), Failed("1.0.0/2", -30)];

        Assert.Equal(Now.AddMinutes(-35), known.WithPushes(pushes, builds, TimeSpan.FromMinutes(60)).WaitingSince);
        Assert.Equal(Now.AddMinutes(-90), known.WithPushes(pushes, [], TimeSpan.FromMinutes(60)).WaitingSince);
        Assert.Equal(Now.AddMinutes(-5), known.WithPushes([], builds, TimeSpan.FromMinutes(60)).WaitingSince);

        // Between 90 and 35 minutes ago the base did not change, so it did not keep changing.
        Assert.Equal(Now.AddMinutes(-35), known.WithPushes(pushes, [], TimeSpan.FromMinutes(20)).WaitingSince);
        Assert.Equal(Now.AddMinutes(-5), known.WithPushes(pushes, [], TimeSpan.FromMinutes(15)).WaitingSince);
    }

    [Fact]
    public void Decide_BaseBelowMinimumAge_DelaysEveryCause()
    {
        var facts = Facts(new BuildRules { MinParentAgeHours = 3, Schedule = ScheduleExpression.Parse("rate(1 hour)") }) with
        {
            Builds = [Done("1.0.0/1", -600, B)],
        };

        Assert.Equal(("base-too-young", Now.AddMinutes(80)), (NotYet(facts).Reasons[0].Code, NotYet(facts).Until));
        Start(facts with { Manual = new ManualRequest("r1", "ann") });
    }

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
    public void Decide_UnreadableBase_StillBuildsOnSchedule()
    {
        var facts = Facts() with { Base = null };

        Assert.Equal(new BuildCause.First(), Start(facts).Order.Cause);
        AssertNo("base-unreadable", facts with { Builds = [Done("1.0.0/1", -60, null)] });
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
    public void Decide_MissingBase_SaysNo() => AssertNo("base-missing", Facts() with { Base = Facts().Base! with { Digest = null } });

    [Fact]
    public void Decide_CycleAtRunTime_SaysNo() => AssertNo("lineage-cycle", Facts() with { Cycle = ["app", "runtime", "app"] });

    [Theory]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/other:latest", true)]
    [InlineData("images/runtime:latest", true)] // Docker Hub's
    [InlineData("111122223333.dkr-ecr.eu-west-1.on.aws/images/runtime", false)]
    public void Decide_RecipeHasAnotherBaseThanTheCatalog_SaysSo(string parent, bool differs) => Assert.Equal(differs,
        Start(Facts() with { Pipeline = Pipeline() with { ParentImage = parent } }).Reasons.Any(reason => reason.Code == "base-differs"));

    [Theory]
    [InlineData("debian:bookworm-slim", "the base debian:bookworm-slim is on Docker Hub, where pushes cannot be seen; the image is built on its schedule rate(1 day), for a new recipe and on request")]
    [InlineData("public.ecr.aws/x/y:1", "the base public.ecr.aws/x/y:1 is in the Amazon ECR Public Gallery, where pushes cannot be seen; the image is built on its schedule rate(1 day), for a new recipe and on request")]
    public void Decide_BaseOutsideEcr_BuildsOnScheduleAndSaysSo(string parent, string says)
    {
        var facts = Facts(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") }) with { Base = null, Pipeline = Pipeline() with { ParentImage = parent } };

        var started = Start(facts with { Builds = [Done("1.0.0/1", -2000, null)] });
        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Builds = [Done("1.0.0/1", -60, null)] }));

        Assert.IsType<BuildCause.ScheduledSlot>(started.Order.Cause);
        Assert.Equal(("base-unreadable", says), (no.Reasons[0].Code, no.Reasons[0].Text));
    }

    [Fact]
    public void Decide_BaseOutsideEcrWithoutSchedule_NamesRemainingCauses() => Assert.EndsWith(
        "the image is built for a new recipe and on request",
        BuildPlanner.Decide(Facts() with { Base = null, Pipeline = Pipeline() with { ParentImage = "ghcr.io/x/y" }, Builds = [Done("1.0.0/1", -60, null)] }).Reasons[0].Text,
        StringComparison.Ordinal);

    /// <summary>Any build, whatever its cause, would pull the image under the tag.</summary>
    [Theory]
    [InlineData(ReleaseState.Blocked, false)]
    [InlineData(ReleaseState.RolledBack, false)]
    [InlineData(ReleaseState.Promoted, true)]
    public void Decide_BaseUnderAFloatingTag_BuildsOnlyIfItIsPromoted(ReleaseState state, bool starts)
    {
        var owner = new TagOwner(Sample.App() with { Name = "runtime" }, [Done("1.0.0/7", -200, null) with { Digest = A, Release = new ReleaseMark(state, 1, Now) }]);
        var facts = Facts(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") });
        facts = facts with { Base = facts.Base! with { Owner = owner }, Builds = [Done("1.0.0/1", -2000, B)] };

        if (starts)
        {
            Start(facts);
            return;
        }

        AssertNo("base-not-promoted", facts);
        AssertNo("base-not-promoted", facts with { Manual = new ManualRequest("r1", "ann") });
    }

    [Fact]
    public void Decide_BaseUnderAFloatingTagWithUndecidedRelease_WaitsEvenForARequest()
    {
        var facts = Facts() with { Base = Facts().Base! with { Owner = new TagOwner(Sample.App() with { Name = "runtime" }, [Done("1.0.0/7", -5, null)], Sample.Version("1.0.0/7")) } };

        foreach (var asked in new[] { facts, facts with { Manual = new ManualRequest("r1", "ann") } })
        {
            var wait = Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(asked));
            Assert.Equal((Now + BuildPlanner.CheckAgain, "base-not-released"), (wait.Until, wait.Reasons[0].Code));
        }
    }

    [Fact]
    public void Decide_UnpromotedWatchedImageUnderAFloatingTag_SaysNo() => AssertNo("base-not-promoted", Facts() with
    {
        Watched = [new WatchedFacts(Watched("images/tool:latest"), new WatchedImage("latest", B, Now.AddHours(-1))) { Owner = new TagOwner(Sample.App() with { Name = "tool" }, []) }],
    });

    [Fact]
    public void Decide_DistributionMovesAFloatingTag_BuildsAndWarns()
    {
        var facts = Facts() with { Pipeline = Pipeline() with { DistributionArn = "arn:theirs", ContainerTags = ["edge", "latest", "1.0"] } };

        Assert.Contains(Start(facts).Reasons, reason => reason.Code == "gate-bypassed");
        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Builds = [Done("1.0.0/1", -60, A)] }));
        Assert.Equal(("gate-bypassed", "the distribution configuration arn:theirs puts 1.0, latest on every build before any gate: remove them from its containerTags, or from \"floatingTags\" of app in the catalog"), (no.Reasons[^1].Code, no.Reasons[^1].Text));
        Assert.Null(no.Stuck);
        Assert.Null(BuildPlanner.Bypass(facts with { Pipeline = facts.Pipeline with { ContainerTags = ["edge"] } }));
    }

    private static WatchedTags Watched(string text) => WatchedTags.TryParse(text, out var tags) ? tags : throw new ArgumentException(text);

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
        var facts = Facts() with { Pipeline = Pipeline() with { Recipe = "new" }, Image = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs", "old") } };

        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Manual = new ManualRequest("r1", "ann") }));

        Assert.Equal(("new", "recipe-differs"), (no.Stuck!.At, Assert.Single(no.Reasons).Code));
        Assert.Contains("names recipe old", no.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Contains("builds new: change \"recipe\" of app in the catalog and deploy", no.Reasons[0].Text, StringComparison.Ordinal);
        Start(facts with { Pipeline = Pipeline() with { Recipe = "old" } });
        Start(facts with { Image = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs") } });
    }

    [Fact]
    public void ExecutionNames_FitEightyCharactersAndStayDistinct()
    {
        var one = ExecutionNames.Fit("build-" + new string('x', 90) + "1");
        var two = ExecutionNames.Fit("build-" + new string('x', 90) + "2");

        Assert.Equal((80, 80), (one.Length, two.Length));
        Assert.NotEqual(one, two);
        Assert.NotEqual(ExecutionNames.Fit("a b"), ExecutionNames.Fit("a/b"));
        Assert.Equal("release-app_1-0-0-3_again-2", ExecutionNames.Again("release-app_1-0-0-3", 2));
    }

    [Fact]
    public void Tags_OfABuildRequest_AreReadBackAsTheBuild()
    {
        var order = Start(Facts(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") })).Order;

        var record = BuildTags.Read(Sample.Build("1.0.0/1", Now, BuildState.InProgress), order.Tags);

        Assert.Equal((order.BaseDigest, order.Cause.Key, order.Slot, order.Attempt), (record.BaseDigest, record.Cause, record.Slot, record.Attempt));
        AssertNo("already-building", Facts() with { Builds = [record] });
    }

    [Fact]
    public void Tags_Unreadable_ChangeNothing()
    {
        var record = Sample.Build("1.0.0/1", Now);

        Assert.Equal(record, BuildTags.Read(record, new Dictionary<string, string>
        {
            [BuildTags.BaseDigest] = "sha256:x",
            [BuildTags.Slot] = "soon",
            [BuildTags.Attempt] = "-1",
            [BuildTags.Release] = "7",
            [BuildTags.PromotedAt] = "",
        }) with
        { Unreadable = record.Unreadable });
        Assert.Equal(HoldScope.Everything, BuildTags.ReadHold(new Dictionary<string, string> { [BuildTags.Hold] = "x", [BuildTags.HoldScope] = "?" })!.Scope);
        Assert.Null(BuildTags.ReadHold(new Dictionary<string, string>()));
    }

    [Fact]
    public void Tags_OfHoldAndRelease_AreReadBack()
    {
        var hold = new Hold("bad (really) release", HoldScope.Promotion, Now);
        var mark = new ReleaseMark(ReleaseState.Promoted, 2, Now, "all stand");

        Assert.Equal(hold, BuildTags.ReadHold(BuildTags.Write(hold)));
        var record = BuildTags.Read(Sample.Build("1.0.0/1", Now), BuildTags.Write(mark, A));
        Assert.Equal((mark, Now, A), (record.Release, record.PromotedAt, record.Digest));
    }

    private static PipelineFacts Pipeline() => new("arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/app", "app", true,
        new RecipeVersion(1, 0, 0), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest");

    /// <summary>There is no build yet; the base was pushed 100 minutes ago.</summary>
    private static BuildFacts Facts(BuildRules? rules = null) => new()
    {
        Image = Sample.App(rules),
        Pipeline = Pipeline(),
        Base = new BaseFacts(ImageReference.Parse("images/runtime:latest"), A, Now.AddMinutes(-100)),
        Now = Now,
    };

    private static BuildRecord Done(string version, int minutes, Digest? from) => Sample.Build(version, Now.AddMinutes(minutes)) with
    {
        BaseDigest = from,
        Cause = from is null ? null : "base:" + from.Value,
    };

    private static BuildRecord Failed(string version, int minutes, Digest? from = null) =>
        Done(version, minutes, from ?? A) with { State = BuildState.Failed, FailureReason = "exit code 1" };

    private static BuildDecision.Start Start(BuildFacts facts) => Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(facts));

    private static BuildDecision.NotYet NotYet(BuildFacts facts) => Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(facts));

    private static void AssertNo(string code, BuildFacts facts) =>
        Assert.Equal(code, Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts)).Reasons[0].Code);
}
