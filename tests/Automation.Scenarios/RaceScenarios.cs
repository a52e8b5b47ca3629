using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary>Promotions, rollbacks and holds that interleave at any point, all with one image, <c>edge</c>.</summary>
public sealed class RaceScenarios
{
    [Fact]
    public async Task RolledBackAndPromotedForwardStepByStep_TagsFollowThePerson()
    {
        var fleet = await ReleasedAsync(5);
        await using var cloud = fleet.Cloud;

        await fleet.RollbackAsync("edge", "1.0.0/3");
        Assert.Equal(["promoted", "promoted", "promoted", "rolled-back", "rolled-back"], await ReleasesAsync(fleet));
        Assert.Equal("v1.0.0.3", await LatestAsync(fleet));

        await fleet.PromoteAsync("edge", "1.0.0/3", attempt: 2);
        Assert.Equal("v1.0.0.3", await LatestAsync(fleet));
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);

        await fleet.PromoteAsync("edge", "1.0.0/4", attempt: 2);
        Assert.Equal("v1.0.0.4", await LatestAsync(fleet));
        await fleet.PromoteAsync("edge", "1.0.0/4", attempt: 3);
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));
        Assert.Equal("v1.0.0.4", await LatestAsync(fleet));
        Assert.Equal(["promoted", "promoted", "promoted", "promoted", "rolled-back"], await ReleasesAsync(fleet));

        await fleet.PushAndSettleAsync("2026.6");
        Assert.Equal("v1.0.0.6", await LatestAsync(fleet));
    }

    [Fact]
    public async Task RolledBackBuild_IsPromotedAgainOnRequest()
    {
        var fleet = await ReleasedAsync(2);
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("edge", "1.0.0/1");

        await fleet.PromoteAsync("edge", "1.0.0/2", attempt: 2);

        Assert.Equal(("v1.0.0.2", "promoted promoted"), (await LatestAsync(fleet), string.Join(' ', await ReleasesAsync(fleet))));
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
    }

    /// <summary>One of two promotions is slow, once at each of its calls.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public Task TwoConcurrentPromotions_WithAnySlowCall_TheNewerWins(int first, int second) => AtEveryCallAsync(async fleet =>
    {
        await fleet.PushBaseAsync("2026.1");
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromMinutes(6));
        await BuildByHandAsync(fleet);
        Assert.Equal([null, null], await ReleasesAsync(fleet));
    }, async fleet =>
    {
        await ReleaseAsync(fleet, first);
        await ReleaseAsync(fleet, second);
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(3));

        var releases = await ReleasesAsync(fleet);
        return $"{await LatestAsync(fleet)} {releases[1]}{(releases[0] is "promoted" or "overtaken" ? "" : $" {releases[0]}")}";
    }, "v1.0.0.2 promoted");

    /// <summary>A rollback starts during the promotion of a newer build; one of them is slow, once at each of its calls.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task RollbackDuringThePromotionOfANewerBuild_WithAnySlowCall_TheRollbackWins(bool rollbackFirst) => AtEveryCallAsync(async fleet =>
    {
        var start = await fleet.Cloud.NowAsync();
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");

        // Just after a reconcile, so that the next one finds everything done.
        await fleet.Cloud.AdvanceAsync(start.AddMinutes(122) - await fleet.Cloud.NowAsync());
        await BuildByHandAsync(fleet);
        Assert.Equal(["promoted", "promoted", null], await ReleasesAsync(fleet));
    }, async fleet =>
    {
        var rollback = new JsonObject { ["action"] = "rollback", ["image"] = "edge", ["version"] = "1.0.0/1" };
        if (rollbackFirst)
        {
            await fleet.StartAsync("rollback-edge-1", rollback);
            await ReleaseAsync(fleet, 3);
        }
        else
        {
            await ReleaseAsync(fleet, 3);
            await fleet.StartAsync("rollback-edge-1", rollback);
        }

        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(3));
        var releases = await ReleasesAsync(fleet);
        return $"{await LatestAsync(fleet)} {releases[0]} {releases[1]}{(releases[2] is "held" or "rolled-back" ? "" : $" {releases[2]}")}";
    }, "v1.0.0.1 promoted rolled-back");

    /// <summary>Runs a history once for every call that it makes; that call then takes two minutes.</summary>
    /// <param name="arrange">Prepares the history, without slow calls.</param>
    private static async Task AtEveryCallAsync(Func<Fleet, Task> arrange, Func<Fleet, Task<string>> history, string expected)
    {
        var origin = await TestCloud.StartAsync("two-regions", options: TestCloud.ForCopies);
        await using var beginning = origin.Cloud;
        await origin.CreateRepositoryAsync("eu-west-1", "images/edge");
        await arrange(origin);
        var differing = new List<string>();
        var calls = 0;
        foreach (var operation in new[] { "PutImage", "TagResource", "ListImagePipelineImages", "DescribeRepositories", "DescribeImages" })
        {
            for (var call = 0; ; call++)
            {
                var fleet = origin.Copy();
                await using var cloud = fleet.Cloud;
                await cloud.InjectAsync(new FaultRule(FaultKind.Delay, Operation: operation, Skip: call, Delay: TimeSpan.FromMinutes(2)));
                var end = await history(fleet);
                if (await cloud.PendingFaultsAsync() > 0)
                {
                    break;
                }

                calls++;
                if (end != expected)
                {
                    differing.Add($"{operation} {call}: {end}");
                }
            }
        }

        Assert.True(differing.Count == 0, $"expected: {expected}\n{string.Join('\n', differing)}");
        Assert.True(calls > 30, string.Create(CultureInfo.InvariantCulture, $"Only {calls} calls were slow."));
    }

    /// <summary>A build without any notification.</summary>
    private static async Task BuildByHandAsync(Fleet fleet)
    {
        await fleet.Cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Count: null));
        await fleet.StartByHandAsync("edge", "00000000-0000-4000-8000-000000000001");
        await fleet.Cloud.SettleAsync();
        await fleet.Cloud.ClearFaultsAsync();
    }

    private static async Task<Fleet> ReleasedAsync(int builds)
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        for (var build = 1; build <= builds; build++)
        {
            await fleet.PushAndSettleAsync($"2026.{build}");
        }

        return fleet;
    }

    private static Task<string> ReleaseAsync(Fleet fleet, int build) => fleet.StartAsync($"release-edge_1-0-0-{build}", new JsonObject
    {
        ["action"] = "release",
        ["image"] = "edge",
        ["version"] = $"1.0.0/{build}",
        ["attempt"] = 1,
    });

    private static async Task<IReadOnlyList<string?>> ReleasesAsync(Fleet fleet) => [.. (await fleet.BuildsAsync("edge")).Select(build => build.Release)];

    /// <summary>The build with <c>latest</c>, which must be the same in both Regions.</summary>
    private static async Task<string> LatestAsync(Fleet fleet)
    {
        var regions = new List<string>();
        foreach (var region in new[] { "us-east-1", "eu-west-1" })
        {
            var tags = await fleet.TagsAsync("images/edge", region);
            regions.Add(tags.TryGetValue("latest", out var digest) ? tags.First(tag => tag.Key.StartsWith('v') && tag.Value == digest).Key : "none");
        }

        return string.Join(" and ", regions.Distinct());
    }
}
