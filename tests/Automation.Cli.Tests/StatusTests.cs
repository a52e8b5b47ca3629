using System.Text.Json.Nodes;

namespace Automation.Cli.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task Status_TagIsNotOnItsOwner_NamesTagAndReason()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();
        await fleet.PromotedAsync();
        await fleet.PutTagAsync("1.0.0/1", "latest");

        var run = await fleet.RunAsync("status", "app");

        Assert.Matches(@"app +not followed +latest in us-east-1: latest belongs to 1\.0\.0/2", run.Output);
    }

    /// <summary>Open incidents are shown until they end, each under its own image.</summary>
    [Fact]
    public async Task Status_OpenIncident_ShowsKindTimeAndReasonUnderItsImageOnly()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.OpenIncidentAsync("not-releasable_app__20260105T08",
            """{"image":"app","kind":"not-releasable","detail":{"reasons":[{"code":"not-in-region","text":"it is not in eu-west-1"}]} }""");
        await fleet.OpenIncidentAsync("pipeline-missing_app-web__20260105T08", "{}");
        await fleet.OpenIncidentAsync("0c1ffb24-2b2f-4f46-9f34-5cdd7c4ad0b4", "{}");

        var run = await fleet.RunAsync("status");

        Assert.Matches(@"app +- +- +- +incident +not-releasable: it is not in eu-west-1", run.Output);
        Assert.Matches(@"app-web +- +- +- +incident +pipeline-missing: pipeline-missing_app-web__20260105T08", run.Output);
        Assert.Equal(2, run.Output.Split('\n').Count(line => line.Contains(" incident ", StringComparison.Ordinal)));
        Assert.EndsWith("2 images: 2 incident", run.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Matches(@"app +incident +not-releasable since [^(]+\(0 min ago\): it is not in eu-west-1", (await fleet.RunAsync("status", "app")).Output);
        var json = JsonNode.Parse((await fleet.RunAsync("status", "--output", "json")).Output)!.AsArray();
        Assert.Equal("not-releasable", json[0]!["incidents"]![0]!["kind"]!.ToString());
    }

    [Fact]
    public async Task Status_UnreadableRegion_IsShownForEveryImageThatIsPromotedThere()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.OpenIncidentAsync("region-unreadable_us-east-1__20260105T08", """{"detail":{"reasons":[{"code":"region-unreadable","text":"503"}]} }""");
        await fleet.OpenIncidentAsync("region-unreadable_eu-west-1__20260105T08", "{}");

        var run = await fleet.RunAsync("status");

        Assert.Matches(@"app +- +- +- +incident +region-unreadable: 503", run.Output);
        Assert.Matches(@"app-web +- +- +- +incident +region-unreadable: 503", run.Output);
        Assert.DoesNotContain("eu-west-1", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_UnreadableRegion_ShowsTheRest()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();
        fleet.Host.Cloud.Run(() => fleet.Host.Cloud.Faults.Add(new LocalCloud.FaultRule(
            LocalCloud.FaultKind.Error, Service: "ecr", Resource: "images/app\"", Count: null, Status: 503)));

        var run = await fleet.RunAsync("status", "app");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"app +newest build +1\.0\.0/1 available", run.Output);
        Assert.Matches(@"app +unknown +us-east-1: Could not ", run.Output);
    }

    /// <summary>A build that passed no gate may still have a floating tag, because somebody put it there.</summary>
    [Theory]
    [InlineData("blocked", "which the scan gate blocked")]
    [InlineData("rejected", "which nobody approved")]
    [InlineData("failed", "which was never promoted")]
    public async Task Status_UnpromotedBuildUnderFloatingTag_IsShownWithReason(string state, string why)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", state));
        await fleet.PutTagAsync("1.0.0/1", "latest");

        var run = await fleet.RunAsync("status", "app");

        Assert.Matches($@"app +on the tag, not promoted +latest in us-east-1 is 1\.0\.0/1 [0-9a-f]{{12}}: it is build 1\.0\.0/1 of app, {why}", run.Output);
        Assert.Matches(@"app +promoted +nothing yet", run.Output);
    }

    [Fact]
    public async Task Status_ImageNeverBuilt_SaysSoAndWhyNothingIsDue()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("status", "app");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"app +newest build +none yet", run.Output);
        Assert.Matches(@"app +promoted +nothing yet", run.Output);
        Assert.Matches(@"app +build due +no: .*golden/base:stable", run.Output);
    }

    [Fact]
    public async Task Status_PromotedBuild_ShowsTagVersionRegionAndAge()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        var build = await fleet.BuildAsync();
        await fleet.PutTagAsync("1.0.0/1", "latest");
        await fleet.TagAsync(build, ("automation:release", "promoted"), ("automation:promoted-at", "2026-01-05T08:00:00Z"));
        await fleet.Host.Cloud.AdvanceToAsync(new DateTimeOffset(2026, 1, 8, 9, 0, 0, TimeSpan.Zero), TestContext.Current.CancellationToken);

        var run = await fleet.RunAsync("status", "app");

        Assert.Matches(@"app +newest build +1\.0\.0/1 available, built 2026-01-05 .*, promoted", run.Output);
        Assert.Matches(@"app +promoted +latest in us-east-1 is 1\.0\.0/1 [0-9a-f]{12}, promoted 2026-01-05 08:00Z \(3 days ago\)", run.Output);
    }

    [Fact]
    public async Task Status_HeldPipeline_ShowsTheHold()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.TagAsync(
            CommandFixture.AppPipeline, ("automation:hold", "Rolled back"), ("automation:hold-scope", "promotion"),
            ("automation:hold-since", "2026-01-05T07:00:00Z"));

        var run = await fleet.RunAsync("status", "app");

        Assert.Matches(@"app +hold +promotion since 2026-01-05 07:00Z: Rolled back", run.Output);
    }

    [Theory]
    [InlineData("blocked", "2 findings")]
    [InlineData("rejected", "not today")]
    [InlineData("failed", "immutable tag")]
    public async Task Status_NewestBuildNotReleased_ShowsWhatBlocksIt(string state, string why)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", state), ("automation:release-reason", why));

        var run = await fleet.RunAsync("status", "app");

        Assert.Matches($@"app +blocked +1\.0\.0/1: {state}: {why}", run.Output);
    }

    // A person rolled back: nothing is blocked, and the hold has the same reason.
    [Theory]
    [InlineData("rolled-back", true, "held")]
    [InlineData("held", true, "held")]
    [InlineData("blocked", true, "blocked")]
    [InlineData("rolled-back", false, "blocked")]
    public async Task Status_OfARollback_IsItsHold(string release, bool hold, string state)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", release), ("automation:release-reason", "rolled back"));
        if (hold)
        {
            await fleet.TagAsync(CommandFixture.AppPipeline, ("automation:hold", "Rolled back"), ("automation:hold-scope", "promotion"));
        }

        var run = await fleet.RunAsync("status", "-o", "json");

        Assert.Equal(
            state, System.Text.Json.Nodes.JsonNode.Parse(run.Output)!.AsArray().Single(image => image!["image"]!.ToString() == "app")!["state"]!.ToString());
    }

    [Fact]
    public async Task Status_ReleaseWaitsForApproval_ShowsCommandAndDeadlineUnderItsImageOnly()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.WaitForApprovalAsync("release-app-web_1-0-0-1");

        var run = await fleet.RunAsync("status", "app-web");

        Assert.Matches(@"app-web +waiting +release-app-web_1-0-0-1 until 2026-01-06 08:00Z: approval needed: automation approve release-app-web_1-0-0-1",
            run.Output);
        Assert.DoesNotMatch(@"app +waiting", run.Output);
    }

    [Theory]
    [InlineData("status", @"app-web +- +- +- +no-pipeline +the stack's pipeline app-web no longer exists", @"app +- +- +- +new +.*golden/base:stable")]
    [InlineData("plan", @"app-web +build +no: the stack's pipeline .*app-web no longer exists", @"app +build +no: .*golden/base:stable")]
    public async Task StatusAndPlan_OneImageHasNoPipeline_ShowItAndTheOthers(string command, string missing, string other)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.ImageBuilder.DeleteImagePipelineAsync(
            new() { ImagePipelineArn = CommandFixture.AppPipeline + "-web" }, TestContext.Current.CancellationToken);

        var run = await fleet.RunAsync(command);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(missing, run.Output);
        Assert.Matches(other, run.Output);
        Assert.DoesNotMatch("app-web +(release|prune|newest build)", run.Output);
    }

    [Fact]
    public async Task Status_Json_HasEveryImageWithReasons()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("status", "--output", "json");

        var images = JsonNode.Parse(run.Output)!.AsArray();
        Assert.Equal(["app", "app-web"], images.Select(image => image!["image"]!.ToString()));
        Assert.All(images, image => Assert.Equal("base-missing", image!["build"]!["reasons"]![0]!["code"]!.ToString()));
    }
}
