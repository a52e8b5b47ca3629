using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios;

/// <summary>Changes of base images: they revert, alternate, come as an index, arrive without a push, and disappear.</summary>
public sealed class BaseScenarios
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData("ECR Replication Action")]
    [InlineData("ECR Pull Through Cache Action")]
    public async Task BaseArrivesWithoutAPush_IsBuiltAtOnce(string detailType)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        // ECR publishes only an event with this name.
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Resource: "golden/base"));
        var digest = await fleet.PushAndSettleAsync("2026.1");
        Assert.Empty(await fleet.BuildsAsync("runtime"));
        await cloud.PublishAsync("aws.ecr", detailType, new JsonObject
        {
            ["repository-name"] = "golden/base",
            ["image-tag"] = "stable",
            ["image-digest"] = digest,
            [detailType == "ECR Replication Action" ? "result" : "sync-status"] = "SUCCESS",
            [detailType == "ECR Replication Action" ? "action-type" : "rule-version"] = detailType == "ECR Replication Action" ? "REPLICATE" : "1",
        });
        await cloud.SettleAsync();

        Assert.Equal(digest, Assert.Single(await fleet.BuildsAsync("runtime")).BaseDigest);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task PushedThreeTimesWithinQuietTime_LastDigestIsBuiltAlready_NothingIsBuilt()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var first = await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);

        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        await fleet.PushBaseAsync("2026.3");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        await fleet.RetagAsync("golden/base", first, "stable");
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Single(await fleet.BuildsAsync("runtime"));
        Assert.All(await fleet.ExecutionsAsync(), execution => Assert.Equal("SUCCEEDED", execution.Status.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TagMovesBackToAnOlderDigest_IsBuiltFromThat(bool eventComes)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var first = await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);
        var second = await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(2 * Hour);
        if (!eventComes)
        {
            await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Resource: "golden/base"));
        }

        await fleet.RetagAsync("golden/base", first, "stable");
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal([first, second, first], (await fleet.BuildsAsync("runtime")).Select(build => build.BaseDigest));
        Assert.Equal((await fleet.TagsAsync("images/runtime"))["1.0.0-3"], (await fleet.TagsAsync("images/runtime"))["latest"]);
    }

    /// <summary>The newest build has no recorded base, because a person started it, and a push's time does not show when a tag moved. The current base is
    /// built once; then it is known.</summary>
    [Fact]
    public async Task TagMovesBack_AfterABuildStartedByHand_IsNoticed()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var first = await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "events", Resource: "golden/base"));
        var second = await fleet.PushBaseAsync("2026.2");
        await fleet.StartByHandAsync("runtime", "00000000-0000-4000-8000-000000000001");
        await cloud.AdvanceAsync(2 * Hour);
        Assert.Equal([first, null, second], (await fleet.BuildsAsync("runtime")).Select(build => build.BaseDigest));

        await fleet.RetagAsync("golden/base", first, "stable");
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal([first, null, second, first], (await fleet.BuildsAsync("runtime")).Select(build => build.BaseDigest));
    }

    [Fact]
    public async Task BaseAlternatesDuringItsBuild_EndsOnTheCurrentBase()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var first = await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);

        var second = await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal("BUILDING", (await fleet.BuildsAsync("runtime"))[^1].Status);
        await fleet.RetagAsync("golden/base", first, "stable");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        await fleet.RetagAsync("golden/base", second, "stable");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        await fleet.RetagAsync("golden/base", first, "stable");
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal([first, second, first], (await fleet.BuildsAsync("runtime")).Select(build => build.BaseDigest));
        Assert.Equal((await fleet.TagsAsync("images/runtime"))["latest"], (await fleet.BuildsAsync("app"))[^1].BaseDigest);
    }

    [Fact]
    public async Task IndexForTwoArchitectures_IsOneTrigger()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        var index = await BaseImage.PushIndexAsync(cloud.Ecr(cloud.Region), "golden/base", "stable", "2026.1");
        await cloud.SettleAsync();

        Assert.Equal(index, Assert.Single(await fleet.BuildsAsync("runtime")).BaseDigest);
        Assert.Single(await fleet.ExecutionsAsync("build-runtime"));
    }

    [Fact]
    public async Task BaseTagIsDeletedDuringQuietTime_NothingIsBuiltAndItsReturnIsNoticed()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var digest = await fleet.PushBaseAsync("2026.1");
        await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "golden/base", "other", "2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(2));
        await fleet.DeleteTagAsync("golden/base", "stable");
        await cloud.AdvanceAsync(2 * Hour);
        Assert.Empty(await fleet.BuildsAsync("runtime"));
        var (_, output, _) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("build-runtime")).ExecutionArn);
        Assert.Equal("base-missing", output["plan"]!["reasons"]![0]!["code"]!.ToString());

        await fleet.RetagAsync("golden/base", digest, "stable");
        await cloud.SettleAsync();

        Assert.Equal(digest, Assert.Single(await fleet.BuildsAsync("runtime")).BaseDigest);
    }

    [Fact]
    public async Task NewBaseAndScheduleAtTheSameTime_GiveOneBuild()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        // Sunday 03:00 is runtime's slot.
        var slot = new DateTimeOffset(2026, 1, 11, 3, 0, 0, TimeSpan.Zero);
        await cloud.AdvanceAsync(slot - TimeSpan.FromMinutes(3) - await cloud.NowAsync());
        var digest = await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(3 * Hour);

        var builds = await fleet.BuildsAsync("runtime");
        Assert.Equal(2, builds.Count);
        Assert.Equal(digest, builds[1].BaseDigest);
        Assert.Equal("2026-01-11T03:00:00Z", builds[1].Tags["automation:slot"]);
    }

    [Fact]
    public async Task BasePushedWhileThePreviousBuildFails_IsBuiltWithoutThePauseOfTheOldOne()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Component update-linux failed.", Kind: BuildFailureKind.Component, Builds: 1));
        var first = await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(10));
        var second = await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(2 * Hour);

        var builds = await fleet.BuildsAsync("runtime");
        Assert.Equal([("FAILED", first), ("AVAILABLE", second)], builds.Select(build => (build.Status, build.BaseDigest!)));
    }
}
