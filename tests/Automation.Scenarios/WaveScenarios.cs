using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios;

/// <summary>A base with more children than the account may build at once.</summary>
public sealed class WaveScenarios
{
    private const int Children = 30;
    private const int Quota = 10;

    [Fact]
    public async Task ThirtyChildrenWithAQuotaOfTen_AreBuiltInThreeWavesWithinTheQuota()
    {
        var fleet = await StartAsync(maxConcurrentBuilds: Quota);
        await using var cloud = fleet.Cloud;

        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(4));

        await AssertAllAreBuiltOnceAsync(fleet);
        Assert.Equal(0, await RefusalsAsync(fleet));
        var waits = (await cloud.JournalAsync())
            .Where(entry => entry.Text.Contains(" PlanBuild: ", StringComparison.Ordinal) && entry.Text.Contains(": not-yet ", StringComparison.Ordinal))
            .ToList();
        Assert.Contains(waits, entry => entry.Text.Contains("leaf-11 is in wave 2 of 3: leaf-01 is also due and goes first", StringComparison.Ordinal));
        Assert.Contains(
            waits, entry => entry.Text.Contains("leaf-30 is in wave 3 of 3: leaf-10 1.0.0/1 is building in the same lane", StringComparison.Ordinal));
    }

    /// <summary>The same without the setting: the builds wait for foreign builds, or for a quota that the catalog does not state.</summary>
    [Fact]
    public async Task ThirtyChildrenWithAnUnknownQuota_AreStillBuilt()
    {
        var fleet = await StartAsync(maxConcurrentBuilds: 100);
        await using var cloud = fleet.Cloud;

        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(4));

        await AssertAllAreBuiltOnceAsync(fleet);
        Assert.InRange(await RefusalsAsync(fleet), Children - Quota, int.MaxValue);
    }

    [Fact]
    public async Task FirstOfALaneFailsPermanently_TheOthersOfItsLaneAreBuilt()
    {
        var fleet = await StartAsync(maxConcurrentBuilds: Quota);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("leaf-01", "Component update-linux failed.", Kind: BuildFailureKind.Component));
        await fleet.UpdatePipelineAsync("leaf-02", enabled: false);

        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(4));

        foreach (var name in new[] { "leaf-11", "leaf-21", "leaf-12", "leaf-22" })
        {
            Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync(name)).Release);
        }

        Assert.Equal(0, await RefusalsAsync(fleet));
    }

    private static async Task<Fleet> StartAsync(int maxConcurrentBuilds)
    {
        var names = Enumerable.Range(1, Children).Select(i => $"leaf-{i:00}").ToList();
        var catalog = new JsonObject
        {
            ["maxConcurrentBuilds"] = maxConcurrentBuilds,
            ["repositories"] = new JsonArray(new JsonObject { ["name"] = "golden/base", ["watchTags"] = new JsonArray("stable") }),
            ["images"] = new JsonArray([.. names.Select(name => new JsonObject
            {
                ["name"] = name,
                ["from"] = "golden/base:stable",
                ["repository"] = $"images/{name}",
                ["pipeline"] = name,
                ["promote"] = new JsonObject { ["versionTags"] = new JsonArray("v{version}.{build}"), ["floatingTags"] = new JsonArray("latest") },
            })]),
        };

        // The stack of adopted pipelines, with permissions on these too.
        var fleet = await TestCloud.StartAsync(
            "adopted",
            template => template
                .Replace("image-pipeline/their-pipeline", "image-pipeline/*", StringComparison.Ordinal)
                .Replace("repository/images/by-name", "repository/images/*", StringComparison.Ordinal),
            catalog.ToJsonString());
        await fleet.Cloud.InjectAsync(new ImageBuilderQuotas { ConcurrentBuilds = Quota });
        foreach (var name in names)
        {
            await fleet.CreatePipelineAsync(name, $"images/{name}", $"123456789012.dkr.ecr.{fleet.Cloud.Region}.amazonaws.com/golden/base:stable");
        }

        return fleet;
    }

    private static async Task AssertAllAreBuiltOnceAsync(Fleet fleet)
    {
        for (var i = 1; i <= Children; i++)
        {
            var build = Assert.Single(await fleet.BuildsAsync($"leaf-{i:00}"));
            Assert.Equal(("AVAILABLE", "promoted"), (build.Status, build.Release));
        }
    }

    private static async Task<int> RefusalsAsync(Fleet fleet) => (await fleet.Cloud.JournalAsync())
        .Count(entry => entry is { Kind: "function-failed" } && entry.Text.Contains("QuotaExceeded", StringComparison.Ordinal));
}
