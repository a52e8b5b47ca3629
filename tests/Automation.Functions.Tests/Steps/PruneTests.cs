using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Functions.Tests.Steps;

public sealed class PruneTests
{
    private static readonly LifecycleState App = new() { Action = "prune", Image = "app" };

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
        harness.Builder.Builds.Add(("app", new BuildRecord { Version = ImageVersion.Parse(build), Arn = FunctionHarness.BuildArn("app", build), State = BuildState.InProgress, CreatedAt = FunctionHarness.Now }));
        foreach (var version in new[] { "1.0.0", "1.1.0" })
        {
            harness.Builder.OwnRecipes.Add(("app", new OwnRecipe($"arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/app/{version}", RecipeVersion.Parse(version), FunctionHarness.Now.AddDays(-90))));
        }

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(expected, harness.Builder.Changes.Where(change => change.Contains("recipe", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Prune_RolledBackBuild_StaysDuringTheHold()
    {
        var harness = Superseded("delete");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { Release = new ReleaseMark(ReleaseState.RolledBack, 1, FunctionHarness.Now) });
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
        Assert.Contains("\"kept\":{\"floating-tag\":1,\"keep-last\":1,\"newest-build\":1}", FunctionHarness.Written(result).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("; kept by reason: floating-tag 1, keep-last 1, newest-build 1; calls:", harness.Log[^1], StringComparison.Ordinal);
        Assert.Equal(2, harness.Log.Count);
    }

    /// <summary>With the complete digest, because nothing else identifies an image permanently.</summary>
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
        Assert.Equal(3, (await Superseded("delete").Prune(FunctionHarness.Step(App with { Prune = PruneResult.Nothing("delete") with { Kept = null } }))).Kept!.Values.Sum());

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
        harness.Builder.Recipes.Add(new RecipeBase("arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/child/1.0.0", FunctionHarness.Ecr("images/app:1.0.0-1")));

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
        harness.Builder.Recipes.Add(new RecipeBase("arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/child/1.0.0", FunctionHarness.BuildArn("app", "1.0.0/1")));

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(["delete record app/1.0.0/2", "untag app/1.0.0/1 automation:superseded-at"], harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_TooManyDeletions_IsStoppedByTheDeletionLimit()
    {
        var harness = Superseded("delete", maxDeletePercent: 10);

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Contains("2 of 5 images", result.DeletionLimit, StringComparison.Ordinal);
        Assert.Equal((new PruneCount(2, 2, 0), new PruneCount(0, 0, 0)), (result.Planned, result.Applied));
        Assert.Empty(harness.Registry.Changes);
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_TooManyDeletions_MayBeAllowedForOneExecution()
    {
        var harness = Superseded("delete", maxDeletePercent: 10);

        var result = await harness.Prune(FunctionHarness.Step(App with { Delete = true, MaxDeletePercent = 40 }));

        Assert.Equal((null, new PruneCount(2, 2, 0)), (result.DeletionLimit, result.Applied));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, -1)]
    [InlineData(true, 101)]
    [InlineData(false, 100)]
    [InlineData(null, 100)]
    public async Task Prune_LimitOutOfRangeOrWithoutDelete_IsRefusedAndChangesNothing(bool? delete, int percent)
    {
        var harness = Superseded("delete");

        var fault = await Assert.ThrowsAsync<InvalidEventException>(() => harness.Prune(FunctionHarness.Step(App with { Delete = delete, MaxDeletePercent = percent })));

        Assert.Contains("\"maxDeletePercent\" must be 1 to 100", fault.Message, StringComparison.Ordinal);
        Assert.Empty(harness.Registry.Changes);
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_TimeRunsOutHalfWay_ReportsWhatIsDoneAndTheNextCallContinues()
    {
        var harness = Superseded("delete", regions: ["us-east-1", "eu-west-1"]);
        harness.Registry.WaitBeforeDelete = 3;

        var first = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal((false, new PruneCount(3, 0, 0)), (first.Done, first.Applied));
        Assert.Equal(["eu-west-1"], first.Regions);
        var asked = new List<string>();
        harness.Registry.Fault = call =>
        {
            asked.Add(call);
            return null;
        };

        var second = await harness.Prune(FunctionHarness.Step(App with { Prune = first }));

        Assert.Equal((true, new PruneCount(4, 2, 0), new PruneCount(4, 2, 0)), (second.Done, second.Planned, second.Applied));
        Assert.Equal((6, 6), (second.ImagesKept, second.Kept!.Values.Sum()));
        Assert.Equal(["eu-west-1", "us-east-1"], second.Regions);
        Assert.Equal(["list eu-west-1 images/app"], asked.Where(call => call.Contains("eu-west-1", StringComparison.Ordinal)));
        Assert.Equal(4, harness.Registry.Changes.Distinct().Count());
        Assert.Equal(4, harness.Registry.Changes.Count);
    }

    [Fact]
    public async Task Prune_ImageRefusedInARegionBeforeTimeRanOut_KeepsItsRecordInTheNextCall()
    {
        var harness = Superseded("delete", regions: ["us-east-1", "eu-west-1"]);
        harness.Registry.StuckIn["eu-west-1"] = "tags changed";
        harness.Registry.WaitBeforeDelete = 3;

        var first = await harness.Prune(FunctionHarness.Step(App));
        var second = await harness.Prune(FunctionHarness.Step(App with { Prune = first }));

        Assert.Equal((false, true), (first.Done, second.Done));
        Assert.Equal((new PruneCount(4, 0, 0), new PruneCount(2, 0, 0)), (second.Planned, second.Applied));
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Prune_TimeRunsOutBeforeAnyWork_FailsInsteadOfLooping()
    {
        var harness = Superseded("delete");
        harness.Registry.WaitBeforeDelete = 0;

        await Assert.ThrowsAsync<TransientException>(() => harness.Prune(FunctionHarness.Step(App)));
    }

    [Fact]
    public async Task Prune_ImageWithAThousandTags_NamesAFew()
    {
        var harness = Superseded("report");
        harness.Registry.Push("images/app", "app 1.0.0/1", FunctionHarness.Now.AddDays(-100), ["1.0.0-1", .. Enumerable.Range(0, 999).Select(i => $"t{i}")]);

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Contains(result.Items, item => item.Target.EndsWith("[1.0.0-1, t0, t1, t2, t3, and 995 more]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prune_SeveralRegions_EndsInTheHomeRegionAndDeletesRecordsOnlyThere()
    {
        var harness = Superseded("delete", regions: ["us-east-1", "eu-west-1"]);

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(
            ["eu-west-1", "eu-west-1", "us-east-1", "us-east-1"],
            harness.Registry.Changes.Select(change => change.Split(' ')[2]));
        Assert.Equal(2, harness.Builder.Changes.Count(change => change.StartsWith("delete record", StringComparison.Ordinal)));
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

    [Theory]
    [InlineData("kept")]
    [InlineData("refused")]
    [InlineData("limited")]
    [InlineData("unknown")]
    public async Task Prune_ImageStaysInAnotherRegion_KeepsItsRecord(string how)
    {
        var harness = Superseded("delete", maxDeletePercent: 40, ["us-east-1", "eu-west-1"]);
        StayInEurope(harness, how);

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Null(harness.Registry.On("images/app", "1.0.0-1"));
        Assert.NotNull(harness.Registry.On("images/app", "1.0.0-1", "eu-west-1"));
        Assert.DoesNotContain("delete record app/1.0.0/1", harness.Builder.Changes);
        Assert.Equal(how == "kept" ? 1 : 2, result.Kept!["image-in-other-region"]);
        Assert.True(result.Done);
        Assert.Equal(how == "limited", result.DeletionLimit is not null);
        Assert.Equal(how == "unknown", result.Unknown is not null);
        Assert.Equal(how == "refused", result.Items.SelectMany(item => item.Reasons).Any(reason => reason.Code == "still-there"));
    }

    [Fact]
    public async Task Prune_RegionsWithoutTheHomeRegion_StillMarksAndDeletesRecords()
    {
        var harness = Aged("delete", regions: ["eu-west-1"]);

        var marked = await harness.Prune(FunctionHarness.Step(App));
        var later = await harness.Prune(FunctionHarness.Step(App, FunctionHarness.Now.AddDays(4)));
        var again = await harness.Prune(FunctionHarness.Step(App, FunctionHarness.Now.AddDays(4)));

        Assert.Equal(new PruneCount(0, 0, 2), marked.Applied);
        Assert.Equal(new PruneCount(2, 2, 0), later.Applied);
        Assert.Equal(["1.0.0/3", "1.0.0/4", "1.0.0/5"], harness.Builder.Builds.Select(build => build.Record.Version.ToString()));
        Assert.Equal(["1.0.0-3", "1.0.0-4", "1.0.0-5"], Standing(harness, "eu-west-1"));
        Assert.Equal(new PruneCount(0, 0, 0), again.Planned);
    }

    [Fact]
    public async Task Prune_OneRegionHasNoRepository_PrunesTheOthers()
    {
        var harness = Superseded("delete", regions: ["us-east-1", "eu-west-1"]);
        harness.Registry.Drop("images/app", "eu-west-1");

        Assert.True((await harness.Prune(FunctionHarness.Step(App))).Done);
        Assert.Equal(2, harness.Registry.Changes.Count);
    }

    [Fact]
    public async Task Prune_ManyItems_ReturnsAHundredAndCountsAll()
    {
        var harness = new FunctionHarness(CatalogOf("delete", 100, [FunctionHarness.Region]));
        for (var build = 1; build <= 130; build++)
        {
            Promoted(harness, $"1.0.0/{build}", FunctionHarness.Now.AddDays(-200 + build));
        }

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal((100, 128), (result.Items.Count, result.Applied.Superseded));
        Assert.Equal([100, 28], harness.Log.Select(line => line.Split("image 1.0.0/").Length - 1).Where(images => images > 0));
        Assert.Contains("supersede 100, applied: True, because superseded: ", harness.Log[0], StringComparison.Ordinal);
    }

    private static async Task<(string Mode, PruneCount Applied)> ModeAndDeletedAsync(FunctionHarness harness, LifecycleState state)
    {
        var result = await harness.Prune(FunctionHarness.Step(state));
        return (result.Mode, result.Applied);
    }

    // Five old builds; the two newest and the one with latest stay.
    private static FunctionHarness Aged(string mode, int maxDeletePercent = 50, string[]? regions = null)
    {
        var places = regions ?? [FunctionHarness.Region];
        var harness = new FunctionHarness(CatalogOf(mode, maxDeletePercent, places));
        for (var build = 1; build <= 5; build++)
        {
            Promoted(harness, $"1.0.0/{build}", FunctionHarness.Now.AddDays(-100 + build));
            if (!places.Contains(FunctionHarness.Region))
            {
                harness.Registry.Drop("images/app", FunctionHarness.Region, FunctionHarness.Digest($"app 1.0.0/{build}"));
            }

            foreach (var region in places.Where(region => region != FunctionHarness.Region))
            {
                harness.Registry.Push("images/app", $"app 1.0.0/{build}", FunctionHarness.Now.AddDays(-100 + build), [$"1.0.0-{build}"], region);
            }
        }

        foreach (var region in places)
        {
            harness.Registry.Move(region, "images/app", FunctionHarness.Digest("app 1.0.0/3"), "latest");
        }

        return harness;
    }

    private static void StayInEurope(FunctionHarness harness, string how)
    {
        switch (how)
        {
            case "kept":
                harness.Registry.Move("eu-west-1", "images/app", FunctionHarness.Digest("app 1.0.0/1"), "latest");
                break;
            case "refused":
                harness.Registry.StuckIn["eu-west-1"] = "tags changed";
                break;
            case "limited":
                harness.Registry.Drop("images/app", "eu-west-1", FunctionHarness.Digest("app 1.0.0/5"));
                break;
            default:
                var asked = 0;
                harness.Builder.Fault = call => call == "recipes" && asked++ == 0 ? new PermanentException("denied") : null;
                break;
        }
    }

    private static IEnumerable<string> Standing(FunctionHarness harness, string region) => Enumerable.Range(1, 5)
        .Select(build => $"1.0.0-{build}").Where(tag => harness.Registry.On("images/app", tag, region) is not null);

    private static void Promoted(FunctionHarness harness, string version, DateTimeOffset at)
    {
        var build = harness.Built("app", version, at);
        harness.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Promoted, 1, at), PromotedAt = at });
    }

    private static FunctionHarness Superseded(string mode, int maxDeletePercent = 50, string[]? regions = null)
    {
        var harness = Aged(mode, maxDeletePercent, regions);
        foreach (var arn in (string[])[FunctionHarness.BuildArn("app", "1.0.0/1"), FunctionHarness.BuildArn("app", "1.0.0/2")])
        {
            harness.Change(arn, build => build with { SupersededAt = FunctionHarness.Now.AddDays(-10) });
        }

        return harness;
    }

    private static ImageCatalog CatalogOf(string mode, int maxDeletePercent, string[] regions) => ImageCatalog.Parse($$"""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
         {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},
          "regions":[{{string.Join(',', regions.Select(region => $"\"{region}\""))}}],
          "promote":{"floatingTags":["latest"]},
          "retain":{"mode":"{{mode}}","keepLast":2,"keepDays":7,"keepPulledDays":0,"graceDays":3,"maxDeletePercent":{{maxDeletePercent}},"formerTags":["t{build}"] } }]}
        """);
}
