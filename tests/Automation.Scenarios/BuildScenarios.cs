using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios;

/// <summary>When builds start, when they are retried, and when not.</summary>
public sealed class BuildScenarios
{
    /// <summary>The step dies after its call, and the response to the repetition with the same token lacks the build.</summary>
    [Fact]
    public async Task RepeatedStartReturnsNoBuild_IsFoundByItsTagsAndReleased()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.CrashAfter, Service: "imagebuilder", Operation: "StartImagePipelineExecution"));
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Omit, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Member: "imageBuildVersionArn"));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(0, await cloud.PendingFaultsAsync());
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        var execution = Assert.Single(await fleet.ExecutionsAsync("build-runtime"));
        Assert.Equal("1.0.0/1", (await fleet.ResultAsync(execution.ExecutionArn)).Output["build"]!["version"]!.ToString());
    }

    [Fact]
    public async Task FailedBuild_IsRetriedAfterAPauseAndTheChainContinues()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure, Builds: 1));

        // It failed at 08:14 and the pause is 15 minutes, so the retry does not wait for the reconcile at 09:00.
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Contains("build-failed: runtime 1.0.0/1", await fleet.AlertsAsync());

        var builds = await fleet.BuildsAsync("runtime");
        Assert.Equal(["FAILED", "AVAILABLE"], builds.Select(build => build.Status));
        Assert.Equal(builds[0].Cause, builds[1].Cause);
        Assert.Equal("promoted", builds[1].Release);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task BuildFailsInItsOwnComponent_IsNotRetried()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Component update-linux failed.", Kind: BuildFailureKind.Component));

        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));

        Assert.Equal(["FAILED"], (await fleet.BuildsAsync("runtime")).Select(build => build.Status));
        Assert.Empty(await fleet.BuildsAsync("app"));
    }

    [Fact]
    public async Task BuildKeepsFailing_IsTriedMaxAttemptsTimes()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure));

        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(3));

        Assert.Equal(["1", "2", "3"], (await fleet.BuildsAsync("runtime")).Select(build => build.Tags["automation:attempt"]));
        Assert.Equal(["build-failed: runtime 1.0.0/1", "build-stuck: runtime"], await fleet.AlertsAsync());
        var last = await fleet.MessageAsync("build-stuck: runtime");
        Assert.Contains("`automation build runtime`", last, StringComparison.Ordinal);
        Assert.DoesNotContain(".;", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NotificationOfAFailedBuildIsLost_IsStillReportedAndThePauseBeginsThen()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure, Builds: 1));
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Resource: "/runtime/"));

        await fleet.PushAndSettleAsync("2026.1");
        Assert.DoesNotContain("build-failed: runtime 1.0.0/1", await fleet.AlertsAsync());
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        Assert.Single(await fleet.AlertsAsync(), subject => subject == "build-failed: runtime 1.0.0/1");
        var builds = await fleet.BuildsAsync("runtime");
        Assert.Equal(["FAILED", "AVAILABLE"], builds.Select(build => build.Status));
        Assert.Equal(["failed", "promoted"], builds.Select(build => build.Release));
    }

    [Fact]
    public async Task NewBase_AfterAPermanentFailure_IsBuilt()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Component update-linux failed.", Kind: BuildFailureKind.Component, Builds: 1));
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        var digest = await fleet.PushAndSettleAsync("2026.2");

        var builds = await fleet.BuildsAsync("runtime");
        Assert.Equal(["FAILED", "AVAILABLE"], builds.Select(build => build.Status));
        Assert.Equal(digest, builds[1].BaseDigest);
    }

    [Fact]
    public async Task BasePushedTwiceWithinQuietTime_IsBuiltOnceFromTheSecond()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(3));
        var second = await fleet.PushBaseAsync("2026.2");
        await cloud.SettleAsync();

        Assert.Equal(second, Assert.Single(await fleet.BuildsAsync("runtime")).BaseDigest);
    }

    /// <summary>
    /// Once a wait until 08:25:14.6565432 ended at 08:25:14.656, when the decision was still "not yet". This repeated thousands of times, until the
    /// execution failed with a full history.
    /// </summary>
    [Fact]
    public async Task BasePushedBetweenTwoTicksOfTheWorkflowsClock_IsWaitedForOnce()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(TimeSpan.FromMilliseconds(1234.5678));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Single(await fleet.BuildsAsync("runtime"));
        var asked = (await cloud.JournalAsync())
            .Count(entry => entry is { Kind: "function-log" } && entry.Text.Contains(" PlanBuild: runtime ", StringComparison.Ordinal)
                && entry.Text.Contains(": not-yet ", StringComparison.Ordinal));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task BaseKeepsChanging_IsBuiltAfterMaxWait()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        for (var minute = 0; minute < 80; minute += 4)
        {
            await fleet.PushBaseAsync($"2026.{minute}");
            await cloud.AdvanceAsync(TimeSpan.FromMinutes(4));
        }

        // maxWaitMinutes is 60, so a build has started by now, even if more pushes follow.
        Assert.NotEmpty(await fleet.BuildsAsync("runtime"));
    }

    [Fact]
    public async Task SameBasePushedAgain_IsNotBuilt()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage", new JsonObject
        {
            ["repositoryName"] = "golden/base",
            ["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = "stable" }),
        });
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        Assert.Single(await fleet.BuildsAsync("runtime"));
    }

    [Fact]
    public async Task OlderBuildEndsLast_GetsItsVersionTagsAndDoesNotMoveLatest()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        // A person starts both, because the automation builds only one at a time.
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Count: null));
        await fleet.PushBaseAsync("2026.1");
        await cloud.InjectAsync(new BuildTimings { Building = TimeSpan.FromMinutes(40) });
        await fleet.StartByHandAsync("runtime", "00000000-0000-4000-8000-000000000001");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(2));
        await cloud.InjectAsync(new BuildTimings());
        await fleet.StartByHandAsync("runtime", "00000000-0000-4000-8000-000000000002");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(["BUILDING", "AVAILABLE"], (await fleet.BuildsAsync("runtime")).Select(build => build.Status));
        var newer = (await fleet.TagsAsync("images/runtime"))["latest"];

        await cloud.AdvanceAsync(TimeSpan.FromMinutes(20));

        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal(["AVAILABLE", "AVAILABLE"], (await fleet.BuildsAsync("runtime")).Select(build => build.Status));
        Assert.Equal(["overtaken", "promoted"], (await fleet.BuildsAsync("runtime")).Select(build => build.Release));
        Assert.Equal((newer, newer), (tags["latest"], tags["1.0"]));
        Assert.Equal((tags["1.0.0-1"], tags["1.0.0-2"]), (tags["1.0.0-20260105.1"], tags["1.0.0-20260105.2"]));
    }

    [Fact]
    public async Task Sunday_RuntimeIsRebuiltWithoutAPushAndAppFollows()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        await cloud.AdvanceAsync(TimeSpan.FromDays(6));

        var builds = await fleet.BuildsAsync("runtime");
        Assert.Equal(2, builds.Count);
        Assert.Equal("slot:2026-01-11T03:00:00Z", builds[1].Cause);
        Assert.Equal(builds[0].BaseDigest, builds[1].BaseDigest);
        Assert.Equal((await fleet.TagsAsync("images/runtime"))["latest"], (await fleet.BuildsAsync("app"))[^1].BaseDigest);
    }
}
