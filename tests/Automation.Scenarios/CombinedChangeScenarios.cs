using System.Text.Json.Nodes;
using Amazon.Imagebuilder.Model;
using Automation.LocalCloud;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Combinations of outages and manual changes to tags, records, marks and holds. In every case, all Regions end on the build that
/// owns the tag, and no execution starts again and again.</summary>
public sealed class CombinedChangeScenarios
{
    [Fact]
    public async Task ExplicitPromoteWhileARegionIsDown_TheHoldStaysUntilEveryRegionHasFollowed()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("edge", "1.0.0/1");
        await cloud.InjectAsync(RegistryDown());
        await fleet.StartAsync("release-edge_1-0-0-2_9",
            new JsonObject { ["action"] = "release", ["image"] = "edge", ["version"] = "1.0.0/2", ["attempt"] = 9, ["explicit"] = true });
        await cloud.AdvanceAsync(5 * Hour);
        Assert.Contains("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        var tags = await fleet.TagsAsync("images/edge");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(4 * Hour);
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        await AtRestAsync(fleet, "1.0.0-2");
    }

    [Fact]
    public async Task RepositoryOfOneRegionIsDeletedAndCreatedAgain_IsReportedOnceAndTheNextBuildEndsIt()
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        await EcrAsync(fleet, "DeleteRepository", new JsonObject { ["repositoryName"] = "images/edge", ["force"] = true }, There);
        await cloud.AdvanceAsync(3 * Hour);
        await fleet.CreateRepositoryAsync(There, "images/edge");
        await cloud.AdvanceAsync(30 * Hour);
        Assert.Single(await fleet.AlertsAsync());

        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(3 * Hour);
        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
        Assert.Equal(2, (await fleet.AlertsAsync()).Count);
    }

    /// <summary>After a promotion the build's tag names bytes that were never scanned; the promoted image stays.</summary>
    [Fact]
    public async Task OtherBytesUnderTheTagOfAPromotedBuildInOneRegion_AreNeverPromoted()
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        var promoted = (await fleet.TagsAsync("images/edge"))["latest"];
        await BaseImage.PushAsync(cloud.Ecr(There), "images/edge", "1.0.0-1", "other bytes");
        await DeleteTagAsync(fleet, There, "latest");
        await cloud.AdvanceAsync(5 * Hour);

        Assert.Equal(promoted, (await fleet.TagsAsync("images/edge", There))["latest"]);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
    }

    [Fact]
    public async Task LatestIsMovedByHandToDifferentImagesInTwoRegions_IsRestoredInBoth()
    {
        var fleet = await TwoRegionsAsync(builds: 3);
        await using var cloud = fleet.Cloud;
        await fleet.RetagAsync("images/edge", (await fleet.TagsAsync("images/edge"))["1.0.0-1"], "latest");
        await BaseImage.PushAsync(cloud.Ecr(There), "images/edge", "latest", "of somebody else");
        await cloud.AdvanceAsync(3 * Hour);

        await AtRestAsync(fleet, "1.0.0-3", "promoted", "promoted", "promoted");
    }

    /// <summary>The newest build is blocked or rejected, but the tags of the promoted one are still maintained.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NewestIsRejectedAndATagOfThePromotedOneIsMissingOrElsewhere_IsRestored(bool gone)
    {
        var fleet = await VaultAsync(1);
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.2");
        await RejectAsync(fleet, "Rejected", "no");
        var tags = await fleet.TagsAsync("images/vault");
        if (gone)
        {
            await fleet.DeleteTagAsync("images/vault", "latest");
        }
        else
        {
            await fleet.RetagAsync("images/vault", tags["1.0.0-2"], "latest");
        }

        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal(tags["1.0.0-1"], (await fleet.TagsAsync("images/vault"))["latest"]);
        Assert.Equal(["promoted", "rejected"], (await fleet.BuildsAsync("vault")).Select(build => build.Release));
    }

    [Fact]
    public async Task ImageIsDeletedWhileItWaitsForApproval_NothingIsPromotedAndTheReasonIsNamed()
    {
        var fleet = await VaultAsync(1);
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.2");
        var tags = await fleet.TagsAsync("images/vault");
        await fleet.DeleteTagAsync("images/vault", "1.0.0-2");
        await ApproveAsync(fleet);
        await cloud.AdvanceAsync(5 * Hour);

        Assert.Equal(tags["1.0.0-1"], (await fleet.TagsAsync("images/vault"))["latest"]);
        Assert.Equal("failed", (await fleet.BuildsAsync("vault"))[1].Release);
        Assert.Single(await fleet.AlertsAsync(),
            subject => subject.EndsWith(": vault 1.0.0/2", StringComparison.Ordinal) && !subject.StartsWith("approval", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("v1.0.0.1")]
    [InlineData("1.0.0-1")]
    public async Task TagIsDeletedInOneRegionDuringTheSoak_TheBuildIsPromotedEverywhere(string tag)
    {
        var fleet = await TwoRegionsAsync(soakHours: 4);
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(Hour);
        await DeleteTagAsync(fleet, There, tag);
        await cloud.AdvanceAsync(6 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        foreach (var region in new[] { Here, There })
        {
            var tags = await fleet.TagsAsync("images/edge", region);
            Assert.Equal(tags["v1.0.0.1"], tags["latest"]);
        }
    }

    [Fact]
    public async Task HoldByHandDuringTheSoak_HoldsTheBuildAndItsEndReleasesIt()
    {
        var fleet = await TwoRegionsAsync(builds: 1, soakHours: 2);
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(4 * Hour);
        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(Hour);
        await fleet.TagPipelineAsync("edge", ("automation:hold", "incident 7"));
        await cloud.AdvanceAsync(4 * Hour);
        await AtRestAsync(fleet, "1.0.0-1", "promoted", "held");

        await fleet.UntagPipelineAsync("edge", "automation:hold");
        await cloud.AdvanceAsync(5 * Hour);
        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
    }

    /// <summary>A person writes an invalid value on the pipeline or a build: the reconcile reports or tolerates it, and the Regions stay together.</summary>
    [Theory]
    [InlineData("automation:hold-target", "x", "1.0.0-2")]
    [InlineData("automation:hold-target", "9.9.9/9", "1.0.0-2")]
    [InlineData("automation:hold-since", "never", "1.0.0-2")]
    [InlineData("automation:hold-scope", "everything", "1.0.0-2")]
    public async Task HoldWithAnInvalidTag_FreezesTheTags(string tag, string value, string latest)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await fleet.TagPipelineAsync("edge", ("automation:hold", "by hand"), (tag, value));
        await fleet.PushBaseAsync("2026.3");
        await cloud.AdvanceAsync(5 * Hour);

        await AtRestAsync(fleet, latest);
    }

    /// <summary>Marks that a person removes are written again, or the tags stay where they are.</summary>
    [Theory]
    [InlineData("automation:release")]
    [InlineData("automation:digest")]
    [InlineData("automation:promoted-at")]
    [InlineData("automation:cleared-digest")]
    [InlineData("automation:version-tags-at")]
    public async Task MarkOfTheNewestPromotedBuildIsDeleted_RegionsEndTogether(string mark)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await cloud.ImageBuilder.UntagResourceAsync(
            new UntagResourceRequest { ResourceArn = (await fleet.BuildsAsync("edge"))[1].Arn, TagKeys = [mark] }, TestContext.Current.CancellationToken);
        await cloud.AdvanceAsync(5 * Hour);

        await AtRestAsync(fleet, mark == "automation:digest" ? "1.0.0-1" : "1.0.0-2");
    }

    /// <summary>A record with a digest other than the cleared one owns nothing, in both Regions.</summary>
    [Fact]
    public async Task DigestOfTheNewestPromotedBuildIsOverwritten_ItOwnsNothing()
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        var other = await BaseImage.PushAsync(cloud.Ecr(Here), "images/edge", "theirs", "other bytes");
        await cloud.ImageBuilder.TagResourceAsync(
            new TagResourceRequest
            {
                ResourceArn = (await fleet.BuildsAsync("edge"))[1].Arn,
                Tags = new Dictionary<string, string> { ["automation:digest"] = other }
            },
            TestContext.Current.CancellationToken);
        await cloud.AdvanceAsync(5 * Hour);

        await AtRestAsync(fleet, "1.0.0-1");
    }

    [Fact]
    public async Task IncidentBeginsAndEndsWhileMailsFail_NothingStaysOpenAndReportsAreComplete()
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(MailDown());
        await cloud.InjectAsync(RegistryDown());
        await cloud.AdvanceAsync(5 * Hour);
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(26 * Hour);

        var alerts = await fleet.AlertsAsync();
        Assert.Equal(alerts.Count(subject => subject == "region-unreadable: eu-west-1"),
            alerts.Count(subject => subject == "resolved: eu-west-1 (region-unreadable)"));
        Assert.InRange(alerts.Count, 0, 2);
        await AtRestAsync(fleet, "1.0.0-1");
    }

    [Fact]
    public async Task RegionIsAddedAndAPersonCopiesTheImage_TagsAreWrittenThereAndTheIncidentEnds()
    {
        var text = TestCloud.CatalogOf("two-regions");
        var fleet = await TestCloud.StartAsync("two-regions", text: text.Replace(", \"eu-west-1\"", "", StringComparison.Ordinal));
        await using var cloud = (TestCloud)fleet.Cloud;
        await fleet.CreateRepositoryAsync(There, "images/edge");
        await fleet.PushAndSettleAsync("2026.1");
        var image = (await fleet.TagsAsync("images/edge"))["latest"];
        if ((await fleet.TagsAsync("images/edge", There)).Count > 0)
        {
            await ObstructAsync(fleet, "image", There, image);
        }

        cloud.Redeploy(_ => text);
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Single(await fleet.AlertsAsync());

        await ClearAsync(fleet, "image", There, image);
        await cloud.AdvanceAsync(3 * Hour);
        await AtRestAsync(fleet, "1.0.0-1", "promoted");
        Assert.Equal(2, (await fleet.AlertsAsync()).Count);
    }

    [Fact]
    public async Task CancelledBuildIsRequestedByAPerson_IsBuilt()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(8));
        await fleet.CancelAsync(Assert.Single(await fleet.BuildsAsync("runtime")).Arn, "00000000-0000-4000-8000-000000000003");
        await cloud.AdvanceAsync(5 * Hour);
        await fleet.RunAsync("build-runtime_anna",
            new JsonObject { ["action"] = "build", ["image"] = "runtime", ["manual"] = new JsonObject { ["id"] = "anna-1", ["by"] = "anna" } });
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(["cancelled", "promoted"], (await fleet.BuildsAsync("runtime")).Select(build => build.Release));
    }

    /// <summary>A Region fails and returns in the middle of any work; hours later all Regions agree.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(20)]
    public async Task RegionFailsAfterSomeCallsOfAReleaseAndReturns_RegionsEndTogether(int calls)
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Region: There, Skip: calls, Count: null, Status: 503));
        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(7 * Hour);
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(4 * Hour);

        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");

        // The release may have failed before the first reconcile found that the Region is down.
        var alerts = await fleet.AlertsAsync();
        Assert.Equal(alerts.Distinct(), alerts);
        Assert.Equal(alerts.Count(subject => !subject.StartsWith("resolved", StringComparison.Ordinal)),
            alerts.Count(subject => subject.StartsWith("resolved", StringComparison.Ordinal)));
    }
}
