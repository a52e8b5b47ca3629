using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary><c>vault</c> is built on <c>golden/base:stable</c> and copies from another image: it watches <c>golden/tools:v*</c>.</summary>
public sealed class WatchScenarios
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task PushUnderAWatchedTagWithDuplicatedEvents_BuildsTheImageOnce()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await PushToolsAsync(fleet, "v1");
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Service: "events", Count: null));
        await cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Service: "lambda", Count: null));
        await cloud.AdvanceAsync(Hour);

        var digest = await PushToolsAsync(fleet, "v2");
        await cloud.SettleAsync();
        await cloud.AdvanceAsync(3 * Hour);

        var builds = await fleet.BuildsAsync("vault");
        Assert.Equal(["1.0.0/1", "1.0.0/2"], builds.Select(build => build.Version));
        Assert.StartsWith("base:", builds[0].Cause, StringComparison.Ordinal);
        Assert.Equal($"watched:{digest}", builds[1].Cause);
        Assert.StartsWith($"new-watched-image: the newest golden/tools:v* is v2, {digest[7..19]}, pushed at ", TagText.Get(builds[1].Tags, "automation:reason"),
            StringComparison.Ordinal);
        Assert.Equal(digest, Assert.Single(builds[1].Tags, tag => tag.Key.StartsWith("automation:watched-", StringComparison.Ordinal)).Value);
        Assert.Equal(builds[0].BaseDigest, builds[1].BaseDigest);
    }

    [Fact]
    public async Task EventOfAWatchedPushIsLost_ReconcileFindsIt()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Resource: "golden/tools"));

        var digest = await PushToolsAsync(fleet, "v2");
        await cloud.SettleAsync();
        Assert.Single(await fleet.BuildsAsync("vault"));

        await cloud.AdvanceAsync(2 * Hour);
        Assert.Equal($"watched:{digest}", (await fleet.BuildsAsync("vault"))[^1].Cause);
        Assert.Equal(2, (await fleet.BuildsAsync("vault")).Count);
    }

    [Fact]
    public async Task PushUnderAnotherTag_DoesNothingUntilItGetsAMatchingTag()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await PushToolsAsync(fleet, "v1");
        await cloud.AdvanceAsync(Hour);
        var candidate = await PushToolsAsync(fleet, "rc-2");
        await cloud.AdvanceAsync(Hour);
        await fleet.PushAndSettleAsync("2026.1");
        await PushToolsAsync(fleet, "edge");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Single(await fleet.BuildsAsync("vault"));

        // It was pushed before the build; what counts is the image that the build used.
        await fleet.RetagAsync("golden/tools", candidate, "v2");
        await cloud.SettleAsync();
        Assert.Equal($"watched:{candidate}", (await fleet.BuildsAsync("vault"))[^1].Cause);
    }

    [Fact]
    public async Task WatchedRepositoryIsMissing_TheImageIsBuiltFromItsBase()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await cloud.CallAsync(
            "ecr", "AmazonEC2ContainerRegistry_V20150921.DeleteRepository", new JsonObject { ["repositoryName"] = "golden/tools", ["force"] = true });

        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal("AVAILABLE", Assert.Single(await fleet.BuildsAsync("vault")).Status);
        Assert.DoesNotContain(await fleet.ExecutionsAsync(), execution => execution.Status.Value == "FAILED");
    }

    private static Task<string> PushToolsAsync(Fleet fleet, string tag) =>
        BaseImage.PushAsync(fleet.Cloud.Ecr(fleet.Cloud.Region), "golden/tools", tag, $"tools {tag}");
}
