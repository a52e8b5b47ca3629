using Automation.LocalCloud;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Rollbacks during outages, conflicts, soaks and other changes. All Regions end on the target, or nothing moves.</summary>
public sealed class RollbackScenarios
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Rollback_OneRegionIsDownBeyondAllRetries_FollowsLater(int skip)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"latest\"", Skip: skip, Count: null, Status: 503));
        var rollback = await fleet.RollbackAsync("edge", "1.0.0/1");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal("FAILED", (await fleet.ResultAsync(rollback)).Status);
        Assert.Contains("automation promote edge", await fleet.MessageAsync("failed: edge 1.0.0/1"), StringComparison.Ordinal);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        Assert.Equal(["promoted", "rolled-back"], (await fleet.BuildsAsync("edge")).Select(build => build.Release));
        Assert.Contains("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        var runs = (await fleet.ExecutionsAsync("rollback-")).Count;
        await cloud.AdvanceAsync(5 * Hour);
        Assert.Equal(runs, (await fleet.ExecutionsAsync("rollback-")).Count);
    }

    /// <summary>Its function dies before or after any of its calls, and the workflow retries none of it.</summary>
    [Theory]
    [InlineData("TagResource")]
    [InlineData("ListImagePipelineImages")]
    [InlineData("DescribeRepositories")]
    public async Task Rollback_FailsAtAnyCall_EndsAtTheTarget(string operation)
    {
        var origin = await TwoRegionsAsync(builds: 3, options: TestCloud.ForCopies);
        await using var beginning = origin.Cloud;
        for (var call = 0; call < 8; call++)
        {
            var fleet = origin.Copy();
            await using var cloud = fleet.Cloud;
            await cloud.InjectAsync(new FaultRule(FaultKind.Error, Operation: operation, Skip: call, Count: null, Status: 503));
            await fleet.RollbackAsync("edge", "1.0.0/1");
            var ordered = (await fleet.PipelineTagsAsync("edge")).ContainsKey("automation:hold");
            await cloud.ClearFaultsAsync();
            await cloud.AdvanceAsync(2 * Hour);

            Assert.Equal(ordered ? "1.0.0-1" : "1.0.0-3", await LatestAsync(fleet));
            Assert.Equal(ordered ? ["promoted", "rolled-back", "rolled-back"] : ["promoted", "promoted", "promoted"],
                (await fleet.BuildsAsync("edge")).Select(build => build.Release));
        }
    }

    [Theory]
    [InlineData("immutable", Here)]
    [InlineData("immutable", There)]
    [InlineData("image", There)]
    public async Task Rollback_ConflictInOneRegion_NothingMovesAnywhereAndAllMovesLater(string obstacle, string region)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        var image = (await fleet.TagsAsync("images/edge"))["1.0.0-1"];
        await ObstructAsync(fleet, obstacle, region, image);

        var rollback = await fleet.RollbackAsync("edge", "1.0.0/1");
        await cloud.AdvanceAsync(5 * Hour);
        Assert.Equal("TagConflictException", (await fleet.ResultAsync(rollback)).Error);
        Assert.Equal("1.0.0-2", await LatestAsync(fleet));
        Assert.Single(await fleet.AlertsAsync(), subject => subject == "failed: edge 1.0.0/1");

        await ClearAsync(fleet, obstacle, region, image);
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        Assert.Equal(["promoted", "rolled-back"], (await fleet.BuildsAsync("edge")).Select(build => build.Release));
    }

    [Fact]
    public async Task Rollback_ToABlockedBuild_IsRefusedAndMovesNothing()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await RejectAsync(fleet, "Rejected", "no");
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.2");
        await ApproveAsync(fleet);
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.3");

        // Rejected; the owner itself; a newer one that waits for approval.
        foreach (var (version, id) in new[] { ("1.0.0/1", "a"), ("1.0.0/2", "b"), ("1.0.0/3", "c") })
        {
            var before = await fleet.TagsAsync("images/vault");
            var execution = await fleet.RollbackAsync("vault", version, id);
            var (status, output, _) = await fleet.ResultAsync(execution);
            Assert.Equal(("SUCCEEDED", "refused"), (status, output["announcement"]!["detail"]!["outcome"]!.ToString()));
            Assert.Contains($"automation promote vault {version}", output["announcement"]!["message"]!.ToString(), StringComparison.Ordinal);
            Assert.Equal(before, await fleet.TagsAsync("images/vault"));
            Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("vault")).Keys);
        }
    }

    [Fact]
    public async Task Rollback_ForwardToARolledBackBuild_IsRefused()
    {
        var fleet = await TwoRegionsAsync(builds: 3);
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("edge", "1.0.0/1", "a");
        await fleet.RollbackAsync("edge", "1.0.0/2", "b");

        Assert.Contains("refused: edge 1.0.0/2", await fleet.AlertsAsync());
        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
    }

    /// <summary>A build that soaks or waits does not overtake a rollback.</summary>
    [Fact]
    public async Task RollbackDuringTheSoakOfANewerBuild_HoldsItUntilTheHoldEnds()
    {
        var fleet = await TwoRegionsAsync(builds: 2, soakHours: 2);
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(5 * Hour);
        await fleet.PushBaseAsync("2026.3");
        await cloud.AdvanceAsync(Hour);
        await fleet.BeginRollbackAsync("edge", "1.0.0/1");
        await cloud.AdvanceAsync(5 * Hour);
        await AtRestAsync(fleet, "1.0.0-1", "promoted", "rolled-back", "held");

        await fleet.UntagPipelineAsync("edge", "automation:hold", "automation:hold-target", "automation:hold-scope", "automation:hold-since",
            "automation:hold-by", "automation:hold-begun");
        await cloud.AdvanceAsync(6 * Hour);
        await AtRestAsync(fleet, "1.0.0-3", "promoted", "rolled-back", "promoted");
    }

    [Fact]
    public async Task RollbackWhileANewerBuildWaitsForApproval_HoldsItEvenIfApproved()
    {
        var fleet = await VaultAsync(2);
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.3");
        await fleet.BeginRollbackAsync("vault", "1.0.0/1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(5));
        await AnswerAsync(fleet, (await fleet.ExecutionsAsync("release-vault"))[^1].ExecutionArn, null);
        await cloud.AdvanceAsync(3 * Hour);

        var tags = await fleet.TagsAsync("images/vault");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
        Assert.Equal(["promoted", "rolled-back", "held"], (await fleet.BuildsAsync("vault")).Select(build => build.Release));
    }

    /// <summary>The rollback's target itself is deprecated or deleted: the next older build takes its place, or none does.</summary>
    [Theory]
    [InlineData("1.0.0/2", "DEPRECATED", "1.0.0-1")]
    [InlineData("1.0.0/2", "DISABLED", "1.0.0-1")]
    [InlineData("1.0.0/1", "DEPRECATED", "1.0.0-1")]
    public async Task TargetOfARollbackIsDeprecated_TheNextOlderOneTakesItsPlace(string target, string status, string latest)
    {
        var fleet = await TwoRegionsAsync(builds: 3);
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("edge", target);
        await fleet.RetireAsync((await fleet.BuildsAsync("edge")).Single(build => build.Version == target).Arn, status);
        await cloud.AdvanceAsync(3 * Hour);

        await AtRestAsync(fleet, latest);
    }

    [Fact]
    public async Task RecordOfARollbacksTargetIsDeleted_RegionsStayTogether()
    {
        var fleet = await TwoRegionsAsync(builds: 3);
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("edge", "1.0.0/2");
        await DeleteRecordAsync(fleet, (await fleet.BuildsAsync("edge"))[1].Arn);
        await cloud.AdvanceAsync(4 * Hour);

        await AtRestAsync(fleet, "1.0.0-1");
    }

    [Fact]
    public async Task TwoConsecutiveRollbacksWhileARegionIsDown_TheLastOneCounts()
    {
        var fleet = await TwoRegionsAsync(builds: 3);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(RegistryDown());
        foreach (var version in new[] { "1.0.0/2", "1.0.0/1" })
        {
            await fleet.BeginRollbackAsync("edge", version);
            await cloud.AdvanceAsync(3 * Hour);
        }

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(3 * Hour);

        await AtRestAsync(fleet, "1.0.0-1", "promoted", "rolled-back", "rolled-back");
        Assert.Equal(["failed: edge 1.0.0/2", "failed: edge 1.0.0/1", "rolled-back: edge 1.0.0/1", "resolved: edge (release-failing)"],
            await fleet.AlertsAsync());
    }

    [Fact]
    public async Task RollbackWhileARegionIsDownAndThenPromote_TheNewestIsEverywhere()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(RegistryDown());
        await fleet.BeginRollbackAsync("edge", "1.0.0/1");
        await cloud.AdvanceAsync(3 * Hour);
        await cloud.ClearFaultsAsync();
        await fleet.PromoteAsync("edge", "1.0.0/2", attempt: 9);
        await cloud.AdvanceAsync(4 * Hour);

        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        await AtRestAsync(fleet, "1.0.0-2");
    }

    [Fact]
    public async Task RollbackHasAConflictAndAPromoteReplacesIt_TheIncidentEndsAndNothingMoves()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await ObstructAsync(fleet, "image", There, (await fleet.TagsAsync("images/edge"))["1.0.0-1"]);
        await fleet.RollbackAsync("edge", "1.0.0/1");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Single(await fleet.AlertsAsync());
        await fleet.PromoteAsync("edge", "1.0.0/2", attempt: 9);
        await cloud.AdvanceAsync(3 * Hour);

        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        await AtRestAsync(fleet, "1.0.0-2");
        Assert.Contains("resolved: edge (release-failing)", await fleet.AlertsAsync());
    }
}
