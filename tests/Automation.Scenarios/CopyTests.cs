namespace Automation.Scenarios;

/// <summary>A copy of a cloud continues like the original, and neither changes the other.</summary>
public sealed class CopyTests
{
    [Fact]
    public async Task Copy_InTheMiddleOfABuild_EndsLikeTheOriginal()
    {
        var origin = await TestCloud.StartAsync(options: TestCloud.ForCopies);
        await using var first = origin.Cloud;
        await origin.PushAndSettleAsync("2026.1");
        await origin.PushBaseAsync("2026.2");
        await first.AdvanceAsync(TimeSpan.FromMinutes(7));
        Assert.Equal("BUILDING", (await origin.BuildsAsync("runtime"))[^1].Status);

        var copy = origin.Copy();
        await using var second = copy.Cloud;
        await first.AdvanceAsync(TimeSpan.FromDays(9));
        Assert.Equal("BUILDING", (await copy.BuildsAsync("runtime"))[^1].Status);
        await second.AdvanceAsync(TimeSpan.FromDays(9));

        Assert.Equal(await origin.SummaryAsync("runtime", "app"), await copy.SummaryAsync("runtime", "app"));
        Assert.Equal((await origin.ExecutionsAsync()).Select(execution => execution.Name), (await copy.ExecutionsAsync()).Select(execution => execution.Name));
        Assert.Equal(await origin.AlertsAsync(), await copy.AlertsAsync());
    }

    [Fact]
    public async Task Copy_OfAFleetThatKeepsNoRows_IsRefused()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        Assert.Throws<InvalidOperationException>(() => fleet.Copy());
    }
}
