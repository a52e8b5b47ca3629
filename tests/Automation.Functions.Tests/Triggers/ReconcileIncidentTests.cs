using System.Text.Json.Nodes;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Functions.Events;

namespace Automation.Functions.Tests.Triggers;

/// <summary>Problems that a reconcile finds: each is reported once, and the other images are still processed.</summary>
public sealed class ReconcileIncidentTests
{
    [Fact]
    public async Task Reconcile_BuildThatOnlyAPersonCanHelp_IsReportedOnce()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var build = harness.Built("runtime", "1.0.0/1", state: BuildState.Failed);
        harness.Change(build.Arn, record => record with
        {
            BaseDigest = FunctionHarness.Digest("base"),
            Slot = new DateTimeOffset(2026, 1, 4, 3, 0, 0, TimeSpan.Zero),
            FailureKind = FailureKind.Permanent,
        });

        var first = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "runtime" });
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(1), Image = "runtime" });

        Assert.Equal(("no", "permanent-failure"), (first.Decisions[0].Decision, first.Decisions[0].Reasons[0].Code));
        Assert.Equal("build-stuck_runtime_1-0-0-1_20260105T08", Assert.Single(harness.Incidents.Open).Name);
        var report = Assert.Single(harness.Incidents.Reports);
        Assert.Contains("\"subject\":\"build-stuck: runtime\"", report, StringComparison.Ordinal);
        Assert.Contains("automation build runtime", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipeline-missing", "pipeline-missing_runtime_theirs_20260105T08")]
    [InlineData("recipe-differs", "recipe-differs_runtime_other_20260105T08")]
    public async Task Reconcile_AdoptedPipelineDiffersFromTheCatalog_IsReportedOnceAndTheOthersContinue(string code, string incident)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],"images":[
             {"name":"runtime","from":"golden/base:stable","repository":"images/runtime","pipeline":"theirs","recipe":"theirs"},
             {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":"app"}]}
            """));
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "theirs");
        harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { Recipe = "other" };
        if (code == "pipeline-missing")
        {
            harness.Builder.Pipelines.RemoveAt(at);
        }

        var first = await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddDays(1) });

        Assert.Equal(("no", code), (first.Decisions[0].Decision, first.Decisions[0].Reasons[0].Code));
        Assert.Equal(incident, Assert.Single(harness.Incidents.Open).Name);
        Assert.Contains($"\"code\":\"{code}\"", Assert.Single(harness.Incidents.Reports), StringComparison.Ordinal);
        Assert.Contains(harness.Workflow.Started.Keys, name => name.StartsWith("build-app", StringComparison.Ordinal));
        Assert.Equal(code == "pipeline-missing" ? 0 : 1,
            harness.Workflow.Started.Keys.Count(name => name.StartsWith("prune-runtime_20260105", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reconcile_ProblemIsSolved_EndsTheIncidentAndReportsItAgainTheSecondTime()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var pipeline = harness.Builder.Pipelines.Single(each => each.Name == "runtime");
        foreach (var hours in new[] { 0, 4 })
        {
            harness.Builder.Pipelines.Remove(pipeline);
            await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(hours), Image = "runtime" });
            await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(hours + 1), Image = "runtime" });
            Assert.Single(harness.Incidents.Open);

            harness.Builder.Pipelines.Add(pipeline);
            await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(hours + 2), Image = "runtime" });
            Assert.Empty(harness.Incidents.Open);
        }

        Assert.Equal(
            ["build-stuck: runtime", "resolved: runtime (pipeline-missing)", "build-stuck: runtime", "resolved: runtime (pipeline-missing)"],
            harness.Incidents.Reports.Select(report => JsonNode.Parse(report)!["subject"]!.ToString()));
    }

    /// <summary>Whatever fails for one image, even our own bug, the later images are still processed.</summary>
    [Theory]
    [InlineData(typeof(InvalidOperationException), typeof(PermanentException))]
    [InlineData(typeof(ArgumentOutOfRangeException), typeof(PermanentException))]
    [InlineData(typeof(TimeoutException), typeof(TransientException))]
    [InlineData(typeof(TaskCanceledException), typeof(TransientException))]
    public async Task Reconcile_OneImageFailsInAnyWay_TheOthersAreProcessedAndItIsReported(Type fault, Type reported)
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        harness.Built("app", "1.0.0/1");
        harness.Builder.Fault = call => call == "pipeline runtime" ? (Exception)Activator.CreateInstance(fault)! : null;

        var thrown = await Assert.ThrowsAnyAsync<AutomationException>(() => harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.IsType(reported, thrown);
        Assert.Contains("release-app_1-0-0-1", harness.Workflow.Started.Keys);
        Assert.Equal(reported == typeof(PermanentException) ? ["unreadable_runtime__20260105T08"] : [],
            harness.Incidents.Open.Select(incident => incident.Name));
    }

    /// <summary>A Region that does not answer does not fail the run. It is a separate incident, which ends when every image there was read.</summary>
    [Fact]
    public async Task Reconcile_UnreadableRegion_IsReportedOnceAndItsEndToo()
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],
             "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","regions":["us-east-1","eu-west-1"],"pipeline":{} },
                       {"name":"web","from":"golden/base:stable","repository":"images/web","regions":["us-east-1","eu-west-1"],"pipeline":{} }]}
            """));
        foreach (var image in new[] { "app", "web" })
        {
            var build = harness.Built(image, "1.0.0/1");
            harness.Change(build.Arn,
                record => record with
                {
                    Digest = FunctionHarness.Digest($"{image} 1.0.0/1"),
                    Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now)
                });
        }

        harness.Registry.Fault = call => call.Contains("eu-west-1", StringComparison.Ordinal) ? new TransientException($"{call}: 503") : null;
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(1) });

        Assert.Contains("web", Assert.Single(harness.Incidents.Reports), StringComparison.Ordinal);
        Assert.Equal(["region-unreadable_eu-west-1__20260105T08"], harness.Incidents.Open.Select(incident => incident.Name));

        // One image does not prove that all of them can be read.
        harness.Registry.Fault = null;
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(2), Image = "app" });
        Assert.Single(harness.Incidents.Open);
        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now.AddHours(3) });
        Assert.Empty(harness.Incidents.Open);
    }

    /// <summary>If the open incidents cannot be read, all other work is still done.</summary>
    [Fact]
    public async Task Reconcile_IncidentsCannotBeRead_StartsWhatIsDueAndReportsNothing()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Incidents.Fault = _ => new PermanentException("denied");

        await Assert.ThrowsAsync<PermanentException>(() => harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" }));

        Assert.Contains("release-app_1-0-0-1", harness.Workflow.Started.Keys);
        Assert.Empty(harness.Incidents.Reports);
    }

    [Fact]
    public async Task Reconcile_OneImageCannotBeRead_IsReportedAndTheOthersAreProcessed()
    {
        var harness = new FunctionHarness();
        harness.Builder.Denied = "pipeline runtime";

        await Assert.ThrowsAsync<PermanentException>(() => harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.Contains("prune-app_20260104", harness.Workflow.Started.Keys);
        Assert.Contains(harness.Log, line => line.StartsWith("Error: runtime could not be processed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_OnePermanentOneTransient_IsTransientWithBothReasons()
    {
        var harness = new FunctionHarness();
        harness.Builder.Denied = "pipeline runtime";
        harness.Workflow.Fault = name => name.StartsWith("prune-app", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        var fault = await Assert.ThrowsAsync<TransientException>(() => harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now }));

        Assert.Contains("throttled", fault.Message, StringComparison.Ordinal);
        Assert.Contains("pipeline runtime", fault.Message, StringComparison.Ordinal);
    }

    private static ReconcileRequest At(string time) => FunctionHarness.Read<ReconcileRequest>($$"""{"time":"{{time}}"}""");
}
