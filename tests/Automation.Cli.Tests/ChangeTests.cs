namespace Automation.Cli.Tests;

/// <summary>The commands that change something. Each starts the workflow with a certain name and input, or refuses before it starts it.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task Build_StartsTheWorkflowWithUserAndTime()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");

        var run = await fleet.RunAsync("build", "app");

        Assert.Equal(0, run.ExitCode);
        var execution = Assert.Single(await fleet.ExecutionsAsync());
        Assert.Equal("build-app_manual-anna-20260105T080000_1", execution);
        Assert.Contains($"started {execution}", run.Output, StringComparison.Ordinal);
        var input = await fleet.InputAsync(execution);
        Assert.Equal("""{"action":"build","image":"app","manual":{"by":"anna","id":"anna-20260105T080000"}}""", input.ToJsonString());
    }

    [Fact]
    public async Task Build_WithoutBase_IsRefusedWithTheReason()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("build", "app");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"\bno: .*golden/base:stable", run.Error);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Build_Watch_ShowsDecisionWaitAndEnd()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");

        var run = await fleet.RunAsync("build", "app", "--watch");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("PlanBuild not-yet: the base may change again", run.Output, StringComparison.Ordinal);
        Assert.Contains("Wait until due waits until 2026-01-05 09:00Z: the base may change again", run.Output, StringComparison.Ordinal);
        Assert.Contains("build-app_manual-anna-20260105T080000_1 ended", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_NewestBuild_StartsExplicitReleaseWithTheNextAttempt()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", "rejected"), ("automation:release-attempt", "2"));
        await fleet.TagAsync(CommandFixture.AppPipeline, ("automation:hold", "Rolled back"), ("automation:hold-scope", "promotion"));

        var run = await fleet.RunAsync("promote", "app");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("ends the hold: Rolled back", run.Output, StringComparison.Ordinal);
        var execution = Assert.Single(await fleet.ExecutionsAsync());
        Assert.Equal("release-app_1-0-0-2_3", execution);
        Assert.Equal(
            """{"action":"release","image":"app","version":"1.0.0/2","attempt":3,"explicit":true}""", (await fleet.InputAsync(execution)).ToJsonString());
    }

    [Fact]
    public async Task Promote_AlreadyPromoted_HasNothingToDo()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();

        var run = await fleet.RunAsync("promote", "app", "1.0.0/1");

        Assert.Equal((0, "1.0.0/1 is promoted already"), (run.ExitCode, run.Output.Trim()));
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Promote_AlreadyPromotedAndHeld_EndsTheHold()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();
        await fleet.TagAsync(CommandFixture.AppPipeline, ("automation:hold", "Rolled back"), ("automation:hold-scope", "promotion"));

        await fleet.RunAsync("promote", "app", "1.0.0/1");

        Assert.Equal(["release-app_1-0-0-1_2"], await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Promote_OlderThanTheOwner_IsRefusedAndNamesRollback()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();
        await fleet.PromotedAsync();

        var run = await fleet.RunAsync("promote", "app", "1.0.0/1");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("latest belongs to 1.0.0/2", run.Error, StringComparison.Ordinal);
        Assert.Contains("automation rollback app 1.0.0/1", run.Error, StringComparison.Ordinal);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Promote_ReleaseIsRunning_IsRefused()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", "running"), ("automation:release-attempt", "1"));
        await fleet.WaitForApprovalAsync("release-app_1-0-0-1");

        var run = await fleet.RunAsync("promote", "app");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("release-app_1-0-0-1 is already running", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("promote", "1.0", "'1.0' is not a build version: expected one such as 1.0.0/3.")]
    [InlineData("rollback", "latest", "'latest' is not a build version: expected one such as 1.0.0/3.")]
    [InlineData("promote", "1.0.0/7", "app has no build 1.0.0/7. Its newest are: 1.0.0/1 (available).")]
    [InlineData("rollback", "1.0.0/7", "app has no build 1.0.0/7. Its newest are: 1.0.0/1 (available).")]
    public async Task PromoteAndRollback_InvalidOrUnknownVersion_AreRefused(string command, string version, string message)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();

        var run = await fleet.RunAsync(command, "app", version);

        Assert.Equal((1, message), (run.ExitCode, run.Error.Trim()));
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Promote_FailedBuild_IsRefusedWithItsReason()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        fleet.Host.Cloud.Run(() => fleet.Host.Cloud.ImageBuilder.Outcomes.Add(new LocalCloud.ImageBuilder.BuildOutcome("app", "The disk is full.", Builds: 1)));
        await fleet.BuildAsync();

        var run = await fleet.RunAsync("promote", "app", "1.0.0/1");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Build 1.0.0/1 of app is failed", run.Error, StringComparison.Ordinal);
        Assert.Contains("The disk is full.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_StartsExecutionNamedByVersionAndTime_AndBlockedOutcomeExitsWith1()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();
        await fleet.PromotedAsync();

        var run = await fleet.RunAsync("rollback", "app", "1.0.0-1", "--watch");

        var execution = Assert.Single(await fleet.ExecutionsAsync());
        Assert.StartsWith("rollback-app_1-0-0-1_20260105T08", execution, StringComparison.Ordinal);
        Assert.Equal("""{"action":"rollback","image":"app","version":"1.0.0/1"}""", (await fleet.InputAsync(execution)).ToJsonString());
        Assert.Contains("Announce blocked as latest: a finding is in the way", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    /// <summary>Newer, the owner itself, or never promoted: no execution is started.</summary>
    [Theory]
    [InlineData("1.0.0/2", null, "latest already belongs to 1.0.0/2")]
    [InlineData("1.0.0/3", null, "Build 1.0.0/3 is not a promoted build (its release has not begun)")]
    [InlineData("1.0.0/3", "blocked", "Build 1.0.0/3 is not a promoted build (blocked")]
    [InlineData("1.0.0/3", "rejected", "Build 1.0.0/3 is not a promoted build (rejected")]
    [InlineData("1.0.0/3", "running", "Build 1.0.0/3 is not a promoted build (its release has not ended)")]
    public async Task Rollback_ToBuildThatIsNotPromotedOrNotOlder_IsRefusedAndNamesPromote(string version, string? release, string message)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();
        await fleet.PromotedAsync();
        var newest = await fleet.BuildAsync();
        if (release is not null)
        {
            await fleet.TagAsync(newest, ("automation:release", release));
        }

        var run = await fleet.RunAsync("rollback", "app", version);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains($"automation promote app {version}", run.Error, StringComparison.Ordinal);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Prune_WithoutDelete_OnlyReports()
    {
        await using var fleet = await CommandFixture.StartAsync();

        await fleet.RunAsync("prune", "app");
        await fleet.RunAsync("prune", "app", "--delete");

        Assert.Equal("""{"action":"prune","image":"app","delete":false}""", (await fleet.InputAsync("prune-app_20260105T080000")).ToJsonString());
        Assert.Equal("""{"action":"prune","image":"app","delete":true}""", (await fleet.InputAsync("prune-app_20260105T080000-delete")).ToJsonString());
    }

    [Fact]
    public async Task Prune_WithMaxDeletePercent_OverridesTheDeletionLimit()
    {
        await using var fleet = await CommandFixture.StartAsync();

        await fleet.RunAsync("prune", "app", "--delete", "--max-delete-percent", "100");

        Assert.Equal(
            """{"action":"prune","image":"app","delete":true,"maxDeletePercent":100}""",
            (await fleet.InputAsync("prune-app_20260105T080000-delete100")).ToJsonString());
    }

    [Theory]
    [InlineData("must be 1 to 100", "--delete", "--max-delete-percent", "0")]
    [InlineData("must be 1 to 100", "--delete", "--max-delete-percent", "101")]
    [InlineData("must be 1 to 100", "--delete", "--max-delete-percent", "many")]
    [InlineData("is for --delete", "--max-delete-percent", "100")]
    public async Task Prune_LimitOutOfRangeOrWithoutDelete_StartsNothing(string error, params string[] options)
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync(["prune", "app", .. options]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Watch_FailedExecution_ShowsErrorAndExitsWith1()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("prune", "app", "--watch");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("failed: PermanentException: the repository is gone", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_ContinuesTheRelease()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.WaitForApprovalAsync("release-app_1-0-0-1");

        var run = await fleet.RunAsync("approve", "release-app_1-0-0-1", "--watch");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("approved release-app_1-0-0-1", run.Output, StringComparison.Ordinal);
        Assert.Contains("Wait for approval approved by anna", run.Output, StringComparison.Ordinal);
        Assert.Contains("release-app_1-0-0-1 ended: promoted", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reject_EndsTheReleaseWithPersonAndReason()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.WaitForApprovalAsync("release-app_1-0-0-1");

        var run = await fleet.RunAsync("reject", "release-app_1-0-0-1", "--reason", "not today", "--watch");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Rejected: anna rejected it: not today", run.Output, StringComparison.Ordinal);
        Assert.Contains("release-app_1-0-0-1 ended: rejected", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_EndedExecution_IsRefused()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.WaitForApprovalAsync("release-app_1-0-0-1");
        await fleet.RunAsync("approve", "release-app_1-0-0-1", "--watch");

        var run = await fleet.RunAsync("approve", "release-app_1-0-0-1");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("release-app_1-0-0-1 has ended (SUCCEEDED): there is nothing to answer. No execution waits for an approval.", run.Error.Trim());
    }

    [Fact]
    public async Task Approve_UnknownExecution_ListsThoseThatWait()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.WaitForApprovalAsync("release-app_1-0-0-1");

        var run = await fleet.RunAsync("approve", "release-app_1-0-0-2");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("There is no execution release-app_1-0-0-2. These wait for an approval: release-app_1-0-0-1.", run.Error.Trim());
    }
}
