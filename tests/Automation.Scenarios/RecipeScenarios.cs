using System.Text.Json.Nodes;
using Automation.Scenarios.InProcess;

namespace Automation.Scenarios;

/// <summary>A changed recipe is deployed: another recipe version, newer than the one before, and tags go forward only.</summary>
public sealed class RecipeScenarios
{
    private const string Before = "{{{ imagebuilder:components }}}";

    [Fact]
    public async Task ChangedDockerfile_BecomesANewerRecipeVersion_AndItsBuildIsPromoted()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = (InProcessCloud)fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");
        Assert.Equal(["1.0.0/1", "1.0.0/2"], (await fleet.BuildsAsync("runtime")).Select(build => build.Version.ToString()));

        cloud.Deploy(template => Changed(template, "runtime", "RUN dnf -y clean all"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        var newest = (await fleet.BuildsAsync("runtime")).Single(build => build.Version.ToString() == "1.0.1/1");
        Assert.Equal(("AVAILABLE", "promoted"), (newest.Status, newest.Release));
        var tags = await fleet.TagsAsync("images/runtime");
        Assert.Equal((tags["1.0.1-1"], tags["1.0.1-1"]), (tags["latest"], tags["1.0"]));

        // What was built of the version before comes late: it is not newer.
        await fleet.StartAsync("late", new JsonObject { ["action"] = "release", ["image"] = "runtime", ["version"] = "1.0.0/2", ["attempt"] = 9 });
        await cloud.SettleAsync();
        Assert.Equal(tags["1.0.1-1"], (await fleet.TagsAsync("images/runtime"))["latest"]);
    }

    [Fact]
    public async Task DockerfileChangedBack_IsNewerAgain_AndNeverTheOldVersion()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = (InProcessCloud)fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");

        cloud.Deploy(template => Changed(template, "runtime", "RUN dnf -y clean all"));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        cloud.Deploy(template => template.Replace("RUN dnf -y clean all\\n", "", StringComparison.Ordinal).Replace("Changed\"", "\"", StringComparison.Ordinal));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));

        Assert.Equal(["1.0.0/1", "1.0.1/1", "1.0.2/1"], (await fleet.BuildsAsync("runtime")).Select(build => build.Version.ToString()));
        Assert.Equal((await fleet.TagsAsync("images/runtime"))["1.0.2-1"], (await fleet.TagsAsync("images/runtime"))["latest"]);
    }

    [Fact]
    public async Task FixedVersion_WithAChangedDockerfile_IsRefused_AndTheStackIsAsItWas()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = (InProcessCloud)fleet.Cloud;
        cloud.Deploy(template => template.Replace("\"1.0.x\"", "\"2.0.0\"", StringComparison.Ordinal));

        var refusal = Assert.Throws<LocalCloud.Wire.AwsException>(() => cloud.Deploy(template => Changed(template, "runtime", "RUN true")));

        Assert.Contains("already exists", refusal.Message, StringComparison.Ordinal);
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("2.0.0/1", Assert.Single(await fleet.BuildsAsync("runtime")).Version.ToString());
    }

    // Only the recipe of one image, which is another resource then, as the CDK app names it by its content.
    private static string Changed(string template, string image, string line)
    {
        var root = JsonNode.Parse(template)!;
        var recipe = root["Resources"]!.AsObject().Single(resource =>
            resource.Value!["Type"]!.ToString() == "AWS::ImageBuilder::ContainerRecipe" && resource.Value["Properties"]!["Name"]!.ToString() == image);
        var properties = recipe.Value!["Properties"]!;
        properties["DockerfileTemplateData"] = properties["DockerfileTemplateData"]!.ToString().Replace(Before, $"{line}\n{Before}", StringComparison.Ordinal);
        return root.ToJsonString().Replace(recipe.Key, $"{recipe.Key}Changed", StringComparison.Ordinal);
    }
}
