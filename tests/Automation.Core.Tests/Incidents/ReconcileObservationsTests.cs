using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Incidents;

public sealed class ReconcileObservationsTests
{
    private static readonly PipelineFacts Pipeline = new("arn:pipeline/app", "app", true, new RecipeVersion(1, 0, 0), "images/runtime:latest");

    [Theory]
    [InlineData(ReasonCode.PipelineMissing, "pipeline-missing")]
    [InlineData(ReasonCode.RecipeDiffers, "recipe-differs")]
    [InlineData(ReasonCode.PipelineDisabled, "pipeline-disabled")]
    [InlineData(ReasonCode.PermanentFailure, "build-stuck")]
    [InlineData(ReasonCode.AttemptsExhausted, "build-stuck")]
    public void OfBuild_OnlyAPersonCanHelp_IsAProblemWithTheReasonFirst(ReasonCode code, string kind)
    {
        var why = new Reason(code, "text");
        var problem = Assert.IsType<Observation.Problem>(
            ReconcileObservations.OfBuild(Facts(), new BuildDecision.No([why], new StuckBuild(why, "1.0.0/3")), []));

        Assert.Equal((kind, "1-0-0-3", why), (problem.Incident.Id.Kind.Code(), problem.Incident.Id.About, problem.Incident.Reasons[0]));
    }

    [Fact]
    public void OfBuild_FailedAndRetried_IsAProblemUnlessAPersonRequestedTheBuild()
    {
        var failed = Failed(1);

        Assert.Equal(IncidentKind.BuildFailed, Assert.IsType<Observation.Problem>(ReconcileObservations.OfBuild(Facts(failed), Later(), [])).Incident.Id.Kind);
        Assert.IsType<Observation.Unknown>(ReconcileObservations.OfBuild(Facts(failed with { Cause = "manual:r1" }), Later(), []));
    }

    [Theory]
    [InlineData(IncidentKind.PipelineMissing, true)]
    [InlineData(IncidentKind.RecipeDiffers, true)]
    [InlineData(IncidentKind.PipelineDisabled, true)]
    [InlineData(IncidentKind.BuildFailed, false)]
    [InlineData(IncidentKind.BuildStuck, false)]
    [InlineData(IncidentKind.BuildNotStarted, false)]
    public void OfBuild_DueBuildWaits_EndsOnlyWhatAWaitingBuildProves(IncidentKind open, bool healthy) =>
        Assert.Equal(healthy, ReconcileObservations.OfBuild(Facts(), Later(), [Open(open)]) is Observation.Healthy);

    [Theory]
    [InlineData(ReasonCode.BaseAlreadyBuilt, true)]
    [InlineData(ReasonCode.Cancelled, true)]
    [InlineData(ReasonCode.Held, false)]
    [InlineData(ReasonCode.BaseMissing, false)]
    [InlineData(ReasonCode.LineageCycle, false)]
    [InlineData(ReasonCode.PipelineDisabled, false)]
    public void OfBuild_NothingIsDue_EndsFailuresUnlessNothingMayBeBuilt(ReasonCode code, bool healthy) =>
        Assert.Equal(healthy,
            ReconcileObservations.OfBuild(
                Facts(Failed(1)), new BuildDecision.No([new Reason(code, "text")]), [Open(IncidentKind.BuildFailed)]) is Observation.Healthy);

    [Fact]
    public void OfBuild_BuildSucceededSince_EndsAndAnEarlierOneDoesNot()
    {
        var open = Open(IncidentKind.BuildNotStarted);

        Assert.IsType<Observation.Healthy>(ReconcileObservations.OfBuild(Facts(Sample.Build("1.0.0/2", open.Since.AddHours(1))), Later(), [open]));
        Assert.IsType<Observation.Unknown>(ReconcileObservations.OfBuild(Facts(Sample.Build("1.0.0/2", open.Since.AddHours(-1))), Later(), [open]));
    }

    [Theory]
    [InlineData(ReleaseState.Blocked, "blocked")]
    [InlineData(ReleaseState.Missing, "not-releasable")]
    [InlineData(ReleaseState.Failed, "release-failed")]
    [InlineData(ReleaseState.Running, "unknown")]
    [InlineData(ReleaseState.Promoted, "healthy")]
    [InlineData(ReleaseState.Held, "healthy")]
    [InlineData(ReleaseState.Rejected, "healthy")]
    [InlineData(ReleaseState.Overtaken, "healthy")]
    [InlineData(ReleaseState.RolledBack, "healthy")]
    [InlineData(null, "unknown")]
    public void OfReleases_FollowsTheMarkOfTheNewestBuild(ReleaseState? state, string found)
    {
        var older = Sample.Build("1.0.0/1", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Blocked, 1, Sample.Noon) };
        var newest = Sample.Build("1.0.0/2", Sample.Noon) with { Release = state is { } mark ? new ReleaseMark(mark, 1, Sample.Noon, "why") : null };

        Assert.Equal(found, Text(Releases([newest, older])));
    }

    [Fact]
    public void OfReleases_WorkRemains_IsUndecided()
    {
        var promoted = Sample.Build("1.0.0/2", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon) };
        var order = new ReleaseItem(
            promoted, new DueRelease("app", promoted, 2, "name", new Reason(ReasonCode.TagGone, "text")), null, new Reason(ReasonCode.TagGone, "text"));

        Assert.Equal("unknown", Text(Releases([promoted], order)));
    }

    /// <summary>No execution runs that could report it: the conflicts of a promoted build's tags are known without an attempt.</summary>
    [Theory]
    [InlineData(ReleaseState.Promoted, "release-failing")]
    [InlineData(ReleaseState.Running, "release-failing")]
    [InlineData(null, "release-failing")]
    [InlineData(ReleaseState.Blocked, "blocked")]
    public void OfReleases_PromotedBuildsTagsHaveAConflict_IsReportedUnlessTheNewestBuildSaysMore(ReleaseState? newest, string found)
    {
        var promoted = Sample.Build("1.0.0/1", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon) };
        var last = Sample.Build("1.0.0/2", Sample.Noon) with { Release = newest is { } state ? new ReleaseMark(state, 1, Sample.Noon, "why") : null };

        var finding = Releases([promoted, last], new ReleaseItem(promoted, null, null, new Reason(ReasonCode.Obstructed, "latest is immutable")));

        Assert.Equal(found, Text(finding));
        Assert.True(found == "blocked" || finding is Observation.Problem { Incident: { Id.About: "", Headline: "failed: app 1.0.0/1" } });
    }

    [Theory]
    [InlineData("", false, "unknown")]
    [InlineData("", true, "healthy")]
    [InlineData("app=ok", false, "unknown")]
    [InlineData("app=ok web=ok", true, "healthy")]
    [InlineData("app=ok web=503", false, "region-unreadable")]
    [InlineData("app=503 web=ok", true, "region-unreadable")]
    public void OfRegion_UnreadableForAnyImage_IsReadableOnlyAfterAllImages(string read, bool isComplete, string found)
    {
        var images = read.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split('='))
            .ToDictionary(each => each[0], each => each[1] == "ok" ? null : each[1]);

        var finding = ReconcileObservations.OfRegion("eu-west-1", images, isComplete);

        Assert.Equal((found, "eu-west-1"), (Text(finding), finding.Image));
    }

    /// <summary>The result is not known before the execution has ended: people would hear that the incident is over while a tag is still missing.</summary>
    [Theory]
    [InlineData(ReasonCode.ReleaseRunning)]
    [InlineData(ReasonCode.RollbackRunning)]
    public void OfReleases_ExecutionIsAboutToCorrectIt_IsUndecided(ReasonCode code)
    {
        var promoted = Sample.Build("1.0.0/2", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon) };

        Assert.Equal("unknown", Text(Releases([promoted], new ReleaseItem(promoted, null, null, new Reason(code, "text")))));
        Assert.Equal("healthy", Text(Releases([promoted], new ReleaseItem(promoted, null, null, new Reason(ReasonCode.Promoted, "text")))));
    }

    /// <summary>A tag may be missing where nobody can look.</summary>
    [Fact]
    public void OfReleases_ARegionDoesNotAnswer_IsNotKnownYet()
    {
        var promoted = Sample.Build("1.0.0/2", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon) };
        var plan = new ReleasePlan([new ReleaseItem(promoted, null, null, new Reason(ReasonCode.Promoted, "text"))]);

        Assert.Equal("unknown", Text(ReconcileObservations.OfReleases("app", [promoted], plan with { IsComplete = false })));
    }

    [Fact]
    public void OfReleases_NoBuildCouldBeReleased_IsHealthy() => Assert.Equal("healthy", Text(Releases([Failed(1)])));

    private static string Text(Observation finding) => finding switch
    {
        Observation.Problem problem => problem.Incident.Id.Kind.Code(),
        Observation.Healthy => "healthy",
        _ => "unknown",
    };

    private static Observation Releases(IReadOnlyList<BuildRecord> builds, params ReleaseItem[] items) =>
        ReconcileObservations.OfReleases("app", builds, new ReleasePlan(items));

    private static BuildFacts Facts(params BuildRecord[] builds) => new() { Image = Sample.App(), Pipeline = Pipeline, Builds = builds, Now = Sample.Noon };

    private static BuildDecision.NotYet Later() => new(Sample.Noon.AddHours(1), null!, [new Reason(ReasonCode.QuietTime, "text")]);

    private static OpenIncident Open(IncidentKind kind)
    {
        var id = new IncidentId("app", kind, "");
        return new OpenIncident(id, id.NameAt(Sample.Noon), Sample.Noon);
    }

    private static BuildRecord Failed(int number) => Sample.Build($"1.0.0/{number}", Sample.Noon.AddHours(number), BuildState.Failed) with
    {
        Cause = "base:" + Sample.Digest("base").Value,
        BaseDigest = Sample.Digest("base"),
        FailureReason = "No capacity.",
    };
}
