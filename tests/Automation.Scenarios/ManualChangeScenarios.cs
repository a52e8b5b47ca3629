using System.Text.Json.Nodes;
using Automation.LocalCloud;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Changes by people without the automation: in the console, with docker, with adopted pipelines.</summary>
public sealed class ManualChangeScenarios
{
    [Fact]
    public async Task FloatingTagIsDeleted_IsRestoredOnlyOnce()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var before = await fleet.TagsAsync("images/runtime");

        await fleet.DeleteTagAsync("images/runtime", "latest");
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(before, await fleet.TagsAsync("images/runtime"));
        await cloud.AdvanceAsync(5 * Hour);
        Assert.Equal(2, (await fleet.ExecutionsAsync("release-runtime")).Count);
        Assert.Single(await fleet.BuildsAsync("runtime"));
    }

    [Fact]
    public async Task FloatingTagIsDeletedAfterARollback_IsRestoredOnTheTarget()
    {
        var fleet = await TwoReleasesAsync();
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("app", "1.0.0/1");

        await fleet.DeleteTagAsync("images/app", "latest");
        await cloud.AdvanceAsync(3 * Hour);

        var tags = await fleet.TagsAsync("images/app");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
    }

    [Fact]
    public async Task FloatingTagIsMovedToAForeignImage_IsRestoredAndMovesWithTheNextRelease()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        var foreign = await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "images/runtime", "latest", "by hand");
        await cloud.AdvanceAsync(3 * Hour);
        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-runtime"))[^1].ExecutionArn);
        Assert.Contains("foreign-digest", output.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(foreign[7..19], output.ToJsonString(), StringComparison.Ordinal);

        await fleet.PushAndSettleAsync("2026.2");
        tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal(tags["1.0.0-2"], tags["latest"]);
        Assert.Equal(tags["latest"], (await fleet.BuildsAsync("app"))[^1].BaseDigest);
    }

    [Fact]
    public async Task BuildStartedByHand_IsReleasedToo()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);

        await fleet.StartByHandAsync("app", "00000000-0000-4000-8000-000000000001");
        await cloud.AdvanceAsync(2 * Hour);

        var builds = await fleet.BuildsAsync("app");
        Assert.Equal(("promoted", (string?)null), (builds[1].Release, builds[1].Cause));

        // It has no recorded base, but was made from nothing older than the previous build, so nothing must be built again.
        Assert.Equal(2, builds.Count);
        Assert.Equal((await fleet.TagsAsync("images/app"))["1.0.0-2"], (await fleet.TagsAsync("images/app"))["latest"]);
    }

    [Fact]
    public async Task PipelineIsDisabledWhileTheBuildWaits_NothingIsBuiltUntilItIsEnabled()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var digest = await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(2));

        await fleet.UpdatePipelineAsync("runtime", enabled: false);
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Empty(await fleet.BuildsAsync("runtime"));
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("build-runtime"))[0].ExecutionArn);
        Assert.Equal("pipeline-disabled", output["plan"]!["reasons"]![0]!["code"]!.ToString());

        await fleet.UpdatePipelineAsync("runtime");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal(digest, Assert.Single(await fleet.BuildsAsync("runtime")).BaseDigest);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task RecipeGoesFrom19To110_IsBuiltOnceAndMovesForward()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        foreach (var version in new[] { "1.9.0", "1.10.0", "1.9.0" })
        {
            await fleet.UpdatePipelineAsync("runtime", await fleet.RecipeAsync("runtime", version));
            await cloud.AdvanceAsync(3 * Hour);
        }

        var builds = await fleet.BuildsAsync("runtime");
        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal(["1.0.0/1", "1.10.0/1", "1.9.0/1"], builds.Select(build => build.Version).Order(StringComparer.Ordinal));
        Assert.All(builds, build => Assert.Equal("promoted", build.Release));
        Assert.Equal((tags["1.10.0-1"], tags["1.10.0-1"], tags["1.9.0-1"]), (tags["latest"], tags["1.10"], tags["1.9"]));
        Assert.Equal(tags["latest"], (await fleet.BuildsAsync("app"))[^1].BaseDigest);
    }

    [Fact]
    public async Task RecipeIsBuiltOnItsOwnOutput_NoBuildIsStartedAndTheReasonIsNamed()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        // runtime on app, which is built on runtime.
        await fleet.UpdatePipelineAsync("runtime", await fleet.RecipeAsync("runtime", "1.1.0", parent: "images/app:latest"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));

        Assert.Single(await fleet.BuildsAsync("runtime"));
        Assert.Single(await fleet.BuildsAsync("app"));
        Assert.Contains(await cloud.JournalAsync(),
            entry => entry.Text.Contains("each promotion would start the next build: runtime -> app -> runtime", StringComparison.Ordinal));

        // Now runtime is built on itself.
        await fleet.UpdatePipelineAsync("runtime", await fleet.RecipeAsync("runtime", "1.2.0", parent: "images/runtime:latest"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));
        Assert.Single(await fleet.BuildsAsync("runtime"));
    }

    [Fact]
    public async Task BuildIsDeprecated_RollbackAndPromoteSaySoAndMoveNothing()
    {
        var fleet = await TwoReleasesAsync();
        await using var cloud = fleet.Cloud;
        var before = await fleet.TagsAsync("images/app");
        await fleet.RetireAsync((await fleet.BuildsAsync("app"))[0].Arn, "DEPRECATED");

        var rollback = await fleet.RollbackAsync("app", "1.0.0/1");
        await fleet.PromoteAsync("app", "1.0.0/1", attempt: 2);

        var (_, output, _) = await fleet.ResultAsync(rollback);
        Assert.Equal(("retired", "build-deprecated"), (output["release"]!["outcome"]!.ToString(), output["release"]!["reasons"]![0]!["code"]!.ToString()));
        Assert.Equal(2, (await fleet.AlertsAsync()).Count(subject => subject == "not-releasable: app 1.0.0/1"));
        Assert.Equal(before, await fleet.TagsAsync("images/app"));
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("app")).Keys);
    }

    [Fact]
    public async Task SignatureAndSbom_StayWithTheImageThroughPromotionAndRollback()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var ecr = cloud.Ecr(cloud.Region);
        var image = (await fleet.ImagesAsync("images/app")).Single(image => image.ImageTags?.Contains("1.0.0-1") == true);
        var subject = new JsonObject { ["mediaType"] = image.ImageManifestMediaType, ["digest"] = image.ImageDigest, ["size"] = 500 };
        var signature = await BaseImage.PushAsync(ecr, "images/app", null, "signature", subject: (JsonObject)subject.DeepClone());
        var sbom = await BaseImage.PushAsync(ecr, "images/app", null, "sbom", subject: (JsonObject)subject.DeepClone());
        await cloud.AdvanceAsync(2 * Hour);

        await fleet.PushAndSettleAsync("2026.2");
        await fleet.RollbackAsync("app", "1.0.0/1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(3));

        Assert.Equal(image.ImageDigest, (await fleet.TagsAsync("images/app"))["latest"]);
        var referrers = await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.ListImageReferrers", new JsonObject
        {
            ["repositoryName"] = "images/app",
            ["subjectId"] = new JsonObject { ["imageDigest"] = image.ImageDigest },
        });
        Assert.Equal(
            new[] { sbom, signature }.Order(StringComparer.Ordinal),
            referrers["referrers"]!.AsArray().Select(each => each!["digest"]!.ToString()).Order(StringComparer.Ordinal));
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    [Fact]
    public async Task BuiltImageIsReplacedByAnIndex_IsPromotedAsAWhole()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Resource: "/runtime/"));
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.DeleteTagAsync("images/runtime", "1.0.0-1");
        var index = await BaseImage.PushIndexAsync(cloud.Ecr(cloud.Region), "images/runtime", "1.0.0-1", "for two architectures");

        await cloud.AdvanceAsync(3 * Hour);

        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal((index, index), (tags["latest"], tags["1.0.0-20260105.1"]));
        var images = await fleet.ImagesAsync("images/runtime");
        Assert.Equal("application/vnd.oci.image.index.v1+json", images.Single(image => image.ImageDigest == index).ImageManifestMediaType);
        Assert.Equal(3, images.Count);
    }
}
