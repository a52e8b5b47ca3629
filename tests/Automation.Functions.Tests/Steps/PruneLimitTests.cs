using Automation.Core;
using static Automation.Functions.Tests.Steps.PruneSample;

namespace Automation.Functions.Tests.Steps;

/// <summary>The limits of a prune: of deletions, of time, and of its result.</summary>
public sealed class PruneLimitTests
{
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

        var fault = await Assert.ThrowsAsync<InvalidEventException>(
            () => harness.Prune(FunctionHarness.Step(App with { Delete = delete, MaxDeletePercent = percent })));

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
    public async Task Prune_TimeRunsOutBeforeAnyWork_FailsInsteadOfLooping()
    {
        var harness = Superseded("delete");
        harness.Registry.WaitBeforeDelete = 0;

        await Assert.ThrowsAsync<TransientException>(() => harness.Prune(FunctionHarness.Step(App)));
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

    [Fact]
    public async Task Prune_ImageWithAThousandTags_NamesAFew()
    {
        var harness = Superseded("report");
        harness.Registry.Push("images/app", "app 1.0.0/1", FunctionHarness.Now.AddDays(-100), ["1.0.0-1", .. Enumerable.Range(0, 999).Select(i => $"t{i}")]);

        var result = await harness.Prune(FunctionHarness.Step(App));

        Assert.Contains(result.Items, item => item.Target.EndsWith("[1.0.0-1, t0, t1, t2, t3, and 995 more]", StringComparison.Ordinal));
    }
}
