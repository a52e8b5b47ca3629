using System.Text.Json;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Functions.Events;

namespace Automation.Functions.Tests;

/// <summary>The line from which CloudWatch makes metrics: JSON in the embedded metric format, with the time of the event.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Announce_CountsItsOutcomeWithImageAndReasonAsProperties()
    {
        var harness = new FunctionHarness();
        await harness.Announce(
            FunctionHarness.Step(
                new LifecycleState { Action = "release", Image = "app", Error = new StepError { Name = "PermanentException", Cause = "it broke" } }));

        var line = Line(harness);
        Assert.Equal("""
            {"_aws":{"Timestamp":1767601800000,"CloudWatchMetrics":[{"Namespace":"Automation","Dimensions":[["FunctionName"]],"Metrics":[{"Name":"Failed","Unit":"Count"}]}]},"FunctionName":"function-1","Failed":1,"image":"app","outcome":"failed","reason":"it broke","execution":"execution-1"}
            """, line.ToString());
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(40, 1)]
    public async Task Reconcile_CountsOverdueImages(int promotedDaysAgo, int overdue)
    {
        var harness = new FunctionHarness(Catalog());
        var build = harness.Built("app", "1.0.0/1", FunctionHarness.Now.AddDays(-50));
        harness.Change(build.Arn, record => record with
        {
            PromotedAt = FunctionHarness.Now.AddDays(-promotedDaysAgo),
            Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now.AddDays(-promotedDaysAgo)),
        });

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now });

        var line = Line(harness);
        Assert.Equal(overdue, line.GetProperty("OverdueImages").GetInt32());
        Assert.Equal(overdue * promotedDaysAgo, line.GetProperty("OldestOverdueDays").GetDouble());
        Assert.Equal(overdue == 1, line.GetProperty("reasons").GetString()!.StartsWith("app: last promoted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_OfOneImage_WritesNoFleetMetrics()
    {
        var harness = new FunctionHarness(Catalog());

        await harness.Reconcile(new ReconcileRequest { Time = FunctionHarness.Now, Image = "app" });

        Assert.Empty(harness.MetricLines);
    }

    [Fact]
    public async Task Announce_OfAPrune_CountsNothing()
    {
        var harness = new FunctionHarness();
        await harness.Announce(
            FunctionHarness.Step(new LifecycleState { Action = "prune", Image = "app", Prune = PruneResult.Nothing("report") with { Done = true } }));

        Assert.Empty(harness.MetricLines);
    }

    private static JsonElement Line(FunctionHarness harness) => JsonDocument.Parse(Assert.Single(harness.MetricLines)).RootElement;

    private static ImageCatalog Catalog() => ImageCatalog.Parse("""
        { "repositories": [ { "name": "golden/base" } ],
          "images": [ { "name": "app", "from": "golden/base:stable", "repository": "images/app", "promote": { "maxAgeDays": 30 } } ] }
        """);
}
