using System.Text.Json.Nodes;

namespace Automation.Scenarios;

/// <summary>Base images that come through a pull-through cache: ECR checks the upstream registry only on a pull.</summary>
public sealed class CacheScenarios
{
    private const string Repository = "mirror/library/alpine";

    [Fact]
    public async Task UpstreamChangesWithoutAnyPull_ReconcilePullsAndTheImageIsBuilt()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("their-pipeline")).Release);

        cloud.SetUpstream("public.ecr.aws", "library/alpine", "3.20", "two");
        await cloud.AdvanceAsync(TimeSpan.FromHours(20));
        Assert.Single(await fleet.BuildsAsync("their-pipeline"));

        await cloud.AdvanceAsync(TimeSpan.FromHours(8));

        var builds = await fleet.BuildsAsync("their-pipeline");
        Assert.Equal(["promoted", "promoted"], builds.Select(build => build.Release));
        Assert.Equal((await fleet.TagsAsync(Repository))["3.20"], builds[1].BaseDigest);
        Assert.StartsWith("base:", builds[1].Cause, StringComparison.Ordinal);
    }

    /// <summary>The event of the cache is lost, but the reconcile that pulled sees the new digest itself.</summary>
    [Fact]
    public async Task EventOfTheCacheIsLost_TheSameReconcileStartsTheBuild()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        cloud.SetUpstream("public.ecr.aws", "library/alpine", "3.20", "two");
        await cloud.InjectAsync(new LocalCloud.FaultRule(LocalCloud.FaultKind.Drop, Service: "events", Resource: "Pull Through Cache Action", Count: null));

        await cloud.AdvanceAsync(TimeSpan.FromHours(26));

        Assert.Equal(2, (await fleet.BuildsAsync("their-pipeline")).Count);
    }

    [Fact]
    public async Task UpstreamUnchanged_IsCheckedOnceADayAndNothingIsBuilt()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;

        await cloud.AdvanceAsync(TimeSpan.FromDays(5));

        Assert.Single(await fleet.BuildsAsync("their-pipeline"));
        var asked = (await cloud.JournalAsync()).Where(entry => entry is { Source: "ecr", Kind: "upstream-asked" }).Select(entry => entry.Time).ToList();
        Assert.InRange(asked.Count, 4, 6);
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromHours(24)));
    }

    [Fact]
    public async Task UpstreamIsDown_TheImageIsStillHandledAndRenewedLater()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        cloud.SetUpstream("public.ecr.aws", "library/alpine", "3.20", "two");
        cloud.SetOutage("public.ecr.aws", isOut: true);
        await cloud.AdvanceAsync(TimeSpan.FromHours(30));
        Assert.Single(await fleet.BuildsAsync("their-pipeline"));
        Assert.Empty(await fleet.DeadLettersAsync());

        cloud.SetOutage("public.ecr.aws", isOut: false);
        await cloud.AdvanceAsync(TimeSpan.FromHours(30));

        Assert.Equal(2, (await fleet.BuildsAsync("their-pipeline")).Count);
    }

    /// <summary>Two adopted pipelines, one of them with a cached base image.</summary>
    private static async Task<Fleet> StartAsync()
    {
        var fleet = await TestCloud.StartAsync("adopted");
        var cloud = fleet.Cloud;
        await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.CreatePullThroughCacheRule", new JsonObject
        {
            ["ecrRepositoryPrefix"] = "mirror",
            ["upstreamRegistryUrl"] = "public.ecr.aws",
        });
        cloud.SetUpstream("public.ecr.aws", "library/alpine", "3.20", "one");
        await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.BatchGetImage", new JsonObject
        {
            ["repositoryName"] = Repository,
            ["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = "3.20" }),
        });
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", $"123456789012.dkr.ecr.{cloud.Region}.amazonaws.com/{Repository}:3.20");
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", $"123456789012.dkr.ecr.{cloud.Region}.amazonaws.com/golden/base:stable");
        await cloud.SettleAsync();
        return fleet;
    }
}
