
namespace Automation.Scenarios;

/// <summary>The main task: a push of the base reaches the last child, level by level, and every build records its base.</summary>
public sealed class CascadeScenarios
{
    [Fact]
    public async Task BasePushed_RuntimeAndAppAreBuiltAndPromotedEachOnThePromotedParent()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        var stable = await fleet.PushAndSettleAsync("2026.1");

        var runtime = Assert.Single(await fleet.BuildsAsync("runtime"));
        var app = Assert.Single(await fleet.BuildsAsync("app"));
        var runtimeTags = await fleet.TagsAsync("images/runtime");
        var appTags = await fleet.TagsAsync("images/app");
        Assert.Equal(("AVAILABLE", "promoted", stable), (runtime.Status, runtime.Release, runtime.BaseDigest));
        Assert.Equal(("AVAILABLE", "promoted", runtimeTags["latest"]), (app.Status, app.Release, app.BaseDigest));
        Assert.Equal(["1.0", "1.0.0-1", "1.0.0-20260105.1", "latest"], runtimeTags.Keys);
        Assert.Equal(["1", "1.0.0-1", "1.0.0-20260105.1", "latest"], appTags.Keys);
        Assert.Single(runtimeTags.Values.Distinct());
        Assert.Single(appTags.Values.Distinct());
        Assert.All(await fleet.ExecutionsAsync(), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
        Assert.Empty(await fleet.DeadLettersAsync());
    }
}
