using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>How many mails a lasting problem causes, however long it lasts and whatever else happens.</summary>
public sealed class MailScenarios
{
    [Fact]
    public async Task RegionIsDownForThreeDaysAndABaseArrivesEachDay()
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(RegistryDown());
        await cloud.AdvanceAsync(2 * Hour);
        for (var day = 2; day <= 4; day++)
        {
            await fleet.PushBaseAsync($"2026.{day}");
            await cloud.AdvanceAsync(Day);
        }

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(5 * Hour);

        Assert.Equal("1.0.0-4", await LatestAsync(fleet));
        Assert.Equal(["region-unreadable: eu-west-1", "resolved: eu-west-1 (region-unreadable)"], await fleet.AlertsAsync());
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    /// <summary>The release has used up its retries before the reconcile looks at the Region.</summary>
    [Fact]
    public async Task RegionIsDownWhenAReleaseBegins_AndTheReleaseFailsFirst()
    {
        var fleet = await TwoRegionsAsync(builds: 1);
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(5));
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Region: There, Count: null, Status: 503));
        while (!(await fleet.AlertsAsync()).Any())
        {
            await cloud.AdvanceAsync(TimeSpan.FromMinutes(5));
        }

        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Region: There, Count: null, Status: 503));
        await cloud.AdvanceAsync(Day);
        Assert.Equal(["failed: edge 1.0.0/2"], await fleet.AlertsAsync());

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(5 * Hour);

        Assert.Equal("1.0.0-2", await LatestAsync(fleet));
        Assert.Equal(["failed: edge 1.0.0/2", "resolved: edge (release-failing)"], await fleet.AlertsAsync());
    }

    /// <summary>One mail a day reports that programs miss events; everything else continues.</summary>
    [Theory]
    [InlineData(503)]
    [InlineData(403)]
    public async Task EventsCannotBePublishedForADay_AndBuildsGoOn(int status)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "events", Operation: "PutEvents", Count: null,
                Code: status == 403 ? "AccessDeniedException" : "InternalException", Status: status));
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(Day);
        await cloud.ClearFaultsAsync();
        await fleet.PushAndSettleAsync("2026.3");

        var tags = await fleet.TagsAsync("images/app");
        Assert.Equal(tags["1.0.0-3"], tags["latest"]);
        var alerts = await fleet.AlertsAsync();
        Assert.All(alerts, subject => Assert.StartsWith("event not published: ", subject, StringComparison.Ordinal));
        Assert.Equal(2, alerts.Count);
    }

    [Fact]
    public async Task GateBlocksTwoConsecutiveBuildsAndTheThirdIsClean()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding("CVE-2026-1", "CRITICAL")])]);
        for (var release = 2; release <= 3; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await cloud.AdvanceAsync(2 * Day);
        }

        await cloud.InjectAsync(Array.Empty<FindingsRule>());
        await fleet.PushAndSettleAsync("2026.4");
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal(["blocked: app 1.0.0/2", "blocked: app 1.0.0/3", "resolved: app (blocked)"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task RecipeCannotBeReadForThreeDays()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "imagebuilder", Operation: "GetContainerRecipe", Resource: "app%2F", Count: null,
                Code: "ForbiddenException", Status: 403));
        await cloud.AdvanceAsync(3 * Day);
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(2 * Day);

        var alerts = await fleet.AlertsAsync();
        Assert.Single(alerts, subject => subject == "unreadable: app");
        Assert.Single(alerts, subject => subject == "resolved: app (unreadable)");
        Assert.All(alerts.CountBy(subject => subject), subject => Assert.Equal(1, subject.Value));
    }

    [Fact]
    public async Task PruneStopsEachDayForAWeekAndAPersonPrunes()
    {
        var fleet = await PrunedAsync(limit: 1);
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(7 * Day);
        Assert.Equal(["prune-stopped: edge"], await fleet.AlertsAsync());

        await fleet.RunAsync("prune-edge_hand", new JsonObject { ["action"] = "prune", ["image"] = "edge", ["delete"] = true, ["maxDeletePercent"] = 100 });
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal(["prune-stopped: edge", "resolved: edge (prune-stopped)"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task PruneFailsEachDayForAWeek()
    {
        var fleet = await PrunedAsync(limit: 100);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "BatchDeleteImage", Count: null, Code: "AccessDeniedException", Status: 403));
        await cloud.AdvanceAsync(7 * Day);
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal(["prune-failed: edge", "resolved: edge (prune-failed)"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task ImageWithAnOpenIncidentIsTakenFromTheCatalog()
    {
        var text = TestCloud.CatalogOf("Automation");
        var fleet = await TestCloud.StartAsync(text: text);
        await using var cloud = (TestCloud)fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var image = (await fleet.ImagesAsync("images/app")).Single(each => each.ImageTags?.Contains("latest") == true);
        await cloud.Ecr(cloud.Region).BatchDeleteImageAsync(
            new BatchDeleteImageRequest { RepositoryName = "images/app", ImageIds = [new ImageIdentifier { ImageDigest = image.ImageDigest }] },
            TestContext.Current.CancellationToken);
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Single(await fleet.AlertsAsync());

        cloud.Redeploy(_ =>
        {
            var root = JsonNode.Parse(text)!;
            root["images"]!.AsArray().RemoveAt(1);
            return root.ToJsonString();
        });
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal(2, (await fleet.AlertsAsync()).Count);
        Assert.StartsWith("resolved: app", (await fleet.AlertsAsync())[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PipelineIsDisabledAfterAFailureThenEnabledAndSucceeds()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.UpdatePipelineAsync("runtime", enabled: false);
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(3 * Day);
        var told = await fleet.AlertsAsync();
        await fleet.UpdatePipelineAsync("runtime");
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal("promoted", (await fleet.BuildsAsync("runtime"))[1].Release);
        Assert.Equal(2 * told.Count, (await fleet.AlertsAsync()).Count);
        Assert.InRange(told.Count, 0, 1);
    }

    /// <summary>Retention deletes, and five builds are more than it keeps.</summary>
    private static async Task<Fleet> PrunedAsync(int limit)
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf("two-regions").Replace(", \"eu-west-1\"", "", StringComparison.Ordinal))!;
        var retain = text["images"]![0]!["retain"]!;
        (retain["mode"], retain["maxDeletePercent"]) = ("delete", limit);
        var fleet = await TestCloud.StartAsync("two-regions", text: text.ToJsonString());
        await fleet.CreateRepositoryAsync(There, "images/edge");
        for (var build = 1; build <= 5; build++)
        {
            await fleet.PushAndSettleAsync($"2026.{build}");
        }

        return fleet;
    }
}
