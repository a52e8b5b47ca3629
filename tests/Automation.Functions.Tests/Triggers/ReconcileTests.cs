using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Promotion;
using Automation.Functions.Events;

namespace Automation.Functions.Tests.Triggers;

public sealed class ReconcileTests
{
    [Fact]
    public async Task Reconcile_BaseFromAPullThroughCache_IsPulledOnceADayAndBuiltInTheSameRun()
    {
        var harness = new FunctionHarness(CachedBase);
        harness.Registry.CacheRules.Add(new PullThroughRule("mirror", "public.ecr.aws"));
        harness.Registry.Push("mirror/alpine", "one", FunctionHarness.Now.AddDays(-2), ["3.20"]);
        harness.Registry.OnPull = () => harness.Registry.Push("mirror/alpine", "two", FunctionHarness.Now, ["3.20"]);

        var result = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(23) });

        Assert.Equal(["pull us-east-1 mirror/alpine:3.20"], harness.Registry.Changes);
        var pulled = Assert.Single(result.Decisions, decision => decision.Decision == "pulled");
        Assert.Equal(["cache-old", "cache-renewed"], pulled.Reasons.Select(reason => reason.Code));
        Assert.Contains(harness.Workflow.Started.Keys, name => name.StartsWith($"build-app_{FunctionHarness.Digest("two").Short12}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_CacheRulesCannotBeRead_StillHandlesTheImage()
    {
        var harness = new FunctionHarness(CachedBase);
        harness.Registry.Push("mirror/alpine", "one", FunctionHarness.Now.AddDays(-2), ["3.20"]);
        harness.Registry.Fault = call => call.StartsWith("cache rules", StringComparison.Ordinal) ? new PermanentException("denied") : null;

        var result = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains(result.Decisions, decision => decision.Decision == "pull-failed" && decision.Reasons[0].Code == "cache-unreadable");
        Assert.Contains(harness.Workflow.Started.Keys, name => name.StartsWith("build-app_", StringComparison.Ordinal));
    }

    /// <summary>Repositories that the stack creates or builds fill do not use a cache, so its rules are not even read.</summary>
    [Fact]
    public async Task Reconcile_BasesFromPeopleAndBuilds_AreNeverPulled()
    {
        var harness = new FunctionHarness();
        harness.Registry.CacheRules.Add(new PullThroughRule(PullThroughRule.Root, "public.ecr.aws"));
        harness.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Reconcile_HoldWhoseTimeIsOver_IsRemoved_AndWhatIsDueStartsInTheSameRun()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);
        Hold(harness, FunctionHarness.Now.AddHours(-1));

        var result = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains(
            "untag runtime automation:hold,automation:hold-scope,automation:hold-since,automation:hold-until,automation:hold-target,automation:hold-run",
            harness.Builder.Changes);
        var unheld = Assert.Single(result.Decisions, decision => decision.Decision == "unheld");
        Assert.Equal(("runtime", "hold-over"), (unheld.Subject, unheld.Reasons[0].Code));
        Assert.Contains(harness.Workflow.Started.Keys, name => name.StartsWith("build-runtime_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task Reconcile_HoldThatIsNotOver_Stays(int? hours)
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);
        Hold(harness, hours is { } later ? FunctionHarness.Now.AddHours(later) : null);

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.DoesNotContain(harness.Builder.Changes, change => change.StartsWith("untag", StringComparison.Ordinal));
        Assert.DoesNotContain(harness.Workflow.Started.Keys, name => name.StartsWith("build-runtime_", StringComparison.Ordinal));
    }

    private static void Hold(FunctionHarness harness, DateTimeOffset? until)
    {
        var runtime = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "runtime");
        harness.Builder.Pipelines[runtime] = harness.Builder.Pipelines[runtime] with
        {
            Hold = new Hold("the audit", HoldScope.Everything, FunctionHarness.Now.AddDays(-1)) { Until = until },
        };
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reconcile_FindingsOfThePromotedImageCannotBeRead_StillBuildsOnTheNewBase(bool denied)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],
             "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","build":{"rebuildOnFindings":"HIGH"},
                        "promote":{"floatingTags":["latest"],"alertOnFindings":"HIGH"}}]}
            """));
        harness.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);
        var build = harness.Built("app", "1.0.0/1", FunctionHarness.Now.AddDays(-20));
        var digest = harness.Registry.Push("images/app", "app", FunctionHarness.Now.AddDays(-20), ["1.0.0-1", "latest"]);
        harness.Change(
            build.Arn, record => record with { Digest = digest, Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now.AddDays(-20)) });
        harness.Registry.Fault = call => !call.StartsWith("scan ", StringComparison.Ordinal) ? null
            : denied ? new PermanentException("denied") : new TransientException("down");

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains(harness.Workflow.Started.Keys, name => name.StartsWith($"build-app_{FunctionHarness.Digest("one").Short12}", StringComparison.Ordinal));
        Assert.Contains(harness.Log, line => line.Contains("the findings of the promoted image cannot be read", StringComparison.Ordinal));
    }

    /// <summary>Nobody can start an enhanced scan. Where the rules leave a repository out, every request would be in vain.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task Reconcile_PromotedImageWithoutAScan_RequestsOneOnlyWhereThatIsPossible(bool enhanced, int requests)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],
             "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","promote":{"floatingTags":["latest"],"alertOnFindings":"HIGH"}}]}
            """));
        var build = harness.Built("app", "1.0.0/1", FunctionHarness.Now.AddDays(-20));
        var digest = harness.Registry.Push("images/app", "app", FunctionHarness.Now.AddDays(-20), ["1.0.0-1", "latest"]);
        harness.Change(
            build.Arn, record => record with { Digest = digest, Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now.AddDays(-20)) });
        harness.Registry.Scanning = new RegistryScanning(enhanced, []);

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Equal(requests, harness.Registry.Changes.Count(change => change.StartsWith("start scan", StringComparison.Ordinal)));
        Assert.Equal(requests, harness.Log.Count(line => line.Contains("requested a scan of the promoted build", StringComparison.Ordinal)));
    }

    private static ImageCatalog CachedBase => ImageCatalog.Parse("""
        {"repositories":[{"name":"mirror/alpine","existing":true}],
         "images":[{"name":"app","from":"mirror/alpine:3.20","repository":"images/app","pipeline":{} }]}
        """);

    [Fact]
    public async Task Reconcile_NothingIsDue_OnlyPrunesOnceADay()
    {
        var harness = new FunctionHarness();

        // runtime after 16:01, app after 23:56.
        await harness.Reconcile(At("2026-01-05T00:00:00Z"));
        await harness.Reconcile(At("2026-01-05T16:00:00Z"));
        Assert.Equal(["prune-app_20260104", "prune-runtime_20260104"], harness.Workflow.Started.Keys.Order(StringComparer.Ordinal));
        await harness.Reconcile(At("2026-01-05T17:00:00Z"));
        await harness.Reconcile(At("2026-01-06T00:00:00Z"));
        await harness.Reconcile(At("2026-01-06T16:00:00Z"));

        Assert.Equal(
            ["prune-app_20260104", "prune-app_20260105", "prune-runtime_20260104", "prune-runtime_20260105"],
            harness.Workflow.Started.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reconcile_OnlyOnceADay_PrunesEveryDay()
    {
        var harness = new FunctionHarness();

        for (var day = 5; day <= 9; day++)
        {
            await harness.Reconcile(At($"2026-01-0{day}T08:00:00Z"));
        }

        Assert.Equal(
            ["prune-app_20260104", "prune-app_20260105", "prune-app_20260106", "prune-app_20260107", "prune-app_20260108"],
            harness.Workflow.Started.Keys.Where(name => name.StartsWith("prune-app", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reconcile_EventsWereLost_StartsTheSameExecutions()
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        harness.Built("app", "1.0.0/1");

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains($"build-runtime_{digest.Short12}_1", harness.Workflow.Started.Keys);
        Assert.Equal("""{"action":"release","image":"app","version":"1.0.0/1","attempt":1}""", harness.Workflow.Started["release-app_1-0-0-1"]);
    }

    [Theory]
    [InlineData(BuildState.Failed)]
    [InlineData(BuildState.Cancelled)]
    public async Task Reconcile_FailedBuildWasNotAnnounced_StartsTheReleaseThatAnnouncesIt(BuildState state)
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1", state: state);

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Contains("release-app_1-0-0-1", harness.Workflow.Started.Keys);
    }

    /// <summary>If no image needs an approval, no approval is ended, and there is no permission for it.</summary>
    [Theory]
    [InlineData("\"approvalHours\":24", BuildState.Deprecated, true)]
    [InlineData("\"approvalHours\":24", BuildState.Available, false)]
    [InlineData("\"soakHours\":24", BuildState.Deprecated, false)]
    public async Task Reconcile_BuildIsDeprecatedWhileItsReleaseWaits_EndsTheApproval(string rule, BuildState state, bool ended)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse($$"""
            {"repositories":[{"name":"golden/base"}],
             "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{},"promote":{ {{rule}} } }]}
            """));
        var build = harness.Built("app", "1.0.0/1", state: state);
        harness.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now, "release-app_1-0-0-1") });
        harness.Workflow.Running.Add("release-app_1-0-0-1");
        harness.Workflow.AwaitingApproval.Add("release-app_1-0-0-1");

        var result = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(1) });

        Assert.Equal(!ended, harness.Workflow.AwaitingApproval.Count > 0);
        Assert.Equal(ended, result.Decisions.Any(decision => decision is { Decision: "ended", Execution: "release-app_1-0-0-1" }));
    }

    [Fact]
    public async Task Reconcile_ReleaseStoppedHalfWay_StartsTheNextAttempt()
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1");
        harness.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now.AddDays(-2)) });

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Contains("\"attempt\":2", harness.Workflow.Started["release-app_1-0-0-1_2"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReleaseState.Promoted)]
    [InlineData(ReleaseState.Rejected)]
    [InlineData(ReleaseState.Overtaken)]
    public async Task Reconcile_ReleaseIsDecided_DoesNotStartAgain(ReleaseState state)
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1");
        harness.Registry.Push("images/app", "app 1.0.0/1", build.CreatedAt, ["1.0.0-1", "1", "latest"]);
        harness.Change(build.Arn, record => record with { Release = new ReleaseMark(state, 1, FunctionHarness.Now.AddDays(-20)) });

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal(["prune-app_20260104"], harness.Workflow.Started.Keys);
    }

    [Fact]
    public async Task Reconcile_FloatingTagIsMissing_StartsAReleaseUnlessHeld()
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1");
        var digest = harness.Registry.Push("images/app", "app 1.0.0/1", build.CreatedAt, ["1.0.0-1", "1.0.0-20260105.1", "1"]);
        harness.Change(
            build.Arn, record => record with { Digest = digest, Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now.AddDays(-20)) });

        var result = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal("""{"action":"release","image":"app","version":"1.0.0/1","attempt":2,"resume":true}""", harness.Workflow.Started["release-app_1-0-0-1_2"]);
        Assert.Contains(result.Decisions, decision => decision.Reasons[0].Text == "latest in us-east-1 of 1.0.0/1 is missing and is restored");
    }

    [Fact]
    public async Task Reconcile_ReleaseIsRunning_IsLeftAlone()
    {
        var harness = new FunctionHarness();
        var build = harness.Built("app", "1.0.0/1");
        harness.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now.AddDays(-2)) });
        harness.Workflow.Running.Add("release-app_1-0-0-1");

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal(["prune-app_20260104"], harness.Workflow.Started.Keys);
    }

    [Fact]
    public async Task Reconcile_OneImage_ProcessesNoOther()
    {
        var harness = new FunctionHarness();

        var result = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal(["app"], result.Decisions.Select(decision => decision.Subject).Distinct());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"time":null}""")]
    [InlineData("""{"image":"app"}""")]
    public async Task Reconcile_WithoutATime_IsInvalidAndChangesNothing(string json)
    {
        var harness = new FunctionHarness();

        await Assert.ThrowsAsync<InvalidEventException>(() => harness.Reconcile(FunctionHarness.Read<ReconcileRequest>(json)));

        Assert.Empty(harness.Workflow.Started);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    [InlineData("APP")]
    public async Task Reconcile_ImageIsNotInTheCatalog_NamesTheKnownImages(string image)
    {
        var fault = await Assert.ThrowsAsync<ImageNotInCatalogException>(
            () => new FunctionHarness().Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = image }));

        Assert.Contains("runtime, app", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_RunningExecutionsCannotBeRead_StartsNothing()
    {
        var harness = new FunctionHarness();
        harness.Workflow.Fault = name => name == "list" ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.Empty(harness.Workflow.Started);
    }

    private static ReconcileRequest At(string time) => FunctionHarness.Read<ReconcileRequest>($$"""{"time":"{{time}}"}""");
}
