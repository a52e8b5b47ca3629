using Automation.Core.Builds;
using Automation.Core.Incidents;
using Automation.Core.Workflow;

namespace Automation.Core.Tests.Incidents;

/// <summary>The report at the end of an execution: the beginning of an incident, its end, or a single message.</summary>
public sealed class ExecutionObservationsTests
{
    private const string Version = "1.0.0/7";

    private static readonly InspectImageResult Found = new(
        "releasable", "arn:aws:imagebuilder:eu-west-1:111122223333:image/app/1.0.0/7", Version, Sample.Noon, "images/app",
        [new RegionDigest("eu-west-1", Sample.Digest("app").Value)], null, false, [new ReasonText("available", "available")]);

    /// <summary>The outcome, the incident and its subject; "-" for a single message.</summary>
    private static readonly Dictionary<string, (LifecycleState State, string Expected)> Cases = new()
    {
        ["a build that could not be started"] = (State("build") with { Error = Error("PermanentException") }, "build-not-started"),
        ["a build that failed and is tried again"] = (Ended("failed", "retried"), "build-failed"),
        ["a build that failed and is not tried again"] = (Ended("failed", "not-retried"), "build-stuck 1-0-0-7"),
        ["a build that failed, and there is a newer one"] = (Ended("failed", "newer-build"), "-"),
        ["a build that a person cancelled"] = (Ended("cancelled", "not-retried"), "-"),
        ["a build whose image is missing"] = (Ended("missing", "not-in-region"), "not-releasable"),
        ["a build that there is not"] = (Ended("missing", "no-such-build", arn: null), "-"),
        ["a build that is not AVAILABLE"] = (Ended("retired", "build-deprecated"), "-"),
        ["a build with another image under its tag"] = (Ended("changed", "digest-changed"), "release-failed 1-0-0-7"),
        ["a build that the gate blocks"] =
            (Release() with { Scan = new CheckScanResult("blocked", Sample.Noon, null, ["upgrade"], [new ReasonText("finding", "CVE")]) }, "blocked 1-0-0-7"),
        ["a build that a person rejects"] = (Awaiting() with { Error = Error("Rejected") }, "-"),
        ["a build that nobody approves"] = (Awaiting() with { Error = Error("States.Timeout") }, "-"),
        ["a build that was retired before anybody answered"] = (Awaiting() with { Error = Error(Announcement.NotReleasable) }, "release-failed 1-0-0-7"),
        ["a release that stops at a phase"] = (Release() with { VersionTags = Phase("failed", stopped: "build-gone") }, "release-failed 1-0-0-7"),
        ["a release that cannot put a tag"] = (Release() with { Error = Error("TagConflictException") }, "release-failed 1-0-0-7"),
        ["a release that does not get through"] = (Release() with { Error = Error("TransientException") }, "release-failing"),
        ["a release that does not get through in a Region"] =
            (Release() with { Error = Error("TransientException", "Could not read the tags in my-team/images in eu-west-1: 503") },
                "release-failing eu-west-1"),
        ["a rollback that a Region denies"] =
            (Release("rollback") with { Error = Error("PermanentException", "Could not put tag images/app:latest in eu-west-1: denied") }, "release-failing"),
        ["a rollback that does not get through"] = (Release("rollback") with { Error = Error("TransientException") }, "release-failing"),
        ["a rollback that cannot put a tag"] = (Release("rollback") with { Error = Error("TagConflictException") }, "release-failing"),
        ["a refused rollback"] = (Release("rollback") with { Release = Found with { Outcome = "refused" } }, "-"),
        ["a rollback"] = (Release("rollback") with { Verification = Phase("promoted") }, "-"),
        ["a promotion"] = (Release() with { Verification = Phase("promoted") }, "-"),
        ["a release under a hold"] = (Release() with { Verification = Phase("held") }, "-"),
        ["tags that do not rest"] = (Release() with { Verification = Phase("running") }, "release-failing"),
        ["a prune that stopped"] = (Pruned("too much"), "prune-stopped"),
        ["a prune that does not know what is in use"] = (Pruned(null, unknown: "denied"), "-"),
        ["a prune that failed"] = (State("prune") with { Error = Error("PermanentException") }, "prune-failed"),
        ["a prune that a Region does not answer"] =
            (State("prune") with { Error = Error("TransientException", "Could not list the images of images/app in eusc-de-east-1: 503") },
                "prune-failed eusc-de-east-1"),
        ["a prune that failed after a promotion"] = (Release() with { Announcement = Announced(), Error = Error("PermanentException") }, "prune-failed"),
        ["a prune"] = (Pruned(null), "healthy Prune"),
        ["nothing"] = (new LifecycleState(), "-"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_EndOfAnExecution_IsItsIncident(string name)
    {
        var (state, expected) = Cases[name];

        var observation = ExecutionObservations.Of(Announcement.Of(state), state, "the headline");

        Assert.Equal(expected, observation switch
        {
            null => "-",
            Observation.Problem({ Id: { Image: "app" } id } incident) when incident.Reasons.Count > 0 => $"{id.Kind.Code()} {id.About}".Trim(),
            Observation.Healthy("app", var area, _) => $"healthy {area}",
            var other => other.ToString(),
        });
    }

    /// <summary>The reconcile derives the same incident from the marks alone, so neither begins a second one.</summary>
    [Theory]
    [InlineData(ReleaseState.Blocked, "a build that the gate blocks")]
    [InlineData(ReleaseState.Missing, "a build whose image is missing")]
    [InlineData(ReleaseState.Failed, "a release that cannot put a tag")]
    public void Of_EndWithAMark_IsTheIncidentThatTheReconcileFinds(ReleaseState mark, string name)
    {
        var state = Cases[name].State;
        var build = Sample.Build(Version, Sample.Noon) with { Release = new ReleaseMark(mark, 1, Sample.Noon, "why") };

        var expected = Assert.IsType<Observation.Problem>(ExecutionObservations.Of(Announcement.Of(state), state, "the headline"));
        var found = Assert.IsType<Observation.Problem>(ReconcileObservations.OfReleases("app", [build], new Core.Promotion.ReleasePlan([])));

        Assert.Equal(found.Incident.Id, expected.Incident.Id);
    }

    [Theory]
    [InlineData(true, false, "release", true)]
    [InlineData(false, false, "release", false)]
    [InlineData(false, false, "rollback", true)]
    [InlineData(true, true, "release", false)]
    [InlineData(false, true, "rollback", false)]
    public void IsAnswer_OnlyForThePersonWhoWaits(bool isExplicit, bool resumes, string action, bool expected) => Assert.Equal(
        expected, ExecutionObservations.IsAnswer(new LifecycleState { Action = action, Explicit = isExplicit ? true : null, Resume = resumes ? true : null }));

    private static LifecycleState State(string action) =>
        new() { Action = action, Image = "app", Version = action is "release" or "rollback" ? Version : null };

    private static LifecycleState Release(string action = "release") => State(action) with { Release = Found };

    private static LifecycleState Awaiting() => Release() with
    {
        Release = Found with { ApprovalSeconds = 3600 },
        Scan = new CheckScanResult("open", Sample.Noon, null, [], [new ReasonText("clean", "clean")]),
    };

    private static LifecycleState Ended(string outcome, string reason, string? arn = "arn") =>
        Release() with { Release = Found with { Outcome = outcome, Arn = arn, Reasons = [new ReasonText(reason, "why")] } };

    private static PromoteImageResult Phase(string outcome, string? stopped = null) =>
        new("verify", Sample.Noon, null, outcome, stopped is not null, stopped is null ? [] : [new ReasonText(stopped, "why")], []);

    private static LifecycleState Pruned(string? brake, string? unknown = null) =>
        State("prune") with { Prune = PruneResult.Nothing("delete") with { Done = true, DeletionLimit = brake, Unknown = unknown } };

    private static StepError Error(string name, string cause = "why") => new() { Name = name, Cause = cause };

    private static AnnounceResult Announced() =>
        new(true, false, "Image Release", new AnnouncementDetail("app", "release", "promoted", Version, null, [], [], [], null), "promoted: app", "promoted");
}
