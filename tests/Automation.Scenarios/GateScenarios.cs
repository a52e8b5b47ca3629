using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>What blocks a release and what unblocks it: findings, allow lists, approvals, holds.</summary>
public sealed class GateScenarios
{
    [Fact]
    public async Task AllowListEntryIsDeployed_ReconcileReleasesTheBlockedBuild()
    {
        var fleet = await BlockedAsync();
        await using var cloud = fleet.Cloud;

        cloud.Redeploy(text => text.Replace(
            "\"waitMinutes\": 30 }",
            $$"""
            "waitMinutes": 30, "allow": [ { "id": "{{BlockingFinding}}", "until": "2026-02-01", "reason": "not reachable" } ] }
            """,
            StringComparison.Ordinal));
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-app"))[^1].ExecutionArn);
        Assert.Contains($"{BlockingFinding} (CRITICAL) is allowed until 2026-02-01: not reachable", output["scan"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllowListEntryExpires_NextBuildIsBlockedAndThePromotedOneStays()
    {
        var fleet = await TestCloud.StartAsync(text: TestCloud.CatalogOf("Automation").Replace(
            "\"waitMinutes\": 30 }",
            $$"""
            "waitMinutes": 30, "allow": [ { "id": "{{BlockingFinding}}", "until": "2026-01-06", "reason": "not reachable" } ] }
            """,
            StringComparison.Ordinal));
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding(BlockingFinding, "CRITICAL")])]);
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);

        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await fleet.PushAndSettleAsync("2026.2");

        var builds = await fleet.BuildsAsync("app");
        var tags = await fleet.TagsAsync("images/app");
        Assert.Equal(["promoted", "blocked"], builds.Select(build => build.Release));
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-app"))[^1].ExecutionArn);
        Assert.Contains("it was allowed until 2026-01-06", output["scan"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("to-unblock", output["announcement"]!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>The verdict changes when a fix appears, and again when the grace period ends.</summary>
    [Fact]
    public async Task FindingWithoutFixOrInGrace_BlocksOnlyWhenItCanBeFixedAndItsGraceIsOver()
    {
        var fleet = await TestCloud.StartAsync(text: TestCloud.CatalogOf("Automation").Replace(
            "\"waitMinutes\": 30 }", "\"waitMinutes\": 30, \"onlyFixable\": true, \"graceDays\": { \"CRITICAL\": 3 } }", StringComparison.Ordinal));
        await using var cloud = fleet.Cloud;
        await cloud.SetScanningAsync("ENHANCED", "*");
        var finding = new Finding(BlockingFinding, "CRITICAL", "openssl") { PublishedAt = await cloud.NowAsync() };
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [finding])]);
        await fleet.PushAndSettleAsync("2026.1");

        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [finding with { FixedInVersion = "3.0.2" }])]);
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await fleet.PushAndSettleAsync("2026.3");

        Assert.Equal(["promoted", "promoted", "blocked"], (await fleet.BuildsAsync("app")).Select(build => build.Release));
        var gates = await Task.WhenAll((await fleet.ExecutionsAsync("release-app")).Select(async release =>
            (await fleet.ResultAsync(release.ExecutionArn)).Output["scan"]!["reasons"]![1]!["code"]!.ToString()));
        Assert.Equal(["finding-not-fixable", "finding-in-grace", "finding"], gates);
    }

    /// <summary>The scores are Inspector's. The function reads them with its own permissions.</summary>
    [Fact]
    public async Task FindingThatIsUnlikelyToBeExploited_BlocksOnlyFromItsEpssLimitOn()
    {
        var fleet = await TestCloud.StartAsync(text: TestCloud.CatalogOf("Automation").Replace(
            "\"waitMinutes\": 30 }", "\"waitMinutes\": 30, \"epss\": 0.1 }", StringComparison.Ordinal));
        await using var cloud = fleet.Cloud;
        await cloud.SetScanningAsync("ENHANCED", "*");
        var finding = new Finding(BlockingFinding, "CRITICAL", "openssl") { Epss = 0.02 };
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [finding])]);
        await fleet.PushAndSettleAsync("2026.1");

        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [finding with { Epss = 0.2 }])]);
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await fleet.PushAndSettleAsync("2026.2");

        Assert.Equal(["promoted", "blocked"], (await fleet.BuildsAsync("app")).Select(build => build.Release));
        var gates = await Task.WhenAll((await fleet.ExecutionsAsync("release-app")).Select(async release =>
            (await fleet.ResultAsync(release.ExecutionArn)).Output["scan"]!["reasons"]![1]!["code"]!.ToString()));
        Assert.Equal(["finding-unlikely", "finding"], gates);
    }

    [Fact]
    public async Task FindingsCannotBeReadForLong_BlockAndReleaseLater()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [], "FINDINGS_UNAVAILABLE")]);

        await fleet.PushAndSettleAsync("2026.1");
        var build = Assert.Single(await fleet.BuildsAsync("app"));
        Assert.Equal("blocked", build.Release);
        Assert.Contains("after 30 minutes", TagText.Get(build.Tags, "automation:release-reason"), StringComparison.Ordinal);

        await cloud.AdvanceAsync(25 * Hour);
        await cloud.InjectAsync([]);
        await fleet.ScanAgainAsync("images/app", "1.0.0-1");
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task FindingsOfAFinishedScanComeLate_AreWaitedForAndThenBlock()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding(BlockingFinding, "CRITICAL")], Delay: TimeSpan.FromMinutes(25))]);

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.DoesNotContain("latest", (await fleet.TagsAsync("images/app")).Keys);
        Assert.Contains("findings-pending", await fleet.LooksAsync("release-app"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegistryRulesScanNothingOnPush_TheReleaseStartsTheScanAndContinues()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.SetScanningAsync("BASIC", "prod*");

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.Contains("its rules override the scan on push of repositories", await fleet.LooksAsync("release-app"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegistryRulesScanNothingOnPush_TheStartedScanStillBlocks()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.SetScanningAsync("BASIC", "prod*");
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding(BlockingFinding, "CRITICAL")])]);

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task EnhancedScanningOmitsTheRepository_BlocksAndSaysWhatToDo()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.SetScanningAsync("ENHANCED", "prod*");

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-app"))[^1].ExecutionArn);
        Assert.Contains("\"registry-scanning\"", output["scan"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BlockedBuild_IsNotPromotedOnRequestAndThePreviousOneStaysPromoted()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding(BlockingFinding, "CRITICAL")])]);
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.2");

        var execution = await fleet.PromoteAsync("app", "1.0.0/2", attempt: 2);

        var (status, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal(("SUCCEEDED", "blocked"), (status, output["announcement"]!["detail"]!["outcome"]!.ToString()));
        Assert.Equal("blocked", (await fleet.BuildsAsync("app"))[1].Release);
        var tags = await fleet.TagsAsync("images/app");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
    }

    [Fact]
    public async Task ExplicitPromote_AfterARollback_EndsTheHoldAndNewerBuildsContinue()
    {
        var fleet = await TwoReleasesAsync();
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("app", "1.0.0/1");
        Assert.Contains("automation:hold", (await fleet.PipelineTagsAsync("app")).Keys);

        var execution = await fleet.PromoteAsync("app", "1.0.0/2", attempt: 2);

        var tags = await fleet.TagsAsync("images/app");
        Assert.Equal((tags["1.0.0-2"], tags["1.0.0-2"]), (tags["latest"], tags["1"]));
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("app")).Keys);
        var (_, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal("promoted", output["announcement"]!["detail"]!["outcome"]!.ToString());

        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.3");
        tags = await fleet.TagsAsync("images/app");
        Assert.Equal(tags["1.0.0-3"], tags["latest"]);
    }

    [Fact]
    public async Task ExplicitPromote_OfTheRollbackTarget_EndsTheHoldAndTheNewerHeldBuildFollows()
    {
        var fleet = await TwoReleasesAsync();
        await using var cloud = fleet.Cloud;
        await fleet.RollbackAsync("app", "1.0.0/1");
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.3");
        Assert.Equal("held", (await fleet.BuildsAsync("app"))[2].Release);

        await fleet.PromoteAsync("app", "1.0.0/1", attempt: 2);
        Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync("app")).Keys);
        await cloud.AdvanceAsync(2 * Hour);

        var tags = await fleet.TagsAsync("images/app");
        Assert.Equal(("promoted", tags["1.0.0-3"]), ((await fleet.BuildsAsync("app"))[2].Release, tags["latest"]));
    }

    [Fact]
    public async Task ExplicitPromote_OfAnOlderBuild_IsRefusedWithTheReasonAndMovesNothing()
    {
        var fleet = await TwoReleasesAsync();
        await using var cloud = fleet.Cloud;
        var before = await fleet.TagsAsync("images/app");

        var execution = await fleet.PromoteAsync("app", "1.0.0/1", attempt: 2);

        var (_, output, _) = await fleet.ResultAsync(execution);
        var detail = output["announcement"]!["detail"]!;
        Assert.Equal("overtaken", detail["outcome"]!.ToString());
        Assert.Equal("newer-build-there", detail["reasons"]![0]!["code"]!.ToString());
        Assert.Equal(before, await fleet.TagsAsync("images/app"));
        Assert.Contains("overtaken: app 1.0.0/1", await fleet.AlertsAsync());
        await cloud.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(before, await fleet.TagsAsync("images/app"));
    }

    [Fact]
    public async Task ApprovalTimesOut_TheMessageSaysHowToRetryAndThatWorks()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(30 * Hour);
        Assert.Contains("automation promote vault 1.0.0/1", await fleet.MessageAsync("rejected: vault 1.0.0/1"), StringComparison.Ordinal);

        var execution = await fleet.PromoteAsync("vault", "1.0.0/1", attempt: 2);
        Assert.Equal("RUNNING", (await fleet.ResultAsync(execution)).Status);
        await cloud.CallAsync(
            "states", "AWSStepFunctions.SendTaskSuccess", new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution), ["output"] = "{}" });
        await cloud.SettleAsync();

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        Assert.Equal(["1.0.0-1", "latest", "v1.0.0.1"], (await fleet.TagsAsync("images/vault")).Keys);
    }

    [Fact]
    public async Task ApprovalRequestFailsAtFirst_IsSentAgain()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "sns", Operation: "Publish", Resource: "approval", Count: 2, Code: "InternalError"));
        await cloud.InjectAsync(new FaultRule(FaultKind.Throttle, Service: "sns", Operation: "Publish", Resource: "approval", Code: "Throttled"));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(0, await cloud.PendingFaultsAsync());
        var execution = Assert.Single(await fleet.ExecutionsAsync("release-vault"));
        Assert.Equal("RUNNING", execution.Status.Value);
        Assert.Single(await fleet.AlertsAsync(), "approval needed: vault 1.0.0/1");
        await cloud.CallAsync("states", "AWSStepFunctions.SendTaskFailure",
            new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution.ExecutionArn), ["error"] = "Rejected", ["cause"] = "no" });
        await cloud.SettleAsync();
        Assert.Single(await fleet.AlertsAsync(), "approval needed: vault 1.0.0/1");
        Assert.Equal("rejected", Assert.Single(await fleet.BuildsAsync("vault")).Release);
    }

    [Fact]
    public async Task ApprovalEventFails_TheMailAsksNevertheless()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "events", Operation: "PutEvents", Count: null, Code: "AccessDeniedException", Status: 403));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Contains("approval needed: vault 1.0.0/1", await fleet.AlertsAsync());
        Assert.Equal("RUNNING", Assert.Single(await fleet.ExecutionsAsync("release-vault")).Status.Value);
    }

    [Fact]
    public async Task NewerBuildAppearsWhileAnOlderOneWaitsForApproval_TheOlderNeverOvertakesIt()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var older = Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn;
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.2");
        var newer = (await fleet.ExecutionsAsync("release-vault"))[^1].ExecutionArn;

        foreach (var execution in new[] { newer, older })
        {
            await cloud.CallAsync(
                "states", "AWSStepFunctions.SendTaskSuccess", new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution), ["output"] = "{}" });
            await cloud.SettleAsync();
        }

        var tags = await fleet.TagsAsync("images/vault");
        Assert.Equal(tags["v1.0.0.2"], tags["latest"]);
        Assert.Equal(tags["1.0.0-1"], tags["v1.0.0.1"]);
        Assert.Equal(["overtaken", "promoted"], (await fleet.BuildsAsync("vault")).Select(build => build.Release));
    }
}
