using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Functions.Tests.Steps;

/// <summary>The inspection of a build or of a rollback's target, as a step of the workflow.</summary>
public sealed class InspectImageTests
{
    private static readonly LifecycleState App = new() { Action = "release", Image = "app", Version = "1.0.0/1", Attempt = 1 };

    [Fact]
    public async Task Inspect_AvailableEverywhere_IsReleasableAndMarkedAsRunning()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");

        var found = await harness.InspectImage(FunctionHarness.Step(App));

        Assert.Equal(("releasable", "images/app", null), (found.Outcome, found.Repository, found.ApprovalSeconds));
        Assert.Equal([new RegionDigest(FunctionHarness.Region, FunctionHarness.Digest("app 1.0.0/1").Value)], found.Regions);
        Assert.Contains("tag app/1.0.0/1 release=running", harness.Builder.Changes);
    }

    [Fact]
    public async Task Inspect_ForeignBuild_ClaimsNoBase()
    {
        var harness = new FunctionHarness();
        var build = harness.Built("runtime", "1.0.0/1");
        harness.Change(build.Arn, record => record with { Cause = null });
        harness.Registry.Push("golden/base", "base", build.CreatedAt.AddHours(-1), ["stable"]);

        await harness.InspectImage(FunctionHarness.Step(App with { Image = "runtime" }));

        Assert.DoesNotContain(harness.Builder.Changes, change => change.Contains("base-digest", StringComparison.Ordinal));
    }

    /// <summary>The target and the hold are written first; the marks of the builds follow with the tags.</summary>
    [Fact]
    public async Task Inspect_Rollback_WritesTargetAndHoldAndNoMark()
    {
        var harness = TwoPromoted();

        var found = await harness.InspectImage(FunctionHarness.Step(App with { Action = "rollback" }));

        Assert.Equal(("releasable", true), (found.Outcome, found.Cleared));
        Assert.Equal(
            [
                "tag app hold=Rolled back to 1.0.0/1 by execution-1",
                "tag app hold-run=execution-1 2026-01-05T08:30:00Z",
                "tag app hold-scope=promotion",
                "tag app hold-since=2026-01-05T08:30:00Z",
                "tag app hold-target=1.0.0/1 2026-01-05T08:30:00Z",
                "tag app hold-until=-",
            ],
            harness.Builder.Changes);

        // Repeated after a crash: the same. For another build: it is the owner already.
        Assert.Equal("releasable", (await harness.InspectImage(FunctionHarness.Step(App with { Action = "rollback" }))).Outcome);
        var other = FunctionHarness.Step(App with { Action = "rollback" });
        Assert.Equal("refused", (await harness.InspectImage(other with { Execution = "execution-2" })).Outcome);
        Assert.Equal("releasable", (await harness.InspectImage(other with { Execution = "execution-2", State = other.State! with { Resume = true } })).Outcome);
    }

    [Theory]
    [InlineData("1.0.0/2", ReleaseState.Promoted, "owner-already")]
    [InlineData("1.0.0/1", ReleaseState.Blocked, "never-promoted")]
    [InlineData("1.0.0/1", ReleaseState.Rejected, "never-promoted")]
    [InlineData("1.0.0/1", ReleaseState.Held, "never-promoted")]
    [InlineData("1.0.0/1", ReleaseState.Running, "never-promoted")]
    [InlineData("1.0.0/1", ReleaseState.Overtaken, "never-promoted")]
    [InlineData("1.0.0/3", ReleaseState.RolledBack, "not-older")]
    public async Task Inspect_RollbackToUnpromotedOrNotOlderBuild_IsRefusedAndWritesNothing(string version, ReleaseState state, string code)
    {
        var harness = TwoPromoted();
        if (version == "1.0.0/3")
        {
            harness.Built("app", version);
        }

        harness.Change(FunctionHarness.BuildArn("app", version),
            build => build with { Release = new ReleaseMark(state, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest($"app {version}") });

        var found = await harness.InspectImage(FunctionHarness.Step(App with { Action = "rollback", Version = version }));

        Assert.Equal(("refused", code), (found.Outcome, found.Reasons[0].Code));
        Assert.Contains($"automation promote app {version}", found.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Empty(harness.Builder.Changes);
    }

    /// <summary>The first inspection fixes which image the build is.</summary>
    [Fact]
    public async Task Inspect_AnotherImageUnderTheTagThanInspected_IsRefused()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        await harness.InspectImage(FunctionHarness.Step(App));
        Assert.Contains($"tag app/1.0.0/1 digest={FunctionHarness.Digest("app 1.0.0/1")}", harness.Builder.Changes);
        harness.Registry.Push("images/app", "other bytes", FunctionHarness.Now, ["1.0.0-1"]);

        var found = await harness.InspectImage(FunctionHarness.Step(App with { Resume = true, Attempt = 2 }));

        Assert.Equal(("changed", "digest-changed"), (found.Outcome, found.Reasons[0].Code));
        Assert.Empty(found.Regions);
    }

    [Fact]
    public async Task Inspect_ApprovalNeeded_SaysForHowLong()
    {
        var harness = new FunctionHarness(CatalogOf("""{"versionTags":["{version}-{build}"],"approvalHours":2}"""));
        harness.Built("app", "1.0.0/1");

        Assert.Equal(7200, (await harness.InspectImage(FunctionHarness.Step(App))).ApprovalSeconds);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Inspect_ExplicitRelease_PassesThatOn(bool? asked, bool expected)
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");

        Assert.Equal(expected, (await harness.InspectImage(FunctionHarness.Step(App with { Explicit = asked }))).Explicit);
    }

    [Theory]
    [InlineData(BuildState.Failed, "failed", "build-failed")]
    [InlineData(BuildState.Cancelled, "cancelled", "build-cancelled")]
    [InlineData(BuildState.InProgress, "in-progress", "not-ended")]
    [InlineData(BuildState.Unknown, "in-progress", "not-ended")]
    [InlineData(BuildState.Deprecated, "retired", "build-deprecated")]
    [InlineData(BuildState.Disabled, "retired", "build-disabled")]
    [InlineData(BuildState.Deleted, "retired", "build-deleted")]
    public async Task Inspect_NotAvailable_ReportsTheStateAndMarksNothing(BuildState state, string outcome, string code)
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1", state: state);

        var found = await harness.InspectImage(FunctionHarness.Step(App));

        Assert.Equal((outcome, code), (found.Outcome, found.Reasons[0].Code));
        Assert.Empty(found.Regions);
        Assert.Empty(harness.Builder.Changes);
    }

    [Theory]
    [InlineData("base:x", FailureKind.Transient, "retried")]
    [InlineData("base:x", FailureKind.Permanent, "not-retried")]
    [InlineData("manual:anna-1", FailureKind.Unknown, "not-retried-request")]
    [InlineData(null, FailureKind.Unknown, "not-retried-request")]
    public async Task Inspect_FailedBuild_SaysWhatFollows(string? cause, FailureKind kind, string code)
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1", state: BuildState.Failed);
        harness.Change(build.Arn, build => build with { Cause = cause, BaseDigest = FunctionHarness.Digest("base"), FailureKind = kind });

        Assert.Equal(code, (await harness.InspectImage(FunctionHarness.Step(App))).Reasons[1].Code);
    }

    [Fact]
    public async Task Inspect_BuildDoesNotExist_IsMissing() =>
        Assert.Equal("no-such-build", (await new FunctionHarness().InspectImage(FunctionHarness.Step(App))).Reasons[0].Code);

    [Fact]
    public async Task Inspect_ImageIsMissingInTheRegistry_IsMissing()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Registry.Drop("images/app");

        var found = await harness.InspectImage(FunctionHarness.Step(App));

        Assert.Equal(("missing", "not-in-region"), (found.Outcome, found.Reasons[0].Code));
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Inspect_ImageIsMissingInOneRegion_IsMissingAndNamesTheRegion()
    {
        var harness = new FunctionHarness(CatalogOf("{}", "\"regions\":[\"us-east-1\",\"eu-west-1\"],"));
        harness.Built("app", "1.0.0/1");

        var found = await harness.InspectImage(FunctionHarness.Step(App));

        Assert.Equal("missing", found.Outcome);
        Assert.Contains("eu-west-1", found.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_RegionsHaveDifferentImagesUnderTheTag_IsNotReleasableAndNamesBoth()
    {
        var harness = new FunctionHarness(CatalogOf("{}", "\"regions\":[\"us-east-1\",\"eu-west-1\"],"));
        harness.Built("app", "1.0.0/1");
        var other = harness.Registry.Push("images/app", "other bytes", FunctionHarness.Now, ["1.0.0-1"], "eu-west-1");

        var found = await harness.InspectImage(FunctionHarness.Step(App));

        Assert.Equal(("missing", "digests-differ"), (found.Outcome, found.Reasons[0].Code));
        Assert.Contains($"us-east-1 {FunctionHarness.Digest("app 1.0.0/1").Short12}, eu-west-1 {other.Short12}", found.Reasons[0].Text,
            StringComparison.Ordinal);
        Assert.Empty(harness.Builder.Changes);
    }

    /// <summary>Only a resumed release skips what it has passed; a new request passes the gate again.</summary>
    [Theory]
    [InlineData(true, true, false, true)]
    [InlineData(true, false, false, false)]
    [InlineData(false, true, false, false)]
    [InlineData(true, false, true, true)]
    [InlineData(false, true, true, false)]
    public async Task Inspect_IsClearedOnlyIfItResumes(bool resumes, bool cleared, bool promoted, bool expected)
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1");
        harness.Change(build.Arn, record => record with
        {
            ClearedAt = cleared ? FunctionHarness.Now : null,
            ClearedDigest = FunctionHarness.Digest("app 1.0.0/1"),
            Release = promoted ? new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now) : new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now),
        });

        var found = await harness.InspectImage(FunctionHarness.Step(App with { Attempt = 2, Resume = resumes }));

        Assert.Equal((expected, promoted), (found.Cleared, found.Promoted));
        Assert.Contains("tag app/1.0.0/1 release-attempt=2", harness.Builder.Changes);
        Assert.Equal(promoted, !harness.Builder.Changes.Contains("tag app/1.0.0/1 release=running"));
        Assert.Equal(resumes, !harness.Builder.Changes.Contains("tag app/1.0.0/1 cleared-at=-"));
    }

    /// <summary>The mark "promoted" stays. A tag beside it says that a person waits for an answer, until there is one.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Inspect_PersonAsksForAPromotedBuild_IsStoredAndPassesTheGateAgain(bool cleared, bool expected)
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1");
        harness.Change(build.Arn, record => record with
        {
            ClearedAt = cleared ? FunctionHarness.Now : null,
            ClearedDigest = FunctionHarness.Digest("app 1.0.0/1"),
            Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now.AddDays(-3)),
            PromotedAt = FunctionHarness.Now.AddDays(-3)
        });

        var found = await harness.InspectImage(FunctionHarness.Step(App with { Attempt = 3, Resume = true, Explicit = true }));

        Assert.Equal((expected, true, true), (found.Cleared, found.Promoted, found.Explicit));
        Assert.Equal(
            ["tag app/1.0.0/1 release-at=2026-01-05T08:30:00Z", "tag app/1.0.0/1 release-attempt=3", "tag app/1.0.0/1 release-explicit=yes"],
            harness.Builder.Changes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.0.0")]
    [InlineData("latest")]
    [InlineData("1.0.0/x")]
    [InlineData("99999999999.0.0/1")]
    public async Task Inspect_UnreadableVersion_IsInvalid(string? version) => await Assert.ThrowsAsync<InvalidEventException>(() =>
        new FunctionHarness().InspectImage(FunctionHarness.Step(App with { Version = version })));

    private static FunctionHarness TwoPromoted()
    {
        var harness = new FunctionHarness();
        foreach (var version in new[] { "1.0.0/1", "1.0.0/2" })
        {
            var build = harness.Built("app", version);
            harness.Change(build.Arn,
                record => record with
                {
                    Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now),
                    Digest = FunctionHarness.Digest($"app {version}")
                });
        }

        return harness;
    }

    private static ImageCatalog CatalogOf(string promote, string more = "") => ImageCatalog.Parse($$"""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
         {"name":"app","from":"golden/base:stable","repository":"images/app",{{more}}"pipeline":{"recipeVersion":"1.0.0"},"promote":{{promote}} }]}
        """);
}
