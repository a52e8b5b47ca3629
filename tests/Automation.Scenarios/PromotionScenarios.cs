using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;

namespace Automation.Scenarios;

/// <summary>What may be promoted, in which order, and what prevents it.</summary>
public sealed class PromotionScenarios
{
    [Fact]
    public async Task CriticalFinding_BlocksAppUntilALaterScanIsClean()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding("CVE-2026-0815", "CRITICAL")])]);

        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.Equal(["1.0.0-1"], (await fleet.TagsAsync("images/app")).Keys);
        Assert.Contains("blocked: app 1.0.0/1", await fleet.AlertsAsync());

        // ECR scans an image by hand once a day.
        await cloud.AdvanceAsync(TimeSpan.FromHours(25));
        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
        await cloud.InjectAsync([]);
        await fleet.ScanAgainAsync("images/app", "1.0.0-1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(26));

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.Equal(["1", "1.0.0-1", "1.0.0-20260105.1", "latest"], (await fleet.TagsAsync("images/app")).Keys);
    }

    [Fact]
    public async Task LowFinding_BlocksNothing()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding("CVE-2026-0001", "LOW")])]);

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task FailedScan_DoesNotAllowThePromotion()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [], "FAILED")]);

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/app")).Keys);
    }

    [Fact]
    public async Task ForeignVersionTag_IsANamedErrorAndNothingMoves()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var foreign = await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "images/runtime", "1.0.0-20260105.1", "foreign");

        await fleet.PushAndSettleAsync("2026.1");

        var release = Assert.Single(await fleet.ExecutionsAsync("release-runtime"));
        var (status, _, error) = await fleet.ResultAsync(release.ExecutionArn);
        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal(("FAILED", "TagConflictException"), (status, error));
        Assert.Equal(["1.0.0-1", "1.0.0-20260105.1"], tags.Keys);
        Assert.Equal(foreign, tags["1.0.0-20260105.1"]);
        Assert.Equal("failed", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        Assert.Contains("failed: runtime 1.0.0/1", await fleet.AlertsAsync());

        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Single(await fleet.ExecutionsAsync("release-runtime"));
        Assert.Empty(await fleet.BuildsAsync("app"));
    }

    /// <summary>In an immutable repository another image has the version tag: the conflict is named, and no tag moves in any Region.</summary>
    [Fact]
    public async Task ImmutableRepository_VersionTagIsTaken_IsReportedBeforeAnythingMovesAndAnotherBuildContinues()
    {
        var fleet = await TwoRegionsAsync();
        await using var cloud = fleet.Cloud;
        foreach (var region in new[] { "us-east-1", "eu-west-1" })
        {
            await BaseImage.PushAsync(cloud.Ecr(region), "images/edge", "v1.0.0.1", "foreign");
            await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutImageTagMutability", new JsonObject
            {
                ["repositoryName"] = "images/edge",
                ["imageTagMutability"] = "IMMUTABLE_WITH_EXCLUSION",
                ["imageTagMutabilityExclusionFilters"] = new JsonArray(new JsonObject { ["filterType"] = "WILDCARD", ["filter"] = "latest" }),
            }, region);
        }

        await fleet.PushAndSettleAsync("2026.1");

        var (status, output, error) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("release-edge")).ExecutionArn);
        Assert.Equal(("FAILED", "TagConflictException"), (status, error));
        Assert.Empty(output);
        Assert.Equal(["1.0.0-1", "v1.0.0.1"], (await fleet.TagsAsync("images/edge")).Keys);
        Assert.Equal(await fleet.TagsAsync("images/edge"), await fleet.TagsAsync("images/edge", "eu-west-1"));
        var build = Assert.Single(await fleet.BuildsAsync("edge"));
        Assert.Equal("failed", build.Release);
        Assert.Contains("v1.0.0.1 is on", TagText.Get(build.Tags, "automation:release-reason"), StringComparison.Ordinal);
        Assert.Contains("automation promote edge 1.0.0/1", TagText.Get(build.Tags, "automation:release-reason"), StringComparison.Ordinal);

        await fleet.PushAndSettleAsync("2026.2");
        var tags = await fleet.TagsAsync("images/edge");
        Assert.Equal(tags["v1.0.0.2"], tags["latest"]);
    }

    [Fact]
    public async Task TwoRegions_HaveTheSameBytesUnderTheSameTags()
    {
        var fleet = await TwoRegionsAsync();
        await using var cloud = fleet.Cloud;

        await fleet.PushAndSettleAsync("2026.1");

        var here = await fleet.TagsAsync("images/edge");
        Assert.Equal(["1.0.0-1", "latest", "v1.0.0.1"], here.Keys);
        Assert.Equal(here, await fleet.TagsAsync("images/edge", "eu-west-1"));
    }

    [Fact]
    public async Task TwoRegions_OneRefusesTheVersionTag_NoFloatingTagMovesAnywhere()
    {
        var fleet = await TwoRegionsAsync();
        await using var cloud = fleet.Cloud;
        await BaseImage.PushAsync(cloud.Ecr("eu-west-1"), "images/edge", "v1.0.0.1", "foreign");

        await fleet.PushAndSettleAsync("2026.1");

        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge")).Keys);
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/edge", "eu-west-1")).Keys);
        var (status, _, error) = await fleet.ResultAsync(Assert.Single(await fleet.ExecutionsAsync("release-edge")).ExecutionArn);
        Assert.Equal(("FAILED", "TagConflictException"), (status, error));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task TwoRegions_WritesFailForAWhile_VersionTagsAreEverywhereBeforeAnyFloatingTag(int skip)
    {
        var fleet = await TwoRegionsAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"v1.0.0.1\"", Skip: skip, Count: 2, Status: 503));

        await fleet.PushBaseAsync("2026.1");
        await cloud.SettleAsync();

        var pushed = (await cloud.JournalAsync())
            .Where(entry => entry is { Source: "ecr", Kind: "image-pushed" } && entry.Data["repository"] == "images/edge")
            .Select(entry => entry.Data.GetValueOrDefault("tag") ?? "")
            .Where(tag => tag is "v1.0.0.1" or "latest");
        Assert.Equal(["v1.0.0.1", "v1.0.0.1", "latest", "latest"], pushed);
    }

    [Fact]
    public async Task Rollback_MovesFloatingTagsBackAndNewerBuildsWaitForTheEndOfTheHold()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        await fleet.PushAndSettleAsync("2026.2");
        var before = await fleet.TagsAsync("images/app");
        Assert.Equal(before["1.0.0-2"], before["latest"]);

        var rollback = await fleet.BeginRollbackAsync("app", "1.0.0/1");
        await cloud.SettleAsync();
        var after = await fleet.TagsAsync("images/app");
        Assert.Equal("SUCCEEDED", (await fleet.ResultAsync(rollback)).Status);
        Assert.Equal((before["1.0.0-1"], before["1.0.0-1"]), (after["latest"], after["1"]));
        Assert.Contains("rolled-back: app 1.0.0/1", await fleet.AlertsAsync());

        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        await fleet.PushAndSettleAsync("2026.3");
        var held = await fleet.TagsAsync("images/app");
        Assert.Equal(before["1.0.0-1"], held["latest"]);
        Assert.Equal(held["1.0.0-3"], held["1.0.0-20260105.3"]);
        Assert.Equal("held", (await fleet.BuildsAsync("app"))[^1].Release);

        await fleet.UntagPipelineAsync("app", "automation:hold", "automation:hold-scope", "automation:hold-since");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        var free = await fleet.TagsAsync("images/app");
        Assert.Equal(held["1.0.0-3"], free["latest"]);
    }

    [Fact]
    public async Task RollbackToAnUnknownBuild_SaysSoAndMovesNothing()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var before = await fleet.TagsAsync("images/app");

        await fleet.BeginRollbackAsync("app", "1.0.0/9");
        await cloud.SettleAsync();

        Assert.Equal(before, await fleet.TagsAsync("images/app"));
        Assert.Contains("not-releasable: app 1.0.0/9", await fleet.AlertsAsync());
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("app")).Keys);
    }

    [Fact]
    public async Task ApprovalGiven_Promotes()
    {
        var (fleet, execution) = await WaitingAsync();
        await using var cloud = fleet.Cloud;
        Assert.Equal(["1.0.0-1"], (await fleet.TagsAsync("images/vault")).Keys);

        await cloud.CallAsync("states", "AWSStepFunctions.SendTaskSuccess", new JsonObject
        {
            ["taskToken"] = await fleet.TokenAsync(execution),
            ["output"] = """{"by":"somebody"}""",
        });
        await cloud.SettleAsync();

        Assert.Equal(["1.0.0-1", "latest", "v1.0.0.1"], (await fleet.TagsAsync("images/vault")).Keys);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
    }

    [Fact]
    public async Task ApprovalRefused_IsRemembered()
    {
        var (fleet, execution) = await WaitingAsync();
        await using var cloud = fleet.Cloud;

        await cloud.CallAsync("states", "AWSStepFunctions.SendTaskFailure", new JsonObject
        {
            ["taskToken"] = await fleet.TokenAsync(execution),
            ["error"] = "Rejected",
            ["cause"] = "not before the release notes are written",
        });
        await cloud.AdvanceAsync(TimeSpan.FromDays(4));

        Assert.Equal(["1.0.0-1"], (await fleet.TagsAsync("images/vault")).Keys);
        Assert.Equal("rejected", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        Assert.Single(await fleet.ExecutionsAsync("release-vault"));
        await IsAnOutcomeAsync(fleet, execution);
    }

    [Fact]
    public async Task ApprovalWithoutAnswer_TimesOutAndIsNotRequestedAgain()
    {
        var (fleet, execution) = await WaitingAsync();
        await using var cloud = fleet.Cloud;

        await cloud.AdvanceAsync(TimeSpan.FromHours(23));
        Assert.Equal("RUNNING", (await fleet.ResultAsync(execution)).Status);
        await cloud.AdvanceAsync(TimeSpan.FromDays(4));

        var build = Assert.Single(await fleet.BuildsAsync("vault"));
        Assert.Equal("rejected", build.Release);
        Assert.Equal("Nobody approved in time. Automation does not retry it. Run this to promote it anyway: automation promote vault 1.0.0/1",
            TagText.Get(build.Tags, "automation:release-reason"));
        Assert.Equal(["1.0.0-1"], (await fleet.TagsAsync("images/vault")).Keys);
        Assert.Single(await fleet.ExecutionsAsync("release-vault"));
        await IsAnOutcomeAsync(fleet, execution);
    }

    [Fact]
    public async Task RejectionThatCannotBeAnnounced_FailsTheExecution()
    {
        var (fleet, execution) = await WaitingAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "sns", Operation: "Publish", Count: null, Code: "AuthorizationError", Status: 403));

        await cloud.CallAsync("states", "AWSStepFunctions.SendTaskFailure",
            new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution), ["error"] = "Rejected", ["cause"] = "no" });
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal("FAILED", (await fleet.ResultAsync(execution)).Status);
    }

    /// <summary>For people, who read it in a mail.</summary>
    [Fact]
    public async Task ApprovalRequest_SaysWhatWasCheckedUntilWhenAndWhatToRun()
    {
        var (fleet, _) = await WaitingAsync();
        await using var cloud = fleet.Cloud;

        var message = await fleet.MessageAsync("approval needed: vault 1.0.0/1");
        var lines = message.Split('\n');
        Assert.Matches(@"^vault 1\.0\.0/1 waits for your approval until 2026-01-06 \d\d:\d\dZ; without an answer the release is rejected\.$", lines[0]);
        Assert.Contains("- Build 1.0.0/1 is available: us-east-1 ", message, StringComparison.Ordinal);
        Assert.Contains($"  us-east-1 {(await fleet.TagsAsync("images/vault"))["1.0.0-1"]}", lines);
        Assert.Contains("automation approve release-vault_1-0-0-1", lines);
        Assert.Contains("automation reject release-vault_1-0-0-1 --reason \"...\"", lines);
        Assert.Equal("The task token, for programs:", lines[^2]);
    }

    // Not a fault of the state machine, so no alarm counts it.
    private static async Task IsAnOutcomeAsync(Fleet fleet, string execution)
    {
        var (status, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal(("SUCCEEDED", "rejected"), (status, output["announcement"]!["detail"]!["outcome"]!.ToString()));
        Assert.Contains("rejected: vault 1.0.0/1", await fleet.AlertsAsync());
    }

    private static async Task<(Fleet Fleet, string Execution)> WaitingAsync()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await fleet.PushAndSettleAsync("2026.1");
        var release = Assert.Single(await fleet.ExecutionsAsync("release-vault"));
        Assert.Equal("RUNNING", release.Status.Value);
        Assert.Contains("approval needed: vault 1.0.0/1", await fleet.AlertsAsync());
        return (fleet, release.ExecutionArn);
    }

    private static async Task<Fleet> TwoRegionsAsync()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        return fleet;
    }
}
