using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Schedules;
using static Automation.Core.Tests.Builds.BuildSample;

namespace Automation.Core.Tests.Builds;

/// <summary>What a base allows or delays: its age, its changes, its place, and the gate behind its floating tag.</summary>
public sealed class BuildBaseTests
{
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
    public void Decide_UnreadableBase_StillBuildsOnSchedule()
    {
        var facts = Facts() with { Base = null };

        Assert.Equal(new BuildCause.First(), Start(facts).Order.Cause);
        AssertNo("base-unreadable", facts with { Builds = [Done("1.0.0/1", -60, null)] });
    }

    [Fact]
    public void Decide_MissingBase_SaysNo() => AssertNo("base-missing", Facts() with { Base = Facts().Base! with { Digest = null } });

    [Theory]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/other:latest", true)]
    [InlineData("images/runtime:latest", true)] // Docker Hub's
    [InlineData("111122223333.dkr-ecr.eu-west-1.on.aws/images/runtime", false)]
    public void Decide_RecipeHasAnotherBaseThanTheCatalog_SaysSo(string parent, bool differs) => Assert.Equal(differs,
        Start(Facts() with { Pipeline = Pipeline() with { ParentImage = parent } }).Reasons.Any(reason => reason.Code == "base-differs"));

    [Theory]
    [InlineData("debian:bookworm-slim",
        "the base debian:bookworm-slim is on Docker Hub, where pushes cannot be seen; the image is built on its schedule rate(1 day), for a new recipe and on request")]
    [InlineData("public.ecr.aws/x/y:1",
        "the base public.ecr.aws/x/y:1 is in the Amazon ECR Public Gallery, where pushes cannot be seen; the image is built on its schedule rate(1 day), for a new recipe and on request")]
    public void Decide_BaseOutsideEcr_BuildsOnScheduleAndSaysSo(string parent, string says)
    {
        var facts = Facts(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") }) with
        {
            Base = null,
            Pipeline = Pipeline() with { ParentImage = parent }
        };

        var started = Start(facts with { Builds = [Done("1.0.0/1", -2000, null)] });
        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Builds = [Done("1.0.0/1", -60, null)] }));

        Assert.IsType<BuildCause.ScheduledSlot>(started.Order.Cause);
        Assert.Equal(("base-unreadable", says), (no.Reasons[0].Code, no.Reasons[0].Text));
    }

    [Fact]
    public void Decide_BaseOutsideEcrWithoutSchedule_NamesRemainingCauses() => Assert.EndsWith(
        "the image is built for a new recipe and on request",
        BuildPlanner.Decide(
            Facts() with { Base = null, Pipeline = Pipeline() with { ParentImage = "ghcr.io/x/y" }, Builds = [Done("1.0.0/1", -60, null)] }).Reasons[0].Text,
        StringComparison.Ordinal);

    /// <summary>Any build, whatever its cause, would pull the image under the tag.</summary>
    [Theory]
    [InlineData(ReleaseState.Blocked, false)]
    [InlineData(ReleaseState.RolledBack, false)]
    [InlineData(ReleaseState.Promoted, true)]
    public void Decide_BaseUnderAFloatingTag_BuildsOnlyIfItIsPromoted(ReleaseState state, bool starts)
    {
        var owner = new TagOwner(
            Sample.App() with { Name = "runtime" }, [Done("1.0.0/7", -200, null) with { Digest = A, Release = new ReleaseMark(state, 1, Now) }]);
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
        var facts = Facts() with
        {
            Base = Facts().Base! with { Owner = new TagOwner(Sample.App() with { Name = "runtime" }, [Done("1.0.0/7", -5, null)], Sample.Version("1.0.0/7")) }
        };

        foreach (var asked in new[] { facts, facts with { Manual = new ManualRequest("r1", "ann") } })
        {
            var wait = Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(asked));
            Assert.Equal((Now + BuildPlanner.CheckAgain, "base-not-released"), (wait.Until, wait.Reasons[0].Code));
        }
    }

    [Fact]
    public void Decide_UnpromotedWatchedImageUnderAFloatingTag_SaysNo() => AssertNo("base-not-promoted", Facts() with
    {
        Watched = [new WatchedFacts(Watched("images/tool:latest"), new WatchedImage("latest", B, Now.AddHours(-1)))
        {
            Owner = new TagOwner(Sample.App() with { Name = "tool" }, [])
        }],
    });

    private static WatchedTags Watched(string text) => WatchedTags.TryParse(text, out var tags) ? tags : throw new ArgumentException(text);
}
