using System.Text.Json.Nodes;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Functions.Events;

namespace Automation.Functions.Tests.Triggers;

public sealed class ReconcileTests
{
    [Fact]
    public async Task Reconcile_BaseFromAPullThroughCache_IsPulledOnceADayAndBuiltInTheSameRun()
    {
        var house = new FunctionHarness(CachedBase);
        house.Registry.CacheRules.Add(new PullThroughRule("mirror", "public.ecr.aws"));
        house.Registry.Push("mirror/alpine", "one", FunctionHarness.Now.AddDays(-2), ["3.20"]);
        house.Registry.OnPull = () => house.Registry.Push("mirror/alpine", "two", FunctionHarness.Now, ["3.20"]);

        var result = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(23) });

        Assert.Equal(["pull us-east-1 mirror/alpine:3.20"], house.Registry.Changes);
        var pulled = Assert.Single(result.Decisions, decision => decision.Decision == "pulled");
        Assert.Equal(["cache-old", "cache-renewed"], pulled.Reasons.Select(reason => reason.Code));
        Assert.Contains(house.Workflow.Started.Keys, name => name.StartsWith($"build-app_{FunctionHarness.Digest("two").Short12}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_CacheRulesCannotBeRead_StillHandlesTheImage()
    {
        var house = new FunctionHarness(CachedBase);
        house.Registry.Push("mirror/alpine", "one", FunctionHarness.Now.AddDays(-2), ["3.20"]);
        house.Registry.Fault = call => call.StartsWith("cache rules", StringComparison.Ordinal) ? new PermanentException("denied") : null;

        var result = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains(result.Decisions, decision => decision.Decision == "pull-failed" && decision.Reasons[0].Code == "cache-unreadable");
        Assert.Contains(house.Workflow.Started.Keys, name => name.StartsWith("build-app_", StringComparison.Ordinal));
    }

    /// <summary>Repositories that the stack creates or builds fill do not use a cache, so its rules are not even read.</summary>
    [Fact]
    public async Task Reconcile_BasesFromPeopleAndBuilds_AreNeverPulled()
    {
        var house = new FunctionHarness();
        house.Registry.CacheRules.Add(new PullThroughRule(PullThroughRule.Root, "public.ecr.aws"));
        house.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Empty(house.Registry.Changes);
    }

    [Fact]
    public async Task Reconcile_HoldWhoseTimeIsOver_IsRemoved_AndWhatIsDueStartsInTheSameRun()
    {
        var house = new FunctionHarness();
        house.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);
        Hold(house, FunctionHarness.Now.AddHours(-1));

        var result = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains("untag runtime automation:hold,automation:hold-scope,automation:hold-since,automation:hold-until,automation:hold-target,automation:hold-run", house.Builder.Changes);
        var unheld = Assert.Single(result.Decisions, decision => decision.Decision == "unheld");
        Assert.Equal(("runtime", "hold-over"), (unheld.Subject, unheld.Reasons[0].Code));
        Assert.Contains(house.Workflow.Started.Keys, name => name.StartsWith("build-runtime_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task Reconcile_HoldThatIsNotOver_Stays(int? hours)
    {
        var house = new FunctionHarness();
        house.Registry.Push("golden/base", "one", FunctionHarness.Now.AddDays(-2), ["stable"]);
        Hold(house, hours is { } later ? FunctionHarness.Now.AddHours(later) : null);

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.DoesNotContain(house.Builder.Changes, change => change.StartsWith("untag", StringComparison.Ordinal));
        Assert.DoesNotContain(house.Workflow.Started.Keys, name => name.StartsWith("build-runtime_", StringComparison.Ordinal));
    }

    private static void Hold(FunctionHarness house, DateTimeOffset? until)
    {
        var runtime = house.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "runtime");
        house.Builder.Pipelines[runtime] = house.Builder.Pipelines[runtime] with
        {
            Hold = new Hold("the audit", HoldScope.Everything, FunctionHarness.Now.AddDays(-1)) { Until = until },
        };
    }

    private static ImageCatalog CachedBase => ImageCatalog.Parse("""
        {"repositories":[{"name":"mirror/alpine","existing":true}],
         "images":[{"name":"app","from":"mirror/alpine:3.20","repository":"images/app","pipeline":{} }]}
        """);

    [Fact]
    public async Task Reconcile_NothingIsDue_OnlyPrunesOnceADay()
    {
        var house = new FunctionHarness();

        // runtime after 16:01, app after 23:56.
        await house.Reconcile(At("2026-01-05T00:00:00Z"));
        await house.Reconcile(At("2026-01-05T16:00:00Z"));
        Assert.Equal(["prune-app_20260104", "prune-runtime_20260104"], house.Workflow.Started.Keys.Order(StringComparer.Ordinal));
        await house.Reconcile(At("2026-01-05T17:00:00Z"));
        await house.Reconcile(At("2026-01-06T00:00:00Z"));
        await house.Reconcile(At("2026-01-06T16:00:00Z"));

        Assert.Equal(
            ["prune-app_20260104", "prune-app_20260105", "prune-runtime_20260104", "prune-runtime_20260105"],
            house.Workflow.Started.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reconcile_OnlyOnceADay_PrunesEveryDay()
    {
        var house = new FunctionHarness();

        for (var day = 5; day <= 9; day++)
        {
            await house.Reconcile(At($"2026-01-0{day}T08:00:00Z"));
        }

        Assert.Equal(
            ["prune-app_20260104", "prune-app_20260105", "prune-app_20260106", "prune-app_20260107", "prune-app_20260108"],
            house.Workflow.Started.Keys.Where(name => name.StartsWith("prune-app", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reconcile_EventsWereLost_StartsTheSameExecutions()
    {
        var house = new FunctionHarness();
        var digest = house.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        house.Built("app", "1.0.0/1");

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        Assert.Contains($"build-runtime_{digest.Short12}_1", house.Workflow.Started.Keys);
        Assert.Equal("""{"action":"release","image":"app","version":"1.0.0/1","attempt":1}""", house.Workflow.Started["release-app_1-0-0-1"]);
    }

    [Theory]
    [InlineData(BuildState.Failed)]
    [InlineData(BuildState.Cancelled)]
    public async Task Reconcile_FailedBuildWasNotAnnounced_StartsTheReleaseThatAnnouncesIt(BuildState state)
    {
        var house = new FunctionHarness();
        house.Built("app", "1.0.0/1", state: state);

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Contains("release-app_1-0-0-1", house.Workflow.Started.Keys);
    }

    [Fact]
    public async Task Reconcile_BuildThatOnlyAPersonCanHelp_IsReportedOnce()
    {
        var house = new FunctionHarness();
        house.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var build = house.Built("runtime", "1.0.0/1", state: BuildState.Failed);
        house.Change(build.Arn, record => record with
        {
            BaseDigest = FunctionHarness.Digest("base"),
            Slot = new DateTimeOffset(2026, 1, 4, 3, 0, 0, TimeSpan.Zero),
            FailureKind = FailureKind.Permanent,
        });

        var first = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "runtime" });
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(1), Image = "runtime" });

        Assert.Equal(("no", "permanent-failure"), (first.Decisions[0].Decision, first.Decisions[0].Reasons[0].Code));
        Assert.Equal("build-stuck_runtime_1-0-0-1_20260105T08", Assert.Single(house.Incidents.Open).Name);
        var told = Assert.Single(house.Incidents.Told);
        Assert.Contains("\"subject\":\"build-stuck: runtime\"", told, StringComparison.Ordinal);
        Assert.Contains("automation build runtime", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipeline-missing", "pipeline-missing_runtime_theirs_20260105T08")]
    [InlineData("recipe-differs", "recipe-differs_runtime_other_20260105T08")]
    public async Task Reconcile_AdoptedPipelineDiffersFromTheCatalog_IsReportedOnceAndTheOthersContinue(string code, string incident)
    {
        var house = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],"images":[
             {"name":"runtime","from":"golden/base:stable","repository":"images/runtime","pipeline":"theirs","recipe":"theirs"},
             {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":"app"}]}
            """));
        house.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var at = house.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "theirs");
        house.Builder.Pipelines[at] = house.Builder.Pipelines[at] with { Recipe = "other" };
        if (code == "pipeline-missing")
        {
            house.Builder.Pipelines.RemoveAt(at);
        }

        var first = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddDays(1) });

        Assert.Equal(("no", code), (first.Decisions[0].Decision, first.Decisions[0].Reasons[0].Code));
        Assert.Equal(incident, Assert.Single(house.Incidents.Open).Name);
        Assert.Contains($"\"code\":\"{code}\"", Assert.Single(house.Incidents.Told), StringComparison.Ordinal);
        Assert.Contains(house.Workflow.Started.Keys, name => name.StartsWith("build-app", StringComparison.Ordinal));
        Assert.Equal(code == "pipeline-missing" ? 0 : 1, house.Workflow.Started.Keys.Count(name => name.StartsWith("prune-runtime_20260105", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reconcile_ProblemIsSolved_EndsTheIncidentAndReportsItAgainTheSecondTime()
    {
        var house = new FunctionHarness();
        house.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var pipeline = house.Builder.Pipelines.Single(each => each.Name == "runtime");
        foreach (var hours in new[] { 0, 4 })
        {
            house.Builder.Pipelines.Remove(pipeline);
            await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(hours), Image = "runtime" });
            await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(hours + 1), Image = "runtime" });
            Assert.Single(house.Incidents.Open);

            house.Builder.Pipelines.Add(pipeline);
            await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(hours + 2), Image = "runtime" });
            Assert.Empty(house.Incidents.Open);
        }

        Assert.Equal(
            ["build-stuck: runtime", "resolved: runtime (pipeline-missing)", "build-stuck: runtime", "resolved: runtime (pipeline-missing)"],
            house.Incidents.Told.Select(told => JsonNode.Parse(told)!["subject"]!.ToString()));
    }

    /// <summary>Whatever fails for one image, even our own bug, the later images are still processed.</summary>
    [Theory]
    [InlineData(typeof(InvalidOperationException), typeof(PermanentException))]
    [InlineData(typeof(ArgumentOutOfRangeException), typeof(PermanentException))]
    [InlineData(typeof(TimeoutException), typeof(TransientException))]
    [InlineData(typeof(TaskCanceledException), typeof(TransientException))]
    public async Task Reconcile_OneImageFailsInAnyWay_TheOthersAreProcessedAndItIsReported(Type fault, Type reported)
    {
        var house = new FunctionHarness();
        house.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        house.Built("app", "1.0.0/1");
        house.Builder.Fault = call => call == "pipeline runtime" ? (Exception)Activator.CreateInstance(fault)! : null;

        var thrown = await Assert.ThrowsAnyAsync<AutomationException>(() => house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.IsType(reported, thrown);
        Assert.Contains("release-app_1-0-0-1", house.Workflow.Started.Keys);
        Assert.Equal(reported == typeof(PermanentException) ? ["unreadable_runtime__20260105T08"] : [], house.Incidents.Open.Select(incident => incident.Name));
    }

    /// <summary>A Region that does not answer does not fail the run. It is a separate incident, which ends when every image there was read.</summary>
    [Fact]
    public async Task Reconcile_UnreadableRegion_IsReportedOnceAndItsEndToo()
    {
        var house = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],
             "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","regions":["us-east-1","eu-west-1"],"pipeline":{} },
                       {"name":"web","from":"golden/base:stable","repository":"images/web","regions":["us-east-1","eu-west-1"],"pipeline":{} }]}
            """));
        foreach (var image in new[] { "app", "web" })
        {
            var build = house.Built(image, "1.0.0/1");
            house.Change(build.Arn, record => record with { Digest = FunctionHarness.Digest($"{image} 1.0.0/1"), Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now) });
        }

        house.Registry.Fault = call => call.Contains("eu-west-1", StringComparison.Ordinal) ? new TransientException($"{call}: 503") : null;
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(1) });

        Assert.Contains("web", Assert.Single(house.Incidents.Told), StringComparison.Ordinal);
        Assert.Equal(["region-unreadable_eu-west-1__20260105T08"], house.Incidents.Open.Select(incident => incident.Name));

        // One image does not prove that all of them can be read.
        house.Registry.Fault = null;
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(2), Image = "app" });
        Assert.Single(house.Incidents.Open);
        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(3) });
        Assert.Empty(house.Incidents.Open);
    }

    /// <summary>If no image needs an approval, no approval is ended, and there is no permission for it.</summary>
    [Theory]
    [InlineData("\"approvalHours\":24", BuildState.Deprecated, true)]
    [InlineData("\"approvalHours\":24", BuildState.Available, false)]
    [InlineData("\"soakHours\":24", BuildState.Deprecated, false)]
    public async Task Reconcile_BuildIsDeprecatedWhileItsReleaseWaits_EndsTheApproval(string rule, BuildState state, bool ended)
    {
        var house = new FunctionHarness(ImageCatalog.Parse($$"""
            {"repositories":[{"name":"golden/base"}],
             "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{},"promote":{ {{rule}} } }]}
            """));
        var build = house.Built("app", "1.0.0/1", state: state);
        house.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now, "release-app_1-0-0-1") });
        house.Workflow.Running.Add("release-app_1-0-0-1");
        house.Workflow.AwaitingApproval.Add("release-app_1-0-0-1");

        var result = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(1) });

        Assert.Equal(!ended, house.Workflow.AwaitingApproval.Count > 0);
        Assert.Equal(ended, result.Decisions.Any(decision => decision is { Decision: "ended", Execution: "release-app_1-0-0-1" }));
    }

    /// <summary>If the open incidents cannot be read, all other work is still done.</summary>
    [Fact]
    public async Task Reconcile_IncidentsCannotBeRead_StartsWhatIsDueAndReportsNothing()
    {
        var house = new FunctionHarness();
        house.Built("app", "1.0.0/1");
        house.Incidents.Fault = _ => new PermanentException("denied");

        await Assert.ThrowsAsync<PermanentException>(() => house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" }));

        Assert.Contains("release-app_1-0-0-1", house.Workflow.Started.Keys);
        Assert.Empty(house.Incidents.Told);
    }

    [Fact]
    public async Task Reconcile_ReleaseStoppedHalfWay_StartsTheNextAttempt()
    {
        var house = new FunctionHarness();
        var build = house.Built("app", "1.0.0/1");
        house.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now.AddDays(-2)) });

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Contains("\"attempt\":2", house.Workflow.Started["release-app_1-0-0-1_2"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReleaseState.Promoted)]
    [InlineData(ReleaseState.Rejected)]
    [InlineData(ReleaseState.Overtaken)]
    public async Task Reconcile_ReleaseIsDecided_DoesNotStartAgain(ReleaseState state)
    {
        var house = new FunctionHarness();
        var build = house.Built("app", "1.0.0/1");
        house.Registry.Push("images/app", "app 1.0.0/1", build.CreatedAt, ["1.0.0-1", "1", "latest"]);
        house.Change(build.Arn, record => record with { Release = new ReleaseMark(state, 1, FunctionHarness.Now.AddDays(-20)) });

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal(["prune-app_20260104"], house.Workflow.Started.Keys);
    }

    [Fact]
    public async Task Reconcile_FloatingTagIsMissing_StartsAReleaseUnlessHeld()
    {
        var house = new FunctionHarness();
        var build = house.Built("app", "1.0.0/1");
        var digest = house.Registry.Push("images/app", "app 1.0.0/1", build.CreatedAt, ["1.0.0-1", "1.0.0-20260105.1", "1"]);
        house.Change(build.Arn, record => record with { Digest = digest, Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now.AddDays(-20)) });

        var result = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal("""{"action":"release","image":"app","version":"1.0.0/1","attempt":2,"resume":true}""", house.Workflow.Started["release-app_1-0-0-1_2"]);
        Assert.Contains(result.Decisions, decision => decision.Reasons[0].Text == "latest in us-east-1 of 1.0.0/1 is missing and is restored");
    }

    [Fact]
    public async Task Reconcile_ReleaseIsRunning_IsLeftAlone()
    {
        var house = new FunctionHarness();
        var build = house.Built("app", "1.0.0/1");
        house.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now.AddDays(-2)) });
        house.Workflow.Running.Add("release-app_1-0-0-1");

        await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal(["prune-app_20260104"], house.Workflow.Started.Keys);
    }

    [Fact]
    public async Task Reconcile_OneImage_ProcessesNoOther()
    {
        var house = new FunctionHarness();

        var result = await house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Equal(["app"], result.Decisions.Select(decision => decision.Subject).Distinct());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"time":null}""")]
    [InlineData("""{"image":"app"}""")]
    public async Task Reconcile_WithoutATime_IsInvalidAndChangesNothing(string json)
    {
        var house = new FunctionHarness();

        await Assert.ThrowsAsync<InvalidEventException>(() => house.Reconcile(FunctionHarness.Read<ReconcileRequest>(json)));

        Assert.Empty(house.Workflow.Started);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    [InlineData("APP")]
    public async Task Reconcile_ImageIsNotInTheCatalog_NamesTheKnownImages(string image)
    {
        var fault = await Assert.ThrowsAsync<ImageNotInCatalogException>(() => new FunctionHarness().Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = image }));

        Assert.Contains("runtime, app", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_OneImageCannotBeRead_IsReportedAndTheOthersAreProcessed()
    {
        var house = new FunctionHarness();
        house.Builder.Denied = "pipeline runtime";

        await Assert.ThrowsAsync<PermanentException>(() => house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.Contains("prune-app_20260104", house.Workflow.Started.Keys);
        Assert.Contains(house.Log, line => line.StartsWith("Error: runtime could not be processed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_OnePermanentOneTransient_IsTransientWithBothReasons()
    {
        var house = new FunctionHarness();
        house.Builder.Denied = "pipeline runtime";
        house.Workflow.Fault = name => name.StartsWith("prune-app", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        var fault = await Assert.ThrowsAsync<TransientException>(() => house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.Contains("throttled", fault.Message, StringComparison.Ordinal);
        Assert.Contains("pipeline runtime", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_RunningExecutionsCannotBeRead_StartsNothing()
    {
        var house = new FunctionHarness();
        house.Workflow.Fault = name => name == "list" ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => house.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.Empty(house.Workflow.Started);
    }

    private static ReconcileRequest At(string time) => FunctionHarness.Read<ReconcileRequest>($$"""{"time":"{{time}}"}""");
}
