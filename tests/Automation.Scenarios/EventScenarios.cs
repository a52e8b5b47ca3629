using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary>Events make it fast; reconciling makes it right. Whatever happens to events, the end state is the same.</summary>
public sealed class EventScenarios
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task EveryEventAndNotificationDuplicated_BuildsAndReleasesOnce()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Service: "events", Count: null));
        await cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Service: "sns", Count: null));
        await cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Service: "lambda", Count: null));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
        Assert.Equal(2, (await fleet.ExecutionsAsync("build-")).Count);
        Assert.Equal(2, (await fleet.ExecutionsAsync("release-")).Count);
        Assert.All(await fleet.ExecutionsAsync(), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
        Assert.Contains(await cloud.JournalAsync(), entry => entry is { Kind: "fault" });
    }

    [Fact]
    public async Task EcrEventLost_NothingHappensUntilReconcileFindsTheBase()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Resource: "golden/base"));

        await fleet.PushAndSettleAsync("2026.1");
        Assert.Empty(await fleet.BuildsAsync("runtime"));

        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    [Fact]
    public async Task NotificationLost_BuildStaysUnreleasedUntilReconcileFindsIt()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Resource: "/runtime/"));

        await fleet.PushAndSettleAsync("2026.1");
        var build = Assert.Single(await fleet.BuildsAsync("runtime"));
        Assert.Equal(("AVAILABLE", null), (build.Status, build.Release));

        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    [Fact]
    public async Task EveryEventLost_ReconcileAloneReachesTheSameEnd()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Count: null));
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Count: null));

        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(6 * Hour);

        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    [Fact]
    public async Task EventsArriveHoursLate_ChangeNothing()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Delay, Service: "events", Resource: "golden/base", Delay: 12 * Hour));
        await cloud.InjectAsync(new FaultRule(FaultKind.Delay, Service: "sns", Delay: 13 * Hour, Count: 2));

        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(10 * Hour);
        var before = await fleet.SummaryAsync("runtime", "app");
        await cloud.AdvanceAsync(10 * Hour);

        Assert.Equal(await UndisturbedAsync(), before);
        Assert.Equal(before, await fleet.SummaryAsync("runtime", "app"));
        Assert.Equal(0, await cloud.PendingFaultsAsync());
    }

    [Fact]
    public async Task SameHistory_RunTwice_GivesTheSameJournal()
    {
        Assert.Equal(await HistoryAsync(), await HistoryAsync());

        static async Task<IEnumerable<string>> HistoryAsync()
        {
            var fleet = await TestCloud.StartAsync();
            await using var cloud = fleet.Cloud;
            await fleet.PushBaseAsync("2026.1");
            await cloud.AdvanceAsync(3 * Hour);
            return [.. (await cloud.JournalAsync()).Select(entry => $"{entry.Time:O} {entry.Source} {entry.Kind} {entry.Text}")];
        }
    }

    /// <summary>The end state of a push without faults.</summary>
    private static async Task<string> UndisturbedAsync()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        return await fleet.SummaryAsync("runtime", "app");
    }
}
