using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>The catalog changes, or a hold ends, during a release. Each phase reads both again.</summary>
public sealed class MidReleaseScenarios
{
    [Fact]
    public async Task FloatingTagIsAddedToTheCatalogDuringTheSoak_IsWrittenInEveryRegion()
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        cloud.Redeploy(text => Promote(text, promote => promote["floatingTags"]!.AsArray().Add("{major}.{minor}")));
        await cloud.AdvanceAsync(10 * Hour);

        Assert.Equal(["promoted", "promoted"], (await fleet.BuildsAsync("edge")).Select(build => build.Release));
        foreach (var region in new[] { Here, There })
        {
            var tags = await fleet.TagsAsync("images/edge", region);
            Assert.Equal((tags["1.0.0-2"], tags["1.0.0-2"]), (tags["latest"], tags["1.0"]));
        }
    }

    [Fact]
    public async Task VersionTagIsAddedToTheCatalogDuringTheSoak_IsWrittenBeforeTheFloatingTags()
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        cloud.Redeploy(text => Promote(text, promote => promote["versionTags"]!.AsArray().Add("b{version}.{build}")));
        await cloud.AdvanceAsync(10 * Hour);

        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
        foreach (var region in new[] { Here, There })
        {
            var tags = await fleet.TagsAsync("images/edge", region);
            Assert.Equal(tags["latest"], tags["b1.0.0.2"]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public async Task SoakChangesInTheCatalogDuringTheSoak_TheNewOneCounts(int hours)
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        cloud.Redeploy(text => Promote(text, promote => promote["soakHours"] = hours));
        await cloud.AdvanceAsync(7 * Hour);

        Assert.Equal(hours == 0 ? "1.0.0-2" : "1.0.0-1", await LatestAsync(fleet));
        await cloud.AdvanceAsync(10 * Hour);
        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
    }

    [Fact]
    public async Task RegionIsRemovedFromTheCatalogDuringTheSoak_TheOtherOneIsPromoted()
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        cloud.Redeploy(text => Change(text, image => image["regions"] = new JsonArray(Here)));
        await cloud.AdvanceAsync(10 * Hour);

        var tags = await fleet.TagsAsync("images/edge");
        Assert.Equal(tags["1.0.0-2"], tags["latest"]);
        Assert.Equal(["promoted", "promoted"], (await fleet.BuildsAsync("edge")).Select(build => build.Release));
    }

    /// <summary>The image is missing in the new Region, so no tag moves. The next build is distributed to every Region.</summary>
    [Fact]
    public async Task RegionIsAddedToTheCatalogDuringTheSoak_NothingMovesUntilABuildIsThere()
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-central-1", "images/edge");
        cloud.Redeploy(text => Change(text, image => image["regions"]!.AsArray().Add("eu-central-1")));
        await cloud.AdvanceAsync(10 * Hour);

        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        Assert.NotEmpty(await fleet.AlertsAsync());
        Assert.All((await fleet.AlertsAsync()).CountBy(subject => subject), subject => Assert.Equal(1, subject.Value));
    }

    [Fact]
    public async Task GateIsAddedToTheCatalogDuringTheSoak_NoTagMovesWithoutPassingIt()
    {
        var fleet = await SoakingAsync(new FindingsRule(null, "images/edge", null, [new Finding(BlockingFinding, "CRITICAL")]));
        await using var cloud = fleet.Cloud;
        cloud.Redeploy(text => Promote(text, promote => promote["gate"] = new JsonObject { ["severity"] = "HIGH", ["waitMinutes"] = 30 }));
        await cloud.AdvanceAsync(10 * Hour);

        // The roles of this template do not include reading a scan, so that the repeated release fails there instead of being blocked.
        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        Assert.Equal(["promoted", "failed"], (await fleet.BuildsAsync("edge")).Select(build => build.Release));
    }

    [Fact]
    public async Task ApprovalIsAddedToTheCatalogDuringTheSoak_APersonIsAskedBeforeTheTagsMove()
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        cloud.Redeploy(text => Promote(text, promote => promote["approvalHours"] = 48));
        await cloud.AdvanceAsync(10 * Hour);

        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        Assert.Contains("approval needed: edge 1.0.0/2", await fleet.AlertsAsync());
        await AnswerAsync(fleet, (await fleet.ExecutionsAsync("release-edge"))[^1].ExecutionArn, null);
        await cloud.AdvanceAsync(10 * Hour);
        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
    }

    /// <summary>The image leaves the catalog during its soak, during its build, or while it waits for an approval: the release ends with a named
    /// reason.</summary>
    [Theory]
    [InlineData("soak")]
    [InlineData("build")]
    public async Task ImageIsRemovedFromTheCatalog_ItsReleaseEndsWithAReasonAndMovesNothing(string when)
    {
        var fleet = when == "soak" ? await SoakingAsync() : await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        if (when == "build")
        {
            await fleet.PushBaseAsync("2026.2");
            await cloud.AdvanceAsync(TimeSpan.FromMinutes(10));
        }

        cloud.Redeploy(text => Change(text, image => (image["name"], image["repository"]) = ("other", "images/other")));
        await cloud.AdvanceAsync(12 * Hour);

        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        foreach (var execution in await fleet.ExecutionsAsync("release-edge"))
        {
            Assert.NotEqual("RUNNING", execution.Status.Value);
            var (status, _, error) = await fleet.ResultAsync(execution.ExecutionArn);
            Assert.True(status == "SUCCEEDED" || error == "ImageNotInCatalogException", $"{execution.Name}: {status} {error}");
        }

        Assert.All((await fleet.AlertsAsync()).CountBy(subject => subject), subject => Assert.Equal(1, subject.Value));
    }

    [Fact]
    public async Task HoldExpiresDuringTheSoak_TheBuildIsPromotedAfterItsSoak()
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        await HoldAsync(fleet, 1, "promotion");
        await cloud.AdvanceAsync(12 * Hour);

        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
    }

    [Theory]
    [InlineData("promotion")]
    [InlineData("everything")]
    public async Task HoldExpiresAfterTheSoak_TheBuildWaitsForThat(string scope)
    {
        var fleet = await SoakingAsync();
        await using var cloud = fleet.Cloud;
        await HoldAsync(fleet, 12, scope);
        await cloud.AdvanceAsync(10 * Hour);
        Assert.Equal("1.0.0-1", await LatestAsync(fleet));

        await cloud.AdvanceAsync(10 * Hour);
        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
    }

    /// <summary>A hold with the scope promotion does not stop builds; a hold with the scope everything does. When either expires, the newest base is built and
    /// promoted.</summary>
    [Theory]
    [InlineData("promotion", 3)]
    [InlineData("everything", 2)]
    public async Task BaseArrivesDuringAHold_IsBuiltOnlyIfTheScopeAllowsIt(string scope, int builds)
    {
        var fleet = await TwoRegionsAsync(builds: 2);
        await using var cloud = fleet.Cloud;
        await HoldAsync(fleet, 12, scope);
        await fleet.PushBaseAsync("2026.3");
        await cloud.AdvanceAsync(10 * Hour);
        Assert.Equal((builds, "1.0.0-2"), ((await fleet.BuildsAsync("edge")).Count, await LatestAsync(fleet)));

        await cloud.AdvanceAsync(10 * Hour);
        await AtRestAsync(fleet, "1.0.0-3", "promoted", "promoted", "promoted");
    }

    /// <summary>Only tags that match an exclusion filter can move: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html</summary>
    [Theory]
    [InlineData("lat*", "1.0.0-2")]
    [InlineData("other", "1.0.0-1")]
    public async Task RepositoryOfOneRegionIsImmutableExceptSomeTags_OnlyTagsThatCanMoveEverywhereMove(string filter, string latest)
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        await EcrAsync(fleet, "PutImageTagMutability", new JsonObject
        {
            ["repositoryName"] = "images/edge",
            ["imageTagMutability"] = "IMMUTABLE_WITH_EXCLUSION",
            ["imageTagMutabilityExclusionFilters"] = new JsonArray(new JsonObject { ["filterType"] = "WILDCARD", ["filter"] = filter }),
        }, There);
        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal(latest, await LatestAsync(fleet));

        await EcrAsync(fleet, "PutImageTagMutability", new JsonObject { ["repositoryName"] = "images/edge", ["imageTagMutability"] = "MUTABLE" }, There);
        await cloud.AdvanceAsync(5 * Hour);
        await AtRestAsync(fleet, "1.0.0-2", "promoted", "promoted");
    }

    /// <summary>Build 1 is promoted, and build 2 is one hour into its soak of six.</summary>
    /// <param name="findings">What the scan of build 2 finds.</param>
    private static async Task<Fleet> SoakingAsync(params IReadOnlyList<FindingsRule> findings)
    {
        var fleet = await TwoRegionsAsync(builds: 1, soakHours: 6);
        await fleet.Cloud.AdvanceAsync(10 * Hour);
        Assert.Equal("1.0.0-1", await LatestAsync(fleet));
        await fleet.Cloud.InjectAsync(findings);
        await fleet.PushBaseAsync("2026.2");
        await fleet.Cloud.AdvanceAsync(1.5 * Hour);
        return fleet;
    }

    private static async Task HoldAsync(Fleet fleet, int hours, string scope)
    {
        var until = (await fleet.Cloud.NowAsync()).AddHours(hours).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        await fleet.TagPipelineAsync("edge", ("automation:hold", "maintenance"), ("automation:hold-until", until), ("automation:hold-scope", scope));
    }

    private static string Promote(string text, Action<JsonObject> change) => Change(text, image => change(image["promote"]!.AsObject()));

    private static string Change(string text, Action<JsonObject> change)
    {
        var catalog = JsonNode.Parse(text)!;
        change(catalog["images"]![0]!.AsObject());
        return catalog.ToJsonString();
    }
}
