using Automation.LocalCloud;
using Automation.Scenarios.InProcess;

namespace Automation.Scenarios;

/// <summary>Services that throttle and fail, functions that die anywhere: run again, and the end is the same.</summary>
public sealed class FaultScenarios
{
    [Theory]
    [InlineData("ecr", 30)]
    [InlineData("imagebuilder", 30)]
    [InlineData("states", 6)]
    public async Task BurstOfThrottling_DelaysTheEnd_AndDoesNotChangeIt(string service, int calls)
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.OrderAsync(new FaultRule(FaultKind.Throttle, Service: service, Count: calls));

        await cloud.AdvanceAsync(TimeSpan.FromHours(8));

        Assert.Equal(0, await cloud.OpenOrdersAsync());
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    [Fact]
    public async Task EveryThirdCallFails_AndTheEndIsTheSame()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        for (var i = 0; i < 20; i++)
        {
            await cloud.OrderAsync(new FaultRule(FaultKind.Error, Skip: 2, Status: 503));
        }

        await cloud.AdvanceAsync(TimeSpan.FromHours(8));

        Assert.Equal(0, await cloud.OpenOrdersAsync());
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    [Fact]
    public async Task QuotaOfConcurrentBuilds_IsLater_NotFailure()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.OrderAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: 12, Code: "ServiceQuotaExceededException", Status: 402));

        await cloud.SettleAsync();

        Assert.Equal(0, await cloud.OpenOrdersAsync());
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
        Assert.All(await fleet.ExecutionsAsync(), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    [Fact]
    public async Task PermissionMissing_IsSaidAtOnce_AndNotRetried()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.OrderAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: null, Code: "AccessDeniedException", Status: 403));

        await cloud.SettleAsync();

        var (status, _, error) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("build-runtime")).ExecutionArn);
        Assert.Equal(("FAILED", "PermanentException"), (status, error));
        Assert.Single(await cloud.JournalAsync(), entry => entry is { Kind: "fault" });
        Assert.Contains("failed: runtime", await fleet.AlertsAsync());
    }

    /// <summary>
    /// The whole chain, with one function killed at one of its calls: once for every call of the history, before the call has an effect
    /// and after.
    /// </summary>
    [Theory]
    [InlineData(FaultKind.CrashBefore)]
    [InlineData(FaultKind.CrashAfter)]
    public async Task CrashAtAnyCall_OfAnyStep_EndsTheSame(FaultKind kind)
    {
        var expected = await UndisturbedAsync();
        var differing = new List<string>();
        var crashes = 0;
        for (var call = 0; ; call++)
        {
            var fleet = await InProcessCloud.StartAsync();
            await using var cloud = fleet.Cloud;
            await fleet.PushBaseAsync("2026.1");
            await cloud.OrderAsync(new FaultRule(kind, Skip: call));
            await cloud.SettleAsync();
            if (await cloud.OpenOrdersAsync() > 0)
            {
                break;
            }

            crashes++;
            var end = await fleet.SummaryAsync("runtime", "app");
            if (end != expected)
            {
                var fault = (await cloud.JournalAsync()).Single(entry => entry is { Kind: "fault" });
                differing.Add($"{kind} at call {call} ({fault.Text}):\n{end}");
            }
        }

        Assert.True(differing.Count == 0, $"expected:\n{expected}\n\n{string.Join("\n\n", differing)}");
        Assert.True(crashes > 40, $"Only {crashes} calls were crashed at.");
    }

    private static async Task<string> UndisturbedAsync()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        return await fleet.SummaryAsync("runtime", "app");
    }
}
