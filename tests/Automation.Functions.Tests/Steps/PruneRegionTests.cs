using static Automation.Functions.Tests.Steps.PruneSample;

namespace Automation.Functions.Tests.Steps;

/// <summary>Prunes of an image in several Regions.</summary>
public sealed class PruneRegionTests
{
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
    public async Task Prune_SeveralRegions_EndsInTheHomeRegionAndDeletesRecordsOnlyThere()
    {
        var harness = Superseded("delete", regions: ["us-east-1", "eu-west-1"]);

        await harness.Prune(FunctionHarness.Step(App));

        Assert.Equal(
            ["eu-west-1", "eu-west-1", "us-east-1", "us-east-1"],
            harness.Registry.Changes.Select(change => change.Split(' ')[2]));
        Assert.Equal(2, harness.Builder.Changes.Count(change => change.StartsWith("delete record", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("kept")]
    [InlineData("refused")]
    [InlineData("limited")]
    [InlineData("unknown")]
    public async Task Prune_ImageStaysInAnotherRegion_KeepsItsRecord(string how)
    {
        var harness = Superseded("delete", maxDeletePercent: 40, ["us-east-1", "eu-west-1"]);
        KeepInEurope(harness, how);

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
        Assert.Equal(["1.0.0-3", "1.0.0-4", "1.0.0-5"], RemainingTags(harness, "eu-west-1"));
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
}
