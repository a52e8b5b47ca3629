using System.Text.Json.Nodes;
using Automation.Aws;
using Automation.Aws.Sdk;
using Automation.Core.Catalog;
using Automation.LocalCloud;
using Automation.LocalCloud.Wire;

namespace Automation.Scenarios;

/// <summary>
/// A first deployment if Image Builder checks the parent image when a recipe is created. The authorization reference suggests this, and no page
/// says it. The repositories of the deployment are then still empty.
/// </summary>
public sealed class FirstDeploymentScenarios
{
    private static readonly CloudOptions Strict = new() { ChecksParentImages = true };

    [Fact]
    public async Task RecipesOnEmptyRepositories_AreRefusedAndTheStackIsRolledBack()
    {
        var refusal = await Assert.ThrowsAsync<AwsException>(() => TestCloud.StartAsync(options: Strict));

        Assert.Equal("StackRolledBack", refusal.Code);
        Assert.Contains("parentImage", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("golden/base:stable", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecipesLater_ThenSeedAndDeploy_BuildsNothingOnPlaceholdersAndEverythingOnTheFirstPush()
    {
        var whole = "";
        var fleet = await TestCloud.StartAsync(
            template: text =>
            {
                whole = text;
                return WithoutRecipes(text);
            },
            options: Strict);
        await using var cloud = fleet.Cloud;
        Assert.Contains("parentImage", Assert.Throws<AwsException>(() => cloud.Deploy(_ => whole)).Message, StringComparison.Ordinal);

        Assert.Equal(["golden/base:stable True", "images/runtime:latest True"], await SeedAsync(cloud));
        Assert.Equal(["golden/base:stable False", "images/runtime:latest False"], await SeedAsync(cloud));
        cloud.Deploy(_ => whole);
        await cloud.AdvanceAsync(TimeSpan.FromHours(5));

        Assert.Empty(await fleet.BuildsAsync("runtime"));
        Assert.Empty(await fleet.BuildsAsync("app"));
        Assert.Empty(await fleet.AlertsAsync());
        Assert.Empty(await fleet.DeadLettersAsync());

        var first = await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        var runtime = await fleet.TagsAsync("images/runtime");
        var app = await fleet.TagsAsync("images/app");

        Assert.Equal(first, (await fleet.TagsAsync("golden/base"))["stable"]);
        Assert.Equal((runtime["1.0.0-1"], "promoted"), (runtime["latest"], Assert.Single(await fleet.BuildsAsync("runtime")).Release));
        Assert.Equal((app["1.0.0-1"], "promoted"), (app["latest"], Assert.Single(await fleet.BuildsAsync("app")).Release));
        Assert.False(runtime.ContainsKey("automation-placeholder"), "the release of runtime/1.0.0/1 prunes its placeholder");
        Assert.Contains("automation-placeholder", (await fleet.TagsAsync("golden/base")).Keys);

        await SeedAsync(cloud);

        Assert.Equal(["stable"], (await fleet.TagsAsync("golden/base")).Keys);
    }

    [Fact]
    public async Task Seed_NeverMovesATag()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var pushed = await fleet.PushAndSettleAsync("2026.1");
        var before = await fleet.TagsAsync("images/runtime");

        Assert.Equal(["golden/base:stable False", "images/runtime:latest False"], await SeedAsync(cloud));

        Assert.Equal(["stable"], (await fleet.TagsAsync("golden/base")).Keys);
        Assert.Equal(pushed, (await fleet.TagsAsync("golden/base"))["stable"]);
        Assert.Equal(before, await fleet.TagsAsync("images/runtime"));
    }

    private static async Task<IEnumerable<string>> SeedAsync(TestCloud cloud)
    {
        var catalog = ImageCatalog.Parse(
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "stacks", "Automation", "catalog.json"), TestContext.Current.CancellationToken));
        var seeded =
            await new Placeholders(cloud.Ecr, new AwsScope("aws", cloud.Region, "123456789012")).SeedAsync(catalog, TestContext.Current.CancellationToken);
        return seeded.Select(each => $"{each.Base} {each.Put}");
    }

    /// <summary>What <c>-c recipes=later</c> synthesises; a test of the CDK app checks that the resources are the same.</summary>
    private static string WithoutRecipes(string template)
    {
        var root = JsonNode.Parse(template)!;
        var resources = root["Resources"]!.AsObject();
        var gone = resources.Where(resource => resource.Value!["Type"]!.ToString() is "AWS::Scheduler::Schedule"
            || resource.Value["Type"]!.ToString().StartsWith("AWS::ImageBuilder::", StringComparison.Ordinal)
            || resource.Value["Properties"]!["EventPattern"]?["source"]?.ToJsonString().Contains("aws.ecr", StringComparison.Ordinal) == true)
            .Select(resource => resource.Key).ToList();

        // Permissions of rules that do not exist.
        gone.AddRange(
            resources.Where(
                resource => resource.Value!["Type"]!.ToString() == "AWS::Lambda::Permission"
                    && gone.Contains(resource.Value["Properties"]!["SourceArn"]?["Fn::GetAtt"]?[0]?.ToString() ?? ""))
            .Select(resource => resource.Key).ToList());
        gone.ForEach(id => resources.Remove(id));

        // The statements of the queue's policy for those rules.
        foreach (var statements in resources.Select(resource => resource.Value!["Properties"]?["PolicyDocument"]?["Statement"]).OfType<JsonArray>())
        {
            foreach (var statement in statements.Where(
                statement => gone.Exists(id => statement!.ToJsonString().Contains($"\"{id}\"", StringComparison.Ordinal))).ToList())
            {
                statements.Remove(statement);
            }
        }

        return root.ToJsonString();
    }
}
