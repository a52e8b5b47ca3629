using System.Text.Json.Nodes;
using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary>What is deleted over time, and what never is.</summary>
public sealed class RetentionScenarios
{
    [Fact]
    public async Task Weeks_OldBuildsAreDeletedWithImageAndRecordAndUsedOnesStay()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        // A rebuild every Sunday; keepLast 2, keepDays 7, graceDays 3.
        await cloud.AdvanceAsync(TimeSpan.FromDays(42));

        foreach (var image in new[] { "runtime", "app" })
        {
            var builds = await fleet.BuildsAsync(image);
            var tags = await fleet.TagsAsync($"images/{image}");
            Assert.DoesNotContain(builds, build => build.Version is "1.0.0/1" or "1.0.0/2");
            Assert.Equal(builds.Select(build => build.Version.Replace('/', '-')),
                tags.Keys.Where(tag => builds.Any(build => build.Version.Replace('/', '-') == tag)));
            Assert.Equal(builds.Count, (await fleet.ImagesAsync($"images/{image}")).Count);
            Assert.Equal(tags[builds[^1].Version.Replace('/', '-')], tags["latest"]);
            Assert.InRange(builds.Count, 2, 5);
        }

        Assert.Equal((await fleet.TagsAsync("images/runtime"))["latest"], (await fleet.BuildsAsync("app"))[^1].BaseDigest);
        Assert.All(await fleet.ExecutionsAsync("prune-"), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    [Fact]
    public async Task ReportMode_DeletesNothingUnlessTheExecutionSaysSo()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
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
    public async Task PruneStoppedByTheDeletionLimit_NamesTheCommandAndThatDeletes()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
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

    /// <summary>
    /// A prune that would delete builds 1 and 2 begins at each moment of a rollback to 1, which is slow once at each of its calls.
    /// Either the build is deleted before any tag moved, and this is reported; or the rollback is complete, and its image stays.
    /// </summary>
    [Theory]
    [InlineData("DescribeImages")]
    [InlineData("BatchDeleteImage")]
    [InlineData("DeleteImage")]
    public async Task PruneDuringARollbackToTheBuild_AtAnyTime_EndsInOneOfThreeStates(string slow)
    {
        var ends = await EndsOfPruneAtEachCallAsync(
            slow,
            _ => Task.CompletedTask,
            "rollback-edge-1",
            new JsonObject { ["action"] = "rollback", ["image"] = "edge", ["version"] = "1.0.0/1" });

        string[] expected =
        [
            "us-east-1 latest on 4; eu-west-1 latest on 4; 3 promoted, 4 promoted; not held",
            "us-east-1 latest on 1; eu-west-1 latest on 1; 1 promoted, 3 rolled-back, 4 rolled-back; held",

            // The rollback was requested, and the prune deleted its image before a tag moved. The request stays, and its conflict is reported.
            "us-east-1 latest on 4; eu-west-1 latest on 4; 3 promoted, 4 promoted; held",
        ];
        Assert.Equal("", string.Join('\n', ends.Except(expected)));
        Assert.NotEmpty(ends);
    }

    /// <summary>The same during the promotion of the newest build: it is never touched, and old builds are deleted.</summary>
    [Theory]
    [InlineData("DescribeImages")]
    [InlineData("PutImage")]
    [InlineData("BatchDeleteImage")]
    public async Task PruneDuringAPromotion_AtAnyTime_EndsInTheSameState(string slow)
    {
        var ends = await EndsOfPruneAtEachCallAsync(
            slow,
            async fleet =>
            {
                await fleet.Cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Count: null));
                await fleet.PushAndSettleAsync("2026.5");
                await fleet.Cloud.ClearFaultsAsync();
            },
            "release-edge-by-hand",
            new JsonObject { ["action"] = "release", ["image"] = "edge", ["version"] = "1.0.0/5", ["attempt"] = 1 });

        Assert.Equal("us-east-1 latest on 5; eu-west-1 latest on 5; 3 promoted, 4 promoted, 5 promoted; not held",
            string.Join(" | ", ends.Order(StringComparer.Ordinal)));
    }

    /// <summary>The end state if a deleting prune begins together with another execution that is slow once at each of its calls.</summary>
    private static async Task<HashSet<string>> EndsOfPruneAtEachCallAsync(string slow, Func<Fleet, Task> prepareAsync, string name, JsonObject input)
    {
        var ends = new HashSet<string>();
        var origin = await Arrangements.FourReleasesAsync(TestCloud.ForCopies);
        await using var beginning = origin.Cloud;
        await beginning.AdvanceAsync(TimeSpan.FromDays(3));
        await PruneAsync(origin, "marks");
        await beginning.AdvanceAsync(TimeSpan.FromDays(2));
        await prepareAsync(origin);
        for (var call = 0; ; call++)
        {
            var fleet = origin.Copy();
            await using var cloud = fleet.Cloud;
            await cloud.InjectAsync(new FaultRule(FaultKind.Delay, Operation: slow, Skip: call, Delay: TimeSpan.FromMinutes(1)));

            await fleet.StartAsync(name, input.DeepClone().AsObject());
            await fleet.BeginPruneAsync("deletes");
            await cloud.SettleAsync();
            if (await cloud.PendingFaultsAsync() > 0)
            {
                return ends;
            }

            ends.Add(await EndAsync(fleet));
        }
    }

    private static async Task<string> EndAsync(Fleet fleet)
    {
        var parts = new List<string>();
        var builds = await fleet.BuildsAsync("edge");
        foreach (var region in new[] { "us-east-1", "eu-west-1" })
        {
            var digest = (await fleet.TagsAsync("images/edge", region)).GetValueOrDefault("latest");
            parts.Add(
                $"{region} latest on {builds.FirstOrDefault(build => build.Tags.GetValueOrDefault("automation:digest") == digest)?.Version.Split('/')[1] ?? "nothing known"}");
        }

        parts.Add(string.Join(", ", builds.Select(build => $"{build.Version.Split('/')[1]} {build.Release}")));
        parts.Add((await fleet.PipelineTagsAsync("edge")).ContainsKey("automation:hold") ? "held" : "not held");
        return string.Join("; ", parts);
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
