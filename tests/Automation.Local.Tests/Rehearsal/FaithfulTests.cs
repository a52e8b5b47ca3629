using Automation.Local.Rehearsal;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>A rehearsal decides what the same days then really bring.</summary>
public sealed class FaithfulTests
{
    [Fact]
    public async Task Rehearsal_OfAQuietWeek_DecidesLikeTheWeek()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await fleet.PushAndSettleAsync("12.2");
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));

        await CompareAsync(fleet, 7, async () => await cloud.AdvanceAsync(TimeSpan.FromDays(7)));
    }

    private static async Task CompareAsync(Fleet fleet, int days, Func<Task> really, params Move[] moves)
    {
        using var fixture = new RehearsalFixture();
        var state = await RehearsalFixture.ReadAsync(fleet.Cloud);
        var rehearsed = await fixture.RunAsync(state, new RehearsalPlan(days, moves, OnlyTold: true));
        var log = RehearsalFixture.Follow(fleet.Cloud, state);
        await really();

        Assert.Empty(rehearsed.Warnings);
        Assert.NotEmpty(log.Decisions);
        Assert.Equal(RehearsalFixture.Lines(log.Decisions), RehearsalFixture.Lines(rehearsed.Decisions));
    }
}
