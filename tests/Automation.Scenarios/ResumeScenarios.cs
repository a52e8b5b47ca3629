using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;

namespace Automation.Scenarios;

/// <summary>Releases that stop half-way and are resumed: passed steps are not repeated, and the stored state suffices.</summary>
public sealed class ResumeScenarios
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Soak_OneOfTwoRegionsFailsAndReturns_BothGetTheirFloatingTags(int skip)
    {
        var fleet = await StartAsync("two-regions", "edge", promote => promote["soakHours"] = 4);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"latest\"", Skip: skip, Count: null, Status: 503));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(9));
        Assert.NotEqual("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        var here = await fleet.TagsAsync("images/edge");
        Assert.Equal(["1.0.0-1", "latest", "v1.0.0.1"], here.Keys);
        Assert.Equal(here, await fleet.TagsAsync("images/edge", "eu-west-1"));
        Assert.DoesNotContain("tags-unstable: edge 1.0.0/1", await fleet.AlertsAsync());
    }

    [Fact]
    public async Task Soak_IsCountedOnceFromTheVersionTags()
    {
        var fleet = await StartAsync("two-regions", "edge", promote => promote["soakHours"] = 6);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"v1.0.0.1\"", Count: 20, Status: 503));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        var stood = DateTimeOffset.Parse(
            Assert.Single(await fleet.BuildsAsync("edge")).Tags["automation:version-tags-at"], System.Globalization.CultureInfo.InvariantCulture);
        await cloud.AdvanceAsync(stood.AddHours(6).AddMinutes(-2) - await cloud.NowAsync());
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge")).Keys);
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Contains("latest", (await fleet.TagsAsync("images/edge")).Keys);
    }

    [Fact]
    public async Task Approved_ThenTheRegistryIsDown_ContinuesWithoutAskingOrScanningAgain()
    {
        var fleet = await StartAsync("approval", "vault");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"latest\"", Count: null, Status: 503));
        await ApproveAsync(fleet, Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn);
        await cloud.AdvanceAsync(TimeSpan.FromHours(26));
        await cloud.InjectAsync([new FindingsRule(null, "images/vault", null, [new Finding("CVE-2026-0815", "CRITICAL")])]);
        await fleet.ScanAgainAsync("images/vault", "1.0.0-1");
        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(26));

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        Assert.Contains("latest", (await fleet.TagsAsync("images/vault")).Keys);
        Assert.Single(await fleet.AlertsAsync(), subject => subject == "approval needed: vault 1.0.0/1");
    }

    [Fact]
    public async Task FloatingTagIsDeletedWhileTheImageHasNewFindingsAndNeedsApproval_IsRestoredAndStaysPromoted()
    {
        var fleet = await StartAsync("approval", "vault");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await ApproveAsync(fleet, Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn);
        await cloud.AdvanceAsync(TimeSpan.FromHours(26));
        await cloud.ScanAgainAsync(new FindingsRule(null, "images/vault", null, [new Finding("CVE-2026-0815", "CRITICAL")]));
        for (var time = 0; time < 3; time++)
        {
            await fleet.DeleteTagAsync("images/vault", "latest");
            await cloud.AdvanceAsync(TimeSpan.FromHours(2));
            Assert.Contains("latest", (await fleet.TagsAsync("images/vault")).Keys);
        }

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        Assert.Equal(["approval needed: vault 1.0.0/1", "vulnerable: vault 1.0.0/1"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task ExplicitPromote_InterruptedForHours_StillEndsTheHold()
    {
        var fleet = await StartAsync("two-regions", "edge");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");
        await fleet.RollbackAsync("edge", "1.0.0/1");
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"latest\"", Skip: 1, Count: null, Status: 503));
        await fleet.PromoteAsync("edge", "1.0.0/2", attempt: 2);
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.Contains("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal("promoted", (await fleet.BuildsAsync("edge"))[1].Release);
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        var here = await fleet.TagsAsync("images/edge");
        Assert.Equal(here["v1.0.0.2"], here["latest"]);
        Assert.Equal(here, await fleet.TagsAsync("images/edge", "eu-west-1"));
    }

    /// <summary>After a rollback a person promotes its target: all its tags are correct, and only the hold must end.</summary>
    [Fact]
    public async Task ExplicitPromoteOfAPromotedBuild_FailsBeyondAllRetries_IsResumedAndThenDone()
    {
        var fleet = await StartAsync("two-regions", "edge");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");
        await fleet.RollbackAsync("edge", "1.0.0/1");
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "ecr", Operation: "DescribeRepositories", Count: null, Status: 503));
        await fleet.PromoteAsync("edge", "1.0.0/1", attempt: 2);
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.Contains("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("edge")).Keys);
        Assert.Equal("promoted", (await fleet.BuildsAsync("edge"))[0].Release);
        var runs = (await fleet.ExecutionsAsync("release-edge_1-0-0-1")).Count;
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));
        Assert.Equal(runs, (await fleet.ExecutionsAsync("release-edge_1-0-0-1")).Count);
    }

    [Fact]
    public async Task PruneFailsAfterThePromotion_TheBuildStaysPromotedAndItIsReported()
    {
        var fleet = await StartAsync("two-regions", "edge");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(
            FaultKind.Error, Service: "ecr", Operation: "DescribeImages", Resource: "\"maxResults\":1000", Count: null, Code: "AccessDeniedException",
            Status: 400));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        Assert.Contains("prune-failed: edge 1.0.0/1", await fleet.AlertsAsync());
        var (status, _, error) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("release-edge")).ExecutionArn);
        Assert.Equal(("FAILED", "PermanentException"), (status, error));
    }

    [Fact]
    public async Task ImageIsOverwrittenInOneRegion_IsNotPromotedAnywhereAndBothDigestsAreNamed()
    {
        var fleet = await StartAsync("two-regions", "edge");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns"));
        await fleet.PushAndSettleAsync("2026.1");
        var other = await BaseImage.PushAsync(cloud.Ecr("eu-west-1"), "images/edge", "1.0.0-1", "other bytes");

        await cloud.AdvanceAsync(TimeSpan.FromMinutes(70));

        var build = Assert.Single(await fleet.BuildsAsync("edge"));
        Assert.Equal("missing", build.Release);
        Assert.Contains(other[7..19], TagText.Get(build.Tags, "automation:release-reason"), StringComparison.Ordinal);
        Assert.Contains((await fleet.TagsAsync("images/edge"))["1.0.0-1"][7..19], TagText.Get(build.Tags, "automation:release-reason"),
            StringComparison.Ordinal);
        Assert.DoesNotContain("v1.0.0.1", (await fleet.TagsAsync("images/edge")).Keys);
    }

    [Fact]
    public async Task ThreeThousandFindings_AreBlockedAndSummarised()
    {
        var fleet = await StartAsync("approval", "vault");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            [new FindingsRule(null, "images/vault", null,
                [.. Enumerable.Range(1, 3000).Select(i => new Finding($"CVE-2026-{i:0000}", i % 100 == 0 ? "CRITICAL" : "HIGH"))])]);

        await fleet.PushAndSettleAsync("2026.1");

        var build = Assert.Single(await fleet.BuildsAsync("vault"));
        Assert.Equal("blocked", build.Release);
        var reason = TagText.Get(build.Tags, "automation:release-reason");
        Assert.Contains("CVE-2026-0100", reason, StringComparison.Ordinal);
        Assert.Contains("promote.gate.allow", reason, StringComparison.Ordinal);
        Assert.Contains("more", reason, StringComparison.Ordinal);
        Assert.Contains("blocked: vault 1.0.0/1", await fleet.AlertsAsync());
        Assert.InRange((await fleet.MessageAsync("blocked: vault 1.0.0/1")).Length, 100, 4000);
        var execution = Assert.Single(await fleet.ExecutionsAsync("release-vault"));
        Assert.InRange((await fleet.ResultAsync(execution.ExecutionArn)).Output.ToJsonString().Length, 100, 20_000);
    }

    [Theory]
    [InlineData("PutEvents")]
    [InlineData("Publish")]
    public async Task AnnounceFails_TheFirstErrorIsReported(string operation)
    {
        var fleet = await StartAsync("two-regions", "edge");
        await using var cloud = fleet.Cloud;
        await BaseImage.PushAsync(cloud.Ecr("eu-west-1"), "images/edge", "v1.0.0.1", "foreign");
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Operation: operation, Resource: "v1.0.0.1", Count: null, Status: 400, Code: "ValidationException"));

        await fleet.PushAndSettleAsync("2026.1");

        var (status, _, error) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("release-edge")).ExecutionArn);
        Assert.Equal(("FAILED", "TagConflictException"), (status, error));
        Assert.Equal(operation == "PutEvents", (await fleet.AlertsAsync()).Contains("failed: edge 1.0.0/1"));
        Assert.Equal("failed", Assert.Single(await fleet.BuildsAsync("edge")).Release);
    }

    private static async Task ApproveAsync(Fleet fleet, string execution)
    {
        await fleet.Cloud.CallAsync("states", "AWSStepFunctions.SendTaskSuccess", new JsonObject
        {
            ["taskToken"] = await fleet.TokenAsync(execution),
            ["output"] = """{"by":"somebody"}""",
        });
        await fleet.Cloud.SettleAsync();
    }

    private static async Task<Fleet> StartAsync(string catalog, string image, Action<JsonNode>? promote = null)
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf(catalog))!;
        promote?.Invoke(text["images"]!.AsArray().Single(each => each!["name"]!.ToString() == image)!["promote"]!);
        var fleet = await TestCloud.StartAsync(catalog, text: text.ToJsonString());
        if (catalog == "two-regions")
        {
            await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        }

        return fleet;
    }
}
