using System.Text.Json.Nodes;
using Automation.Scenarios.InProcess;

namespace Automation.Scenarios;

/// <summary>What is removed as time goes by, and what never is.</summary>
public sealed class RetentionScenarios
{
    [Fact]
    public async Task Weeks_OldBuildsGo_WithImageAndRecord_AndWhatIsUsedStays()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        // A rebuild every Sunday; keepLast 2, keepDays 7, graceDays 3.
        await cloud.AdvanceAsync(TimeSpan.FromDays(42));

        foreach (var image in new[] { "runtime", "app" })
        {
            var builds = await fleet.BuildsAsync(image);
            var tags = await fleet.TagsAsync($"images/{image}");
            Assert.DoesNotContain(builds, build => build.Version is "1.0.0/1" or "1.0.0/2");
            Assert.Equal(builds.Select(build => build.Version.Replace('/', '-')), tags.Keys.Where(tag => builds.Any(build => build.Version.Replace('/', '-') == tag)));
            Assert.Equal(builds.Count, (await fleet.ImagesAsync($"images/{image}")).Count);
            Assert.Equal(tags[builds[^1].Version.Replace('/', '-')], tags["latest"]);
            Assert.InRange(builds.Count, 2, 5);
        }

        Assert.Equal((await fleet.TagsAsync("images/runtime"))["latest"], (await fleet.BuildsAsync("app"))[^1].BaseDigest);
        Assert.All(await fleet.ExecutionsAsync("prune-"), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    [Fact]
    public async Task ReportMode_RemovesNothing_UnlessTheExecutionSaysSo()
    {
        var fleet = await InProcessCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        for (var release = 1; release <= 4; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await cloud.AdvanceAsync(TimeSpan.FromDays(1));
        }

        await cloud.AdvanceAsync(TimeSpan.FromDays(3));
        Assert.Equal(4, (await fleet.BuildsAsync("edge")).Count);

        await PruneAsync(fleet, "first");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await PruneAsync(fleet, "second");

        var tags = await fleet.TagsAsync("images/edge");
        Assert.Equal(["1.0.0/3", "1.0.0/4"], (await fleet.BuildsAsync("edge")).Select(build => build.Version));
        Assert.Equal(tags, await fleet.TagsAsync("images/edge", "eu-west-1"));
        Assert.Equal(tags["v1.0.0.4"], tags["latest"]);
    }

    [Fact]
    public async Task PruneStoppedByTheBrake_TellsThePersonTheCommand_AndThatDeletes()
    {
        var fleet = await InProcessCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        for (var release = 1; release <= 4; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await cloud.AdvanceAsync(TimeSpan.FromDays(1));
        }

        await cloud.AdvanceAsync(TimeSpan.FromDays(3));
        await PruneAsync(fleet, "marks");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));

        await PruneAsync(fleet, "stopped", maxDeletePercent: 10);
        Assert.Equal(4, (await fleet.BuildsAsync("edge")).Count);
        Assert.Contains("automation prune edge --delete --max-delete-percent 100", await fleet.MessageAsync("prune-stopped: edge"), StringComparison.Ordinal);

        await PruneAsync(fleet, "allowed", maxDeletePercent: 100);
        Assert.Equal(["1.0.0/3", "1.0.0/4"], (await fleet.BuildsAsync("edge")).Select(build => build.Version));
    }

    [Fact]
    public async Task PruneWhileABuildIsRolledBackTo_NeverTakesATagFromUnderIt()
    {
        var fleet = await InProcessCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        for (var release = 1; release <= 4; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await cloud.AdvanceAsync(TimeSpan.FromDays(1));
        }

        await cloud.AdvanceAsync(TimeSpan.FromDays(3));
        await PruneAsync(fleet, "marks");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        var first = (await fleet.TagsAsync("images/edge"))["v1.0.0.1"];

        await fleet.StartAsync("rollback-edge-1", new JsonObject { ["action"] = "rollback", ["image"] = "edge", ["version"] = "1.0.0/1" });
        await PruneAsync(fleet, "deletes");

        foreach (var region in new[] { "us-east-1", "eu-west-1" })
        {
            var tags = await fleet.TagsAsync("images/edge", region);
            Assert.True(tags.ContainsKey("latest"), $"latest is gone in {region}.");
            Assert.Contains(tags["latest"], new[] { first, tags["v1.0.0.4"] });
        }
    }

    private static async Task PruneAsync(Fleet fleet, string name, int? maxDeletePercent = null)
    {
        var input = new JsonObject { ["action"] = "prune", ["image"] = "edge", ["delete"] = true };
        if (maxDeletePercent is { } percent)
        {
            input["maxDeletePercent"] = percent;
        }

        var execution = await fleet.StartAsync($"prune-edge-{name}", input);
        await fleet.Cloud.SettleAsync();
        Assert.Equal("SUCCEEDED", (await fleet.ResultAsync(execution)).Status);
    }
}
