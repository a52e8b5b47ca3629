using System.Text.Json.Nodes;

namespace Automation.Scenarios;

/// <summary>A changed recipe is deployed: it gets a version newer than the previous one, and tags move only forward.</summary>
public sealed class RecipeScenarios
{
    private const string Before = "{{{ imagebuilder:components }}}";

    [Fact]
    public async Task ChangedDockerfile_BecomesANewerRecipeVersionAndItsBuildIsPromoted()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");
        Assert.Equal(["1.0.0/1", "1.0.0/2"], (await fleet.BuildsAsync("runtime")).Select(build => build.Version.ToString()));

        cloud.Deploy(template => Changed(template, "runtime", "RUN dnf -y clean all"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        var newest = (await fleet.BuildsAsync("runtime")).Single(build => build.Version.ToString() == "1.0.1/1");
        Assert.Equal(("AVAILABLE", "promoted"), (newest.Status, newest.Release));
        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal((tags["1.0.1-1"], tags["1.0.1-1"]), (tags["latest"], tags["1.0"]));

        // A build of the previous version comes late, but it is not newer.
        await fleet.StartAsync("late", new JsonObject { ["action"] = "release", ["image"] = "runtime", ["version"] = "1.0.0/2", ["attempt"] = 9 });
        await cloud.SettleAsync();
        Assert.Equal(tags["1.0.1-1"], (await fleet.TagsAsync("images/runtime"))["latest"]);
    }

    /// <summary>The schedule reconciles once an hour, but people wait for the deployment.</summary>
    [Fact]
    public async Task ChangedDockerfile_IsBuiltAtOnce_NotAtTheNextScheduledReconcile()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        cloud.Deploy(template => Changed(template, "runtime", "RUN dnf -y clean all"));

        await cloud.SettleAsync();

        Assert.Equal(["1.0.0/1", "1.0.1/1"], (await fleet.BuildsAsync("runtime")).Select(build => build.Version.ToString()));
    }

    /// <summary>The event of a deployment needs the permissions of the stack.</summary>
    [Fact]
    public async Task ReconcileDoesNotAllowTheDeploymentRule_TheScheduleBuildsTheRecipe()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        cloud.Deploy(template => Without(Changed(template, "runtime", "RUN dnf -y clean all"), "Deployed"));

        await cloud.SettleAsync();
        Assert.Equal("1.0.0/1", Assert.Single(await fleet.BuildsAsync("runtime")).Version.ToString());
        Assert.Contains(await cloud.JournalAsync(),
            entry => entry is { Source: "sqs", Kind: "message-sent" } && entry.Data.GetValueOrDefault("errorCode") == "NO_PERMISSIONS");

        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(["1.0.0/1", "1.0.1/1"], (await fleet.BuildsAsync("runtime")).Select(build => build.Version.ToString()));
    }

    /// <summary>CloudFormation would delete the previous recipe at the end of the update, while one of its builds is running.</summary>
    [Fact]
    public async Task ReplacedRecipe_SurvivesTheUpdateAndIsDeletedWithItsBuilds()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(7));
        Assert.Equal("BUILDING", Assert.Single(await fleet.BuildsAsync("runtime")).Status);

        cloud.Deploy(template => Changed(template, "runtime", "RUN dnf -y clean all"));
        Assert.Equal(["1.0.0", "1.0.1"], await RecipesAsync(fleet, "runtime"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.Equal(["AVAILABLE", "AVAILABLE"], (await fleet.BuildsAsync("runtime")).Select(build => build.Status));

        // The catalog builds every Sunday, keeps two builds and deletes three days later.
        await cloud.AdvanceAsync(TimeSpan.FromDays(60));
        Assert.DoesNotContain(await fleet.BuildsAsync("runtime"), build => build.Version.ToString() == "1.0.0/1");
        Assert.Equal(["1.0.1"], await RecipesAsync(fleet, "runtime"));
        Assert.Equal(["1.0.0"], await RecipesAsync(fleet, "app"));
    }

    [Fact]
    public async Task DockerfileChangedBack_IsNewerAgainAndNeverTheOldVersion()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        cloud.Deploy(template => Changed(template, "runtime", "RUN dnf -y clean all"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        cloud.Deploy(
            template => template.Replace("RUN dnf -y clean all\\n", "", StringComparison.Ordinal).Replace("Changed\"", "\"", StringComparison.Ordinal));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        Assert.Equal(["1.0.0/1", "1.0.1/1", "1.0.2/1"], (await fleet.BuildsAsync("runtime")).Select(build => build.Version.ToString()));
        Assert.Equal((await fleet.TagsAsync("images/runtime"))["1.0.2-1"], (await fleet.TagsAsync("images/runtime"))["latest"]);
    }

    [Fact]
    public async Task FixedVersionWithAChangedDockerfile_IsRefusedAndTheStackIsUnchanged()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Deploy(template => template.Replace("\"1.0.x\"", "\"2.0.0\"", StringComparison.Ordinal));

        var refusal = Assert.Throws<LocalCloud.Wire.AwsException>(() => cloud.Deploy(template => Changed(template, "runtime", "RUN true")));

        Assert.Contains("already exists", refusal.Message, StringComparison.Ordinal);
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("2.0.0/1", Assert.Single(await fleet.BuildsAsync("runtime")).Version.ToString());
    }

    /// <summary>The builds of both recipes count from 1, and Image Builder gives both the tag 1.0.0-1.</summary>
    [Fact]
    public async Task AdoptedPipelineHasAnotherRecipeThanTheCatalog_NothingIsBuiltOrReleasedAndItIsReportedOnce()
    {
        var fleet =
            await AdoptedAsync(text => text.Replace("\"their-pipeline\"", "\"their-pipeline\", \"recipe\": \"their-pipeline\"", StringComparison.Ordinal));
        await using var cloud = fleet.Cloud;
        var first = Assert.Single(await fleet.BuildsAsync("their-pipeline"));
        var before = await fleet.TagsAsync("images/by-name");
        Assert.Equal(("promoted", before["latest"]), (first.Release, before["v1.0.0.1"]));

        await fleet.UpdatePipelineAsync("their-pipeline", await fleet.CreateRecipeAsync("second", "1.0.0", "images/by-name", Parent(fleet)));
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));
        Assert.Single(await fleet.BuildsAsync("their-pipeline"));
        await fleet.StartByHandAsync("their-pipeline", "00000000-0000-4000-8000-000000000001");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));

        Assert.Equal(
            ["build-stuck: by-name", "build-stuck: by-name"],
            (await fleet.AlertsAsync()).Where(subject => subject.Contains("by-name", StringComparison.Ordinal)));
        Assert.Contains("builds second", await fleet.MessageAsync("build-stuck: by-name"), StringComparison.Ordinal);
        Assert.Equal(before["latest"], (await fleet.TagsAsync("images/by-name"))["latest"]);
        Assert.Empty(await fleet.DeadLettersAsync());

        // With the recipe restored, it continues with the next number and the current base.
        await fleet.UpdatePipelineAsync(
            "their-pipeline", string.Join('/', first.Arn.Replace(":image/", ":container-recipe/", StringComparison.Ordinal).Split('/')[..^1]));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        var builds = await fleet.BuildsAsync("their-pipeline");
        Assert.Equal([null, "promoted", "promoted"], builds.Select(build => build.Release).Order());
        Assert.Equal(3, builds.Count);
        Assert.Equal((await fleet.TagsAsync("images/by-name"))["v1.0.0.2"], (await fleet.TagsAsync("images/by-name"))["latest"]);
    }

    [Fact]
    public async Task AdoptedPipelineGetsAnotherRecipeWithoutAName_BuildsOfOneVersionAreNeverConfused()
    {
        var fleet = await AdoptedAsync(text => text);
        await using var cloud = fleet.Cloud;
        var before = (await fleet.TagsAsync("images/by-name"))["latest"];

        await fleet.UpdatePipelineAsync("their-pipeline", await fleet.CreateRecipeAsync("second", "1.0.0", "images/by-name", Parent(fleet)));
        await fleet.PushAndSettleAsync("2026.2");

        // The release of that name has ended, and the next reconcile begins another one. The version tag is on the other recipe's build and stays there.
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Contains("failed: by-name 1.0.0/1", await fleet.AlertsAsync());
        var tags = await fleet.TagsAsync("images/by-name");
        Assert.Equal((before, before), (tags["latest"], tags["v1.0.0.1"]));
        Assert.NotEqual(before, tags["1.0.0-1"]);

        await fleet.PushAndSettleAsync("2026.3");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        tags = await fleet.TagsAsync("images/by-name");
        Assert.Equal((tags["1.0.0-2"], tags["1.0.0-2"], before), (tags["latest"], tags["v1.0.0.2"], tags["v1.0.0.1"]));
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    [Fact]
    public async Task AdoptedPipelineIsMissing_IsReportedOnceWithoutADeadLetterAndTheOthersContinue()
    {
        var fleet = await TestCloud.StartAsync("adopted");
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", Parent(fleet));
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(3));

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("other-pipeline")).Release);
        Assert.Single(await fleet.AlertsAsync(), subject => subject == "build-stuck: by-name");
        Assert.Contains("pipeline their-pipeline", await fleet.MessageAsync("build-stuck: by-name"), StringComparison.Ordinal);
        Assert.Empty(await fleet.DeadLettersAsync());
        Assert.DoesNotContain(
            await fleet.ExecutionsAsync(), execution => execution.Status == "FAILED" || execution.Name.StartsWith("prune-by-name", StringComparison.Ordinal));

        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", Parent(fleet));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("their-pipeline")).Release);
    }

    private static async Task<Fleet> AdoptedAsync(Func<string, string> change)
    {
        var fleet = await TestCloud.StartAsync("adopted", text: change(TestCloud.CatalogOf("adopted")));
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", Parent(fleet));
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", Parent(fleet));
        await fleet.PushAndSettleAsync("2026.1");
        return fleet;
    }

    private static string Parent(Fleet fleet) => $"123456789012.dkr.ecr.{fleet.Cloud.Region}.amazonaws.com/golden/base:stable";

    // Changes only the recipe of one image. The changed recipe is another resource, because the CDK app names it by its content.
    private static string Changed(string template, string image, string line)
    {
        var root = JsonNode.Parse(template)!;
        var recipe = root["Resources"]!.AsObject().Single(resource =>
            resource.Value!["Type"]!.ToString() == "AWS::ImageBuilder::ContainerRecipe" && resource.Value["Properties"]!["Name"]!.ToString() == image);
        var properties = recipe.Value!["Properties"]!;
        properties["DockerfileTemplateData"] = properties["DockerfileTemplateData"]!.ToString().Replace(Before, $"{line}\n{Before}", StringComparison.Ordinal);
        return root.ToJsonString().Replace(recipe.Key, $"{recipe.Key}Changed", StringComparison.Ordinal);
    }

    // A template without the permission of the rule to invoke the function.
    private static string Without(string template, string rule)
    {
        var root = JsonNode.Parse(template)!;
        var resources = root["Resources"]!.AsObject();
        resources.Remove(resources.Single(resource =>
            resource.Value!["Type"]!.ToString() == "AWS::Lambda::Permission"
            && resource.Value["Properties"]!["Principal"]!.ToString() == "events.amazonaws.com"
            && resource.Value["Properties"]!["SourceArn"]!.ToJsonString().Contains($"\"{rule}", StringComparison.Ordinal)).Key);
        return root.ToJsonString();
    }

    private static async Task<IEnumerable<string>> RecipesAsync(Fleet fleet, string name) =>
        (await fleet.Cloud.ImageBuilder.ListContainerRecipesAsync(
            new Amazon.Imagebuilder.Model.ListContainerRecipesRequest(), TestContext.Current.CancellationToken))
            .ContainerRecipeSummaryList.Where(recipe => recipe.Name == name).Select(recipe => recipe.Arn.Split('/')[^1]).Order(StringComparer.Ordinal);
}
