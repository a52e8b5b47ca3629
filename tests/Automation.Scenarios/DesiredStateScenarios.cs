using System.Text.Json.Nodes;
using Amazon.Imagebuilder.Model;
using Automation.Core.Builds;
using Automation.LocalCloud;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>The pipeline and its builds record the desired state, and the reconcile restores it: after any outage, after a conflict was
/// solved, and against manual changes. The Regions never diverge permanently.</summary>
public sealed class DesiredStateScenarios
{
    /// <summary>Only the bytes that were scanned and approved are promoted.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ApprovedImageIsReplacedWhileThePromotionFails_TheOtherBytesAreNeverPromoted(bool isGone)
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var approved = (await fleet.TagsAsync("images/vault"))["1.0.0-1"];
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"v1.0.0.1\"", Count: null, Status: 503));
        await ApproveAsync(fleet);
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(approved, Assert.Single(await fleet.BuildsAsync("vault")).Tags["automation:cleared-digest"]);

        if (!isGone)
        {
            await fleet.RetagAsync("images/vault", approved, "kept");
        }

        // ECR deletes an image with its last tag.
        await fleet.DeleteTagAsync("images/vault", "1.0.0-1");
        var other = await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "images/vault", "1.0.0-1", "other bytes");
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(30 * Hour);

        var tags = await fleet.TagsAsync("images/vault");
        Assert.Equal(["1.0.0-1"], tags.Where(tag => tag.Value == other).Select(tag => tag.Key));
        Assert.DoesNotContain("latest", tags.Keys);
        var build = Assert.Single(await fleet.BuildsAsync("vault"));
        Assert.Equal("failed", build.Release);
        Assert.Contains(other[7..19], TagText.Get(build.Tags, "automation:release-reason"), StringComparison.Ordinal);

        if (!isGone)
        {
            // The approved image still exists. With its tag restored, the release continues and does not ask again.
            await fleet.DeleteTagAsync("images/vault", "1.0.0-1");
            await fleet.RetagAsync("images/vault", approved, "1.0.0-1");
            await cloud.AdvanceAsync(2 * Hour);
            Assert.Equal(approved, (await fleet.TagsAsync("images/vault"))["latest"]);
            Assert.Single(await fleet.AlertsAsync(), subject => subject == "approval needed: vault 1.0.0/1");
        }
    }

    [Fact]
    public async Task ImageIsReplacedDuringTheSoak_IsNotPromotedAndTheReasonIsNamed()
    {
        var fleet = await TwoRegionsAsync(soakHours: 4);
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(Hour);
        var other = await BaseImage.PushAsync(cloud.Ecr(There), "images/edge", "1.0.0-1", "other bytes");

        await cloud.AdvanceAsync(6 * Hour);

        Assert.Equal("failed", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge")).Keys);
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge", There)).Keys);
        Assert.Contains(other[7..19], await fleet.MessageAsync("failed: edge 1.0.0/1"), StringComparison.Ordinal);
    }

    /// <summary>One Region cannot accept the tag: no tag moves in any Region, and all move when the conflict is solved.</summary>
    [Theory]
    [InlineData("immutable", Here)]
    [InlineData("immutable", There)]
    [InlineData("image", There)]
    public async Task Release_ConflictInOneRegion_NothingMovesAnywhereAndAllMovesLater(string obstacle, string region)
    {
        var fleet = await TwoRegionsAsync(builds: 1, soakHours: 2);
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(Hour);
        var image = (await fleet.TagsAsync("images/edge"))["1.0.0-2"];
        await ObstructAsync(fleet, obstacle, region, image);

        await cloud.AdvanceAsync(6 * Hour);
        var tags = await fleet.TagsAsync("images/edge");
        Assert.Equal(tags["v1.0.0.1"], tags["latest"]);
        Assert.Equal("failed", (await fleet.BuildsAsync("edge"))[1].Release);
        Assert.Single(await fleet.AlertsAsync(), subject => subject == "failed: edge 1.0.0/2");
        Assert.Contains(region, await fleet.MessageAsync("failed: edge 1.0.0/2"), StringComparison.Ordinal);

        await ClearAsync(fleet, obstacle, region, image);
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(("promoted", "1.0.0-2"), ((await fleet.BuildsAsync("edge"))[1].Release, await LatestAsync(fleet)));
        Assert.Single(await fleet.AlertsAsync(), subject => subject == "failed: edge 1.0.0/2");
    }

    /// <summary>Two releases of one build: the promoted one counts, in whatever order they end.</summary>
    [Theory]
    [InlineData("Rejected", true)]
    [InlineData("Rejected", false)]
    [InlineData(null, true)]
    public async Task TwoReleasesOfOneBuild_OneApprovedOneRejectedOrExpired_TheBuildIsPromoted(string? error, bool approvedFirst)
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var first = Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn;
        var second = await fleet.PromoteAsync("vault", "1.0.0/1", attempt: 2);
        if (approvedFirst)
        {
            await AnswerAsync(fleet, second, null);
        }

        if (error is not null)
        {
            await AnswerAsync(fleet, first, error);
        }

        if (!approvedFirst)
        {
            await AnswerAsync(fleet, second, null);
        }

        await cloud.AdvanceAsync(30 * Hour);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);

        await fleet.DeleteTagAsync("images/vault", "latest");
        await cloud.AdvanceAsync(2 * Hour);
        var tags = await fleet.TagsAsync("images/vault");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("NotToday", null)]
    [InlineData(null, "not before Monday")]
    public async Task ApprovalFailedWithoutErrorOrCause_IsAnOrdinaryRejection(string? error, string? cause)
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var execution = Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn;
        var input = new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution) };
        if (error is not null)
        {
            input["error"] = error;
        }

        if (cause is not null)
        {
            input["cause"] = cause;
        }

        await cloud.CallAsync("states", "AWSStepFunctions.SendTaskFailure", input);
        await cloud.SettleAsync();

        var (status, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal(("SUCCEEDED", "rejected"), (status, output["announcement"]!["detail"]!["outcome"]!.ToString()));
        Assert.Equal("rejected", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        Assert.Contains("rejected: vault 1.0.0/1", await fleet.AlertsAsync());
    }

    [Theory]
    [InlineData(Here, "v1.0.0.1")]
    [InlineData(There, "v1.0.0.2")]
    [InlineData(There, "latest")]
    public async Task TagOfAPromotedBuildIsDeletedInOneRegion_IsRestoredOnlyOnce(string region, string tag)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        var before = await fleet.TagsAsync("images/edge", region);

        await DeleteTagAsync(fleet, region, tag);
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(before, await fleet.TagsAsync("images/edge", region));
        Assert.Equal(["promoted", "promoted"], (await fleet.BuildsAsync("edge")).Select(build => build.Release));
        var runs = (await fleet.ExecutionsAsync("release-")).Count;
        await cloud.AdvanceAsync(4 * Hour);
        Assert.Equal(runs, (await fleet.ExecutionsAsync("release-")).Count);
    }

    /// <summary>A person moves it to the older build or to another image in one Region; it is restored.</summary>
    [Theory]
    [InlineData("1.0.0-1", false)]
    [InlineData("1.0.0-1", true)]
    [InlineData(null, false)]
    [InlineData(null, true)]
    public async Task FloatingTagIsMovedByHandInOneRegion_IsRestoredEvenAfterARollback(string? to, bool rolledBack)
    {
        var fleet = await TwoRegionsAsync(builds: 3);
        await using var cloud = fleet.Cloud;
        if (rolledBack)
        {
            await fleet.RollbackAsync("edge", "1.0.0/2");
        }

        if (to is null)
        {
            await BaseImage.PushAsync(cloud.Ecr(Here), "images/edge", "latest", "by hand");
        }
        else
        {
            await fleet.RetagAsync("images/edge", (await fleet.TagsAsync("images/edge"))[to], "latest");
        }

        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(rolledBack ? "1.0.0-2" : "1.0.0-3", await LatestAsync(fleet));
    }

    /// <summary>A hold that a person sets freezes the tags, and nothing restores tags that are deleted or moved during the hold.</summary>
    [Fact]
    public async Task PersonHoldsThePipeline_MovedTagStaysUntilTheHoldIsRemoved()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await fleet.Cloud.ImageBuilder.TagResourceAsync(new TagResourceRequest
        {
            ResourceArn = fleet.PipelineArn("edge"),
            Tags = new Dictionary<string, string> { ["automation:hold"] = "incident 7" },
        }, TestContext.Current.CancellationToken);
        await fleet.RetagAsync("images/edge", (await fleet.TagsAsync("images/edge"))["1.0.0-1"], "latest");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal("1.0.0-1 and 1.0.0-2", await LatestAsync(fleet));

        await fleet.UntagPipelineAsync("edge", "automation:hold");
        await cloud.AdvanceAsync(2 * Hour);
        Assert.Equal("1.0.0-2", await LatestAsync(fleet));
    }

    /// <summary>A hold with an end stops builds and tags until then, and the reconcile that follows ends it and does what is due.</summary>
    [Fact]
    public async Task PersonHoldsThePipelineUntilATime_NothingStarts_AndTheReconcileEndsIt()
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        var now = await cloud.NowAsync();
        await fleet.Cloud.ImageBuilder.TagResourceAsync(new TagResourceRequest
        {
            ResourceArn = fleet.PipelineArn("edge"),
            Tags = BuildTags.Write(new Hold("the audit", HoldScope.Everything, now) { Until = now + 5 * Hour }).ToDictionary(),
        }, TestContext.Current.CancellationToken);
        await fleet.PushAndSettleAsync("2026.9");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Single(await fleet.BuildsAsync("edge"));

        await cloud.AdvanceAsync(5 * Hour);

        Assert.DoesNotContain(await fleet.PipelineTagsAsync("edge"), tag => tag.Key.StartsWith("automation:hold", StringComparison.Ordinal));
        Assert.Equal("1.0.0-2", await LatestAsync(fleet));
    }
}
