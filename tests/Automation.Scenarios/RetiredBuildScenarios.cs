using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Builds that are deprecated, disabled or deleted before, during and after their release.</summary>
public sealed class RetiredBuildScenarios
{
    [Theory]
    [InlineData("DEPRECATED")]
    [InlineData("DISABLED")]
    public async Task BuildIsDeprecatedDuringTheSoak_IsNotPromotedAndTheReasonIsNamed(string status)
    {
        var fleet = await TwoRegionsAsync(soakHours: 4);
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(Hour);
        await fleet.RetireAsync(Assert.Single(await fleet.BuildsAsync("edge")).Arn, status);

        await cloud.AdvanceAsync(6 * Hour);

        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge")).Keys);
        Assert.Contains(status, await fleet.MessageAsync("not-releasable: edge 1.0.0/1"), StringComparison.Ordinal);
        Assert.Equal("SUCCEEDED", Assert.Single(await fleet.ExecutionsAsync("release-edge")).Status.Value);

        // A person changes their mind: the build is released after all.
        await fleet.RetireAsync(Assert.Single(await fleet.BuildsAsync("edge")).Arn, "AVAILABLE");
        await cloud.AdvanceAsync(6 * Hour);
        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
    }

    [Theory]
    [InlineData("DEPRECATED")]
    [InlineData("DISABLED")]
    public async Task BuildIsDeprecatedWhileItWaitsForApproval_IsNotPromotedDespiteTheApproval(string status)
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.RetireAsync(Assert.Single(await fleet.BuildsAsync("vault")).Arn, status);

        await ApproveAsync(fleet);

        Assert.Equal(["1.0.0-1"], (await fleet.TagsAsync("images/vault")).Keys);
        Assert.Contains(status, await fleet.MessageAsync("not-releasable: vault 1.0.0/1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecordIsDeletedDuringTheSoak_EndsWithTheReasonWithoutFurtherWait()
    {
        var fleet = await TwoRegionsAsync(soakHours: 4);
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(Hour);
        await DeleteRecordAsync(fleet, Assert.Single(await fleet.BuildsAsync("edge")).Arn);

        await cloud.AdvanceAsync(6 * Hour);

        Assert.Equal("SUCCEEDED", (await fleet.ExecutionsAsync("release-edge"))[0].Status.Value);
        Assert.Contains("was deleted", await fleet.MessageAsync("not-releasable: edge 1.0.0/1"), StringComparison.Ordinal);

        // The image is built again automatically, and that build waits for its own soak.
        var tags = await fleet.TagsAsync("images/edge");
        Assert.NotEqual(tags["1.0.0-1"], tags.GetValueOrDefault("latest"));
    }

    [Theory]
    [InlineData("Rejected", "rejected: vault 1.0.0/1")]
    [InlineData(null, "not-releasable: vault 1.0.0/1")]
    [InlineData("timeout", "not-releasable: vault 1.0.0/1")]
    public async Task RecordIsDeletedWhileItWaitsForApproval_EndsWithOutcomeAndMessage(string? answer, string subject)
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var execution = Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn;
        await DeleteRecordAsync(fleet, Assert.Single(await fleet.BuildsAsync("vault")).Arn);

        if (answer == "timeout")
        {
            await cloud.AdvanceAsync(30 * Hour);
        }
        else
        {
            await AnswerAsync(fleet, execution, answer);
        }

        Assert.Equal("SUCCEEDED", (await fleet.ResultAsync(execution)).Status);
        Assert.Contains(subject, await fleet.AlertsAsync());
    }

    /// <summary>No execution waits for what cannot happen: neither for the person's answer nor for the timeout.</summary>
    [Theory]
    [InlineData(null, "was deleted")]
    [InlineData("DEPRECATED", "DEPRECATED")]
    public async Task BuildIsDeletedOrDeprecatedDuringApproval_WithoutAnswer_ReconcileEndsTheWait(string? status, string why)
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var execution = Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn;
        var arn = Assert.Single(await fleet.BuildsAsync("vault")).Arn;
        if (status is null)
        {
            await DeleteRecordAsync(fleet, arn);
        }
        else
        {
            await fleet.RetireAsync(arn, status);
        }

        await cloud.AdvanceAsync(2 * Hour);

        var (ended, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal(("SUCCEEDED", "not-releasable"), (ended, output["announcement"]!["detail"]!["outcome"]!.ToString()));
        Assert.Contains(why, await fleet.MessageAsync("not-releasable: vault 1.0.0/1"), StringComparison.Ordinal);
        if (status is not null)
        {
            // After a change of mind it is requested again, and promoted once approved.
            await fleet.RetireAsync(arn, "AVAILABLE");
            await cloud.AdvanceAsync(2 * Hour);
            await ApproveAsync(fleet);
            Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        }
    }

    /// <summary>The newest promoted build is deprecated, or its record is deleted: its tags belong to the previous one, in every Region.</summary>
    [Theory]
    [InlineData("DEPRECATED", true)]
    [InlineData("DEPRECATED", false)]
    [InlineData("DISABLED", true)]
    [InlineData(null, true)]
    public async Task NewestPromotedBuildIsDeprecatedAndATagIsDeletedInOneRegion_RegionsDoNotDiverge(string? status, bool deleted)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        var arn = (await fleet.BuildsAsync("edge"))[1].Arn;
        if (status is null)
        {
            await DeleteRecordAsync(fleet, arn);
        }
        else
        {
            await fleet.RetireAsync(arn, status);
        }

        if (deleted)
        {
            await DeleteTagAsync(fleet, There, "latest");
        }

        await cloud.AdvanceAsync(2 * Hour);

        // An image without a record is built again, and the new build is promoted.
        Assert.Equal(status is null ? "1.0.0-3" : "1.0.0-1", await LatestAsync(fleet));

        if (status is not null)
        {
            await fleet.RetireAsync(arn, "AVAILABLE");
            await cloud.AdvanceAsync(2 * Hour);
            Assert.Equal("1.0.0-2", await LatestAsync(fleet));
        }
    }

    /// <summary>The newest promoted build is deprecated, and one Region cannot follow: no tag moves anywhere, and it is reported.</summary>
    [Theory]
    [InlineData(Here)]
    [InlineData(There)]
    public async Task NewestIsDeprecatedAndOneRegionIsImmutable_NothingMovesUntilTheConflictIsSolved(string region)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        var image = (await fleet.TagsAsync("images/edge"))["1.0.0-1"];
        await ObstructAsync(fleet, "immutable", region, image);
        await fleet.RetireAsync((await fleet.BuildsAsync("edge"))[1].Arn, "DEPRECATED");
        await cloud.AdvanceAsync(30 * Hour);
        await AtRestAsync(fleet, "1.0.0-2");
        Assert.Equal(["failed: edge 1.0.0/1"], await fleet.AlertsAsync());

        await ClearAsync(fleet, "immutable", region, image);
        await cloud.AdvanceAsync(3 * Hour);
        await AtRestAsync(fleet, "1.0.0-1");
        Assert.Equal(["failed: edge 1.0.0/1", "resolved: edge (release-failing)"], await fleet.AlertsAsync());
    }

    /// <summary>All promoted builds are deprecated: no build owns the tags, and they stay where they are.</summary>
    [Fact]
    public async Task EveryPromotedBuildIsDeprecated_TagsStayAndNoExecutionRepeats()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        foreach (var build in (await fleet.BuildsAsync("edge")).Reverse())
        {
            await fleet.RetireAsync(build.Arn, "DEPRECATED");
        }

        await cloud.AdvanceAsync(5 * Hour);
        await AtRestAsync(fleet, "1.0.0-2");

        await fleet.PushAndSettleAsync("2026.3");
        await cloud.AdvanceAsync(2 * Hour);
        await AtRestAsync(fleet, "1.0.0-3");
    }

    [Fact]
    public async Task NewestIsDisabledAndANewBaseArrives_TheNewBuildIsPromotedInBothRegions()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await fleet.RetireAsync((await fleet.BuildsAsync("edge"))[1].Arn, "DISABLED");
        await cloud.AdvanceAsync(2 * Hour);
        await AtRestAsync(fleet, "1.0.0-1");
        await fleet.PushAndSettleAsync("2026.3");
        await cloud.AdvanceAsync(2 * Hour);

        await AtRestAsync(fleet, "1.0.0-3");
    }
}
