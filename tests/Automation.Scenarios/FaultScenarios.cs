using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios;

/// <summary>Services throttle and fail, functions die anywhere. After retries, the end state is the same.</summary>
public sealed class FaultScenarios
{
    [Theory]
    [InlineData("ecr", 30)]
    [InlineData("imagebuilder", 30)]
    [InlineData("states", 6)]
    public async Task BurstOfThrottling_DelaysTheEndWithoutChangingIt(string service, int calls)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.InjectAsync(new FaultRule(FaultKind.Throttle, Service: service, Count: calls));

        await cloud.AdvanceAsync(TimeSpan.FromHours(8));

        Assert.Equal(0, await cloud.PendingFaultsAsync());
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    [Fact]
    public async Task EveryThirdCallFails_EndsInTheSameState()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        for (var i = 0; i < 20; i++)
        {
            await cloud.InjectAsync(new FaultRule(FaultKind.Error, Skip: 2, Status: 503));
        }

        await cloud.AdvanceAsync(TimeSpan.FromHours(8));

        Assert.Equal(0, await cloud.PendingFaultsAsync());
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    /// <summary>A request that was made before the quota was full is decided again when there is room.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task QuotaIsFullAndTheFactsChange_TheOldRequestIsDropped(bool disabled)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new ImageBuilderQuotas { ConcurrentBuilds = 0 });
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(50));
        var second = await fleet.PushBaseAsync("2026.2");
        if (disabled)
        {
            await fleet.UpdatePipelineAsync("runtime", enabled: false);
        }

        await cloud.InjectAsync(new ImageBuilderQuotas());
        await cloud.AdvanceAsync(TimeSpan.FromHours(8));

        Assert.Equal(disabled ? [] : [second], (await fleet.BuildsAsync("runtime")).Select(build => build.BaseDigest));
        Assert.All(await fleet.ExecutionsAsync("build-"), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    /// <summary>Both have decided before either has started.</summary>
    [Fact]
    public async Task RequestAndNewBaseInTheSameSecond_AreNeverBuiltAtTheSameTime()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Resource: "golden/base"));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(7));
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Delay, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: 2, Delay: TimeSpan.FromSeconds(20)));

        await fleet.StartAsync("build-runtime-pushed", new JsonObject { ["action"] = "build", ["image"] = "runtime" });
        await fleet.StartAsync("build-runtime-asked", new JsonObject
        {
            ["action"] = "build",
            ["image"] = "runtime",
            ["manual"] = new JsonObject { ["id"] = "r1", ["by"] = "anna" },
        });
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Single(await fleet.BuildsAsync("runtime"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        var builds = await fleet.BuildsAsync("runtime");
        Assert.All(builds, build => Assert.Equal("AVAILABLE", build.Status));
        Assert.Contains("manual:r1", builds.Select(build => build.Cause));
        Assert.All(await fleet.ExecutionsAsync("build-"), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    [Fact]
    public async Task QuotaOfConcurrentBuilds_DelaysAndDoesNotFail()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.InjectAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: 12, Code: "ServiceQuotaExceededException", Status: 402));

        await cloud.SettleAsync();

        Assert.Equal(0, await cloud.PendingFaultsAsync());
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
        Assert.All(await fleet.ExecutionsAsync(), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    [Fact]
    public async Task MissingPermission_IsReportedAtOnceAndNotRetried()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.InjectAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: null, Code: "AccessDeniedException", Status: 403));

        await cloud.SettleAsync();

        var (status, _, error) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("build-runtime")).ExecutionArn);
        Assert.Equal(("FAILED", "PermanentException"), (status, error));
        Assert.Single(await cloud.JournalAsync(), entry => entry is { Kind: "fault" });
        Assert.Contains("failed: runtime", await fleet.AlertsAsync());
    }

    /// <summary>
    /// The whole chain, with one function killed at one of its calls: once for every call of the history, before and after the call takes
    /// effect.
    /// </summary>
    [Theory]
    [InlineData(FaultKind.CrashBefore)]
    [InlineData(FaultKind.CrashAfter)]
    public async Task CrashAtAnyCallOfAnyStep_EndsInTheSameState(FaultKind kind)
    {
        var expected = await UndisturbedAsync();
        var differing = new List<string>();
        var crashes = 0;
        var origin = await TestCloud.StartAsync(options: TestCloud.ForCopies);
        await using var beginning = origin.Cloud;
        await origin.PushBaseAsync("2026.1");
        for (var call = 0; ; call++)
        {
            var fleet = origin.Copy();
            await using var cloud = fleet.Cloud;
            await cloud.InjectAsync(new FaultRule(kind, Skip: call));
            await cloud.SettleAsync();
            if (await cloud.PendingFaultsAsync() > 0)
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
        Assert.True(crashes > 40, $"Only {crashes} calls had a crash.");
    }

    /// <summary>A service is down for half a day, longer than any retry lasts: executions fail, and the reconcile does all the work later.</summary>
    [Theory]
    [InlineData("ecr", 2)]
    [InlineData("ecr", 16)]
    [InlineData("imagebuilder", 2)]
    [InlineData("imagebuilder", 16)]
    [InlineData("states", 2)]
    public async Task ServiceIsDownForHalfADay_AllWorkIsDoneAfterwards(string service, int minutesAfterThePush)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(minutesAfterThePush));
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: service, Count: null, Status: 503));
        await cloud.AdvanceAsync(TimeSpan.FromHours(12));
        await cloud.ClearFaultsAsync();

        await cloud.AdvanceAsync(TimeSpan.FromHours(26));

        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
    }

    /// <summary>Incidents are executions in the stack's own Region. Without that Region the alarms on failing reconciles and dead letters report it.</summary>
    [Fact]
    public async Task OwnRegionIsDown_FailedReconcilesBecomeDeadLetters_AndAllWorkIsDoneAfterwards()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        foreach (var service in new[] { "ecr", "imagebuilder", "states" })
        {
            await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: service, Region: cloud.Region, Count: null, Status: 503));
        }

        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        await cloud.ClearFaultsAsync();

        Assert.Contains(await fleet.DeadLettersAsync(), body => body.Contains("\"time\"", StringComparison.Ordinal));
        await cloud.AdvanceAsync(TimeSpan.FromHours(26));
        Assert.Equal(await UndisturbedAsync(), await fleet.SummaryAsync("runtime", "app"));
        Assert.Empty(await fleet.AlertsAsync());
    }

    /// <summary>One of two Regions is down; the other continues.</summary>
    [Theory]
    [InlineData("v1.0.0.1")]
    [InlineData("latest")]
    public async Task OneRegionIsDownDuringThePromotion_IsFinishedWhenItReturns(string tag)
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: $"\"{tag}\"", Skip: 1, Count: null, Status: 503));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));
        Assert.NotEqual("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        Assert.Equal(tag == "latest",
            (await fleet.TagsAsync("images/edge")).ContainsKey("latest") || (await fleet.TagsAsync("images/edge", "eu-west-1")).ContainsKey("latest"));

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        var here = await fleet.TagsAsync("images/edge");
        Assert.Equal(["1.0.0-1", "latest", "v1.0.0.1"], here.Keys);
        Assert.Equal(here, await fleet.TagsAsync("images/edge", "eu-west-1"));
    }

    [Fact]
    public async Task RepositoryOfOneRegionIsDeletedDuringThePromotion_NoFloatingTagMovesAndRecoveryWorks()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"v1.0.0.1\"", Count: null, Status: 503));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(30));
        await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.DeleteRepository",
            new JsonObject { ["repositoryName"] = "images/edge", ["force"] = true }, "eu-west-1");
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(6));

        var build = Assert.Single(await fleet.BuildsAsync("edge"));
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge")).Keys);
        Assert.Contains(build.Release, new[] { "failed", "missing" });
        Assert.Contains("eu-west-1", TagText.Get(build.Tags, "automation:release-reason"), StringComparison.Ordinal);

        // The repository returns with another build.
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await fleet.PushAndSettleAsync("2026.2");
        Assert.Equal("promoted", (await fleet.BuildsAsync("edge"))[1].Release);
        Assert.Equal((await fleet.TagsAsync("images/edge"))["latest"], (await fleet.TagsAsync("images/edge", "eu-west-1"))["latest"]);
    }

    [Fact]
    public async Task PermissionIsMissingForDaysAndRestored_BuildsWithoutHelp()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: null, Code: "AccessDeniedException", Status: 403));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(4));
        Assert.Single(await fleet.AlertsAsync(), subject => subject == "failed: runtime");

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(26));

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
    }

    private static async Task<string> UndisturbedAsync()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        return await fleet.SummaryAsync("runtime", "app");
    }
}
