using System.Text.Json.Nodes;
using Amazon.Imagebuilder.Model;

namespace Automation.Cli.Tests;

public sealed class PlanTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_NewBase_ShowsBuildAndStartsNothing()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");

        var run = await fleet.RunAsync("plan", "app");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"app +build +start: the image has no build yet", run.Output);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Plan_SupersededBuild_ShowsActionAndReasonForEachImage()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", "promoted"), ("automation:promoted-at", "2026-01-05T08:00:00Z"),
            ("automation:superseded-at", "2026-01-05T08:30:00Z"));
        await fleet.BuildAsync();
        await fleet.Host.Cloud.AdvanceAsync(TimeSpan.FromDays(2), TestContext.Current.CancellationToken);

        var run = await fleet.RunAsync("plan", "app");

        Assert.Matches(@"app +release 1\.0\.0/2 +release: 1\.0\.0/2 is available but not released", run.Output);
        Assert.Matches(@"app +prune us-east-1 +delete 1 image and 1 record,", run.Output);
        Assert.Matches(@"app +delete +1\.0\.0/1 [0-9a-f]{12} \[1\.0\.0-1\]: \w+", run.Output);
        Assert.Matches(@"app +keep +1\.0\.0/2 .*: is the newest build", run.Output);
    }

    [Fact]
    public async Task Plan_Json_HasReasonsForEverything()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();

        var run = await fleet.RunAsync("plan", "--output", "json");

        var app = JsonNode.Parse(run.Output)![0]!;
        Assert.Equal("release", app["releases"]![0]!["decision"]!.ToString());
        Assert.Equal("release-app_1-0-0-1", app["releases"]![0]!["execution"]!.ToString());
        Assert.All(app["prune"]![0]!["items"]!.AsArray(), item => Assert.NotEmpty(item!["reasons"]!.AsArray()));
    }

    /// <summary>Build numbers count per recipe: the owner of one image's 1.0.0-1 says nothing about the 1.0.0-1 of another image.</summary>
    [Fact]
    public async Task Plan_AllImages_DecidesAboutEachAsItsOwnPlanDoes()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        var recipe = (await fleet.ImageBuilder.ListContainerRecipesAsync(new ListContainerRecipesRequest(), Token)).ContainerRecipeSummaryList
            .Single(recipe => recipe.Name == "app").Arn;
        var infrastructure = (await fleet.ImageBuilder.ListInfrastructureConfigurationsAsync(new ListInfrastructureConfigurationsRequest(), Token))
            .InfrastructureConfigurationSummaryList.Single().Arn;
        await fleet.ImageBuilder.CreateImageAsync(
            new CreateImageRequest { ContainerRecipeArn = recipe, InfrastructureConfigurationArn = infrastructure, ClientToken = "of somebody else" }, Token);
        await fleet.Host.Cloud.RunUntilIdleAsync(cancellationToken: Token);
        await BaseImage.PushAsync(fleet.Ecr, "images/app-web", "1.0.0-1", "pushed by hand");
        await fleet.Host.Cloud.AdvanceAsync(TimeSpan.FromDays(100), Token);

        var all = JsonNode.Parse((await fleet.RunAsync("plan", "--output", "json")).Output)!.AsArray();
        var alone = JsonNode.Parse((await fleet.RunAsync("plan", "app-web", "--output", "json")).Output)!;

        Assert.Contains("others-build", all[0]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("unknown-image", alone.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(alone[0]!.ToJsonString(), all[1]!.ToJsonString());
    }

    [Fact]
    public async Task Plan_UnknownImage_ListsTheKnownOnes()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("plan", "ap");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("The catalog has no image 'ap'; did you mean 'app'? It has: app, app-web.", run.Error.Trim());
    }

    [Fact]
    public async Task Why_Builds_ListsNewestFirstWithCauseBaseAndFailure()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync(("automation:cause", "slot:2026-01-04T03:00:00Z"), ("automation:attempt", "2"), ("automation:reason", "the schedule was due"));
        fleet.Host.Cloud.Run(() => fleet.Host.Cloud.ImageBuilder.Outcomes.Add(new LocalCloud.ImageBuilder.BuildOutcome("app", "The disk is full.", Builds: 1)));
        var digest = $"sha256:{new string('5', 64)}";
        await fleet.BuildAsync(("automation:cause", $"watched:{digest}"), ("automation:watched-0a1b2c3d", digest));

        var run = await fleet.RunAsync("why", "app");

        Assert.Matches(@"^1\.0\.0/2 +state +failed", run.Output);
        Assert.Matches(@"1\.0\.0/2 +trigger +another image under watched tags, attempt 1: no reason recorded", run.Output);
        Assert.Matches(@"1\.0\.0/2 +watched +sha256:55555", run.Output);
        Assert.Matches(@"1\.0\.0/2 +failure +.*The disk is full\.", run.Output);
        Assert.Matches(@"1\.0\.0/1 +trigger +schedule of 2026-01-04T03:00:00Z, attempt 2: the schedule was due", run.Output);
        Assert.Matches(@"1\.0\.0/1 +release +none was begun", run.Output);
    }

    [Fact]
    public async Task Why_RetriedReleaseAndRollback_NamesExecutionAndHold()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", "rejected"), ("automation:release-attempt", "2"));
        await fleet.TagAsync(
            CommandFixture.AppPipeline, ("automation:hold", "Rolled back by anna"), ("automation:hold-scope", "promotion"),
            ("automation:hold-since", "2026-01-05T08:00:00Z"));

        var run = await fleet.RunAsync("why", "app");

        Assert.Matches(@"hold +Rolled back by anna, since 2026-01-05 08:00Z", run.Output);
        Assert.Matches(@"1\.0\.0/1 +execution +release-app_1-0-0-1_2 *\n", run.Output);
    }

    [Fact]
    public async Task Why_ImageNeverBuilt_RefersToPlan()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("why", "app");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("app was never built", run.Output, StringComparison.Ordinal);
    }
}
