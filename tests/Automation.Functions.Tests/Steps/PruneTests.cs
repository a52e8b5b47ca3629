using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;
using static Automation.Functions.Tests.Steps.PruneSample;

namespace Automation.Functions.Tests.Steps;

public sealed class PruneTests
{
    [Fact]
    public async Task Prune_OldBuilds_AreMarkedFirst()
    {
        var harness = Aged("delete");

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal((true, "delete", new PruneCount(0, 0, 2)), (result.Done, result.Mode, result.Applied));
        Assert.Equal(
            ["tag app/1.0.0/1 superseded-at=2026-01-05T08:30:00Z", "tag app/1.0.0/2 superseded-at=2026-01-05T08:30:00Z"],
            harness.Builder.Changes.Order(StringComparer.Ordinal));
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Prune_GracePeriodIsOver_DeletesImagesThenRecords()
    {
        var harness = Superseded("delete");

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal((new PruneCount(2, 2, 0), 3, null), (result.Applied, result.ImagesKept, result.DeletionLimit));
        Assert.Equal(2, harness.Registry.Changes.Count(change => change.StartsWith("delete image", StringComparison.Ordinal)));
        Assert.Equal(["delete record app/1.0.0/1", "delete record app/1.0.0/2"], harness.Builder.Changes.Order(StringComparer.Ordinal));
        Assert.All(result.Items, item => Assert.True(item.Applied));
    }

    /// <summary>A stack update keeps the previous recipe, because one of its builds may be running.</summary>
    [Theory]
    [InlineData("delete", "1.0.0/1", new string[0])]
    [InlineData("delete", "1.1.0/1", new[] { "delete recipe app/1.0.0" })]
    [InlineData("report", "1.1.0/1", new string[0])]
    public async Task Prune_ReplacedRecipe_IsDeletedWhenItHasNoBuilds(string mode, string build, string[] expected)
    {
        var harness = new FunctionHarness(CatalogOf(mode, 50, [FunctionHarness.Region]));
        harness.Builder.Pipelines.RemoveAll(pipeline => pipeline.Name == "app");
        harness.Builder.Pipelines.Add(new PipelineFacts(FunctionHarness.PipelineArn("app"), "app", true, new RecipeVersion(1, 1, 0), "", Recipe: "app"));
        harness.Builder.Builds.RemoveAll(each => each.Pipeline == "app");
        harness.Builder.Builds.Add(
            ("app", new BuildRecord
            {
                Version = ImageVersion.Parse(build),
                Arn = FunctionHarness.BuildArn("app", build),
                State = BuildState.InProgress,
                CreatedAt = FunctionHarness.Now
            }));
        foreach (var version in new[] { "1.0.0", "1.1.0" })
        {
            harness.Builder.OwnRecipes
                .Add(("app", new OwnRecipe($"arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/app/{version}", RecipeVersion.Parse(version),
                    FunctionHarness.Now.AddDays(-90))));
        }

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(expected, harness.Builder.Changes.Where(change => change.Contains("recipe", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Prune_RolledBackBuild_StaysDuringTheHold()
    {
        var harness = Superseded("delete");
        harness.Change(
            FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { Release = new ReleaseMark(ReleaseState.RolledBack, 1, FunctionHarness.Now) });
        var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { Hold = new Hold("Rolled back to 1.0.0/2", HoldScope.Promotion) };

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal((1, 1), (result.Applied.Records, result.Kept!["rolled-back"]));
        Assert.Contains("untag app/1.0.0/1 automation:superseded-at", harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_KeptItems_AreCountedByReasonInResultAndLog()
    {
        var harness = Superseded("delete");

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(new Dictionary<string, int> { ["floating-tag"] = 1, ["keep-last"] = 1, ["newest-build"] = 1 }, result.Kept);
        Assert.Contains("\"kept\":{\"floating-tag\":1,\"keep-last\":1,\"newest-build\":1}", FunctionHarness.Written(result).GetRawText(),
            StringComparison.Ordinal);
        Assert.Contains("; kept by reason: floating-tag 1, keep-last 1, newest-build 1; calls:", harness.Log[^1], StringComparison.Ordinal);
        Assert.Equal(2, harness.Log.Count);
    }

    /// <summary>The log has the complete digest, because nothing else identifies an image permanently.</summary>
    [Fact]
    public async Task Prune_Deletions_AreLoggedWithDigestsAndReason()
    {
        var harness = Superseded("delete");

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Contains($"in us-east-1: delete 4, applied: True, because superseded: ", harness.Log[0], StringComparison.Ordinal);
        foreach (var build in new[] { 1, 2 })
        {
            Assert.Contains($"image 1.0.0/{build} {FunctionHarness.Digest($"app 1.0.0/{build}")} [1.0.0-{build}]", harness.Log[0], StringComparison.Ordinal);
            Assert.Contains($"record 1.0.0/{build} {FunctionHarness.Digest($"app 1.0.0/{build}")}", harness.Log[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Prune_FailsHalfWay_HasLoggedTheDeletions()
    {
        var harness = Superseded("delete");
        harness.Builder.Fault = call => call.StartsWith("delete", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => harness.Prune(FunctionHarness.Step(App)));

        Assert.Contains("delete 2, applied: True", Assert.Single(harness.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_StateOfAnOlderVersion_Continues() =>
        Assert.Equal(3,
            (await Superseded("delete").Prune(FunctionHarness.Step(App with { Prune = PruneResult.Nothing("delete") with { Kept = null } }))).Kept!.Values
                .Sum());

    [Fact]
    public async Task Prune_Repeated_FindsNothingTheSecondTime()
    {
        var harness = Superseded("delete");
        await harness.Prune(FunctionHarness.Step(App));
        harness.Builder.Changes.Clear();
        harness.Registry.Changes.Clear();

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Empty(result.Items);
        Assert.Empty(harness.Builder.Changes);
        Assert.Empty(harness.Registry.Changes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prune_ReportMode_ReportsEverythingAndChangesNothing(bool graceIsOver)
    {
        var harness = graceIsOver ? Superseded("report") : Aged("report");

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(("report", new PruneCount(0, 0, 0)), (result.Mode, result.Applied));
        Assert.Equal(graceIsOver ? new PruneCount(2, 2, 0) : new PruneCount(0, 0, 2), result.Planned);
        Assert.NotEmpty(result.Items);
        Assert.All(result.Items, item => Assert.False(item.Applied));
        Assert.Empty(harness.Builder.Changes);
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Prune_ReportModeWithDelete_Deletes() =>
        Assert.Equal(("delete", new PruneCount(2, 2, 0)), await ModeAndDeletedAsync(Superseded("report"), App with { Delete = true }));

    [Fact]
    public async Task Prune_DeleteModeWithReport_OnlyReports() =>
        Assert.Equal(("report", new PruneCount(0, 0, 0)), await ModeAndDeletedAsync(Superseded("delete"), App with { Delete = false }));

    [Fact]
    public async Task Prune_ImageCannotBeDeleted_KeepsItsRecordAndSaysWhy()
    {
        var harness = Superseded("delete");
        harness.Registry.Stuck[FunctionHarness.Digest("app 1.0.0/1")] = "ImageReferencedByManifestList: an index has it";

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(["delete record app/1.0.0/2"], harness.Builder.Changes);
        var left = result.Items.Where(item => !item.Applied).ToList();
        Assert.Equal(2, left.Count);
        Assert.All(left, item => Assert.Equal("still-there", item.Reasons[0].Code));
        Assert.Contains(left, item => item.Reasons[0].Text.Contains("an index has it", StringComparison.Ordinal));
        Assert.Equal((new PruneCount(2, 2, 0), new PruneCount(1, 1, 0)), (result.Planned, result.Applied));
    }

    [Fact]
    public async Task Prune_ImageCouldNotBeDeletedYesterday_FinishesToday()
    {
        var harness = Superseded("delete");
        harness.Registry.Stuck[FunctionHarness.Digest("app 1.0.0/1")] = "tags changed";
        await harness.Prune(FunctionHarness.Step(App));
        harness.Registry.Stuck.Clear();

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(["1.0.0/3", "1.0.0/4", "1.0.0/5"], harness.Builder.Builds.Select(build => build.Record.Version.ToString()));
    }

    [Fact]
    public async Task Prune_DeletingImagesFails_KeepsEveryRecord()
    {
        var harness = Superseded("delete");
        harness.Registry.Fault = call => call.StartsWith("delete", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => harness.Prune(FunctionHarness.Step(App)));

        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_UsageCannotBeRead_KeepsEverything()
    {
        var harness = Superseded("delete");
        harness.Builder.Fault = call => call == "recipes" ? new PermanentException("denied") : null;

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal((5, "the container recipes could not be read: denied"), (result.ImagesKept, result.Unknown));
        Assert.Equal(new PruneCount(0, 0, 0), result.Planned);
        Assert.Empty(harness.Builder.Changes);
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Prune_UsageIsThrottled_IsTransient()
    {
        var harness = Superseded("delete");
        harness.Builder.Fault = call => call == "recipes" ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => harness.Prune(FunctionHarness.Step(App)));
    }

    [Fact]
    public async Task Prune_OldImageIsTheBaseOfARecipe_StaysAndLosesItsMark()
    {
        var harness = Superseded("delete");
        harness.Builder.Recipes.Add(
            new RecipeBase("arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/child/1.0.0", FunctionHarness.Ecr("images/app:1.0.0-1")));

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(["delete record app/1.0.0/2", "untag app/1.0.0/1 automation:superseded-at"], harness.Builder.Changes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prune_RecipeNamesABuildWithoutKnownDigest_KeepsItsRecord(bool abroad)
    {
        var harness = Superseded("delete", regions: abroad ? ["eu-west-1"] : [FunctionHarness.Region]);
        harness.Registry.Drop("images/app", abroad ? "eu-west-1" : FunctionHarness.Region, FunctionHarness.Digest("app 1.0.0/1"));
        harness.Builder.Recipes.Add(
            new RecipeBase("arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/child/1.0.0", FunctionHarness.BuildArn("app", "1.0.0/1")));

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(["delete record app/1.0.0/2", "untag app/1.0.0/1 automation:superseded-at"], harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_RecordCannotBeDeleted_IsReportedAndTheOthersContinue()
    {
        var harness = Superseded("delete");
        harness.Builder.Stuck[FunctionHarness.BuildArn("app", "1.0.0/1")] = "ResourceDependencyException: recipe child/1.0.0 uses it";

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.True(result.Done);
        Assert.Equal(["delete record app/1.0.0/2"], harness.Builder.Changes);
        var left = Assert.Single(result.Items, item => !item.Applied);
        Assert.StartsWith("record 1.0.0/1", left.Target, StringComparison.Ordinal);
        Assert.Equal("still-there", left.Reasons[0].Code);
        Assert.Contains("recipe child/1.0.0 uses it", left.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Equal((new PruneCount(2, 2, 0), new PruneCount(2, 1, 0)), (result.Planned, result.Applied));
    }

    private static async Task<(string Mode, PruneCount Applied)> ModeAndDeletedAsync(FunctionHarness harness, LifecycleState state)
    {
        var result = await harness.Prune(FunctionHarness.Step(state));
        return (result.Mode, result.Applied);
    }
}
