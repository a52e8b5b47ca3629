using System.Text.Json.Nodes;
using Automation.Core.Builds;

namespace Automation.Scenarios;

/// <summary>Base images that a recipe names by a Systems Manager parameter, or by the ARN of an Image Builder image.</summary>
public sealed class ParentScenarios
{
    [Fact]
    public async Task ParameterGetsAnotherValue_TheImageIsBuiltOnIt()
    {
        const string Parameter = "ssm:/imagebuilder/base";
        var fleet = await StartAsync(Parameter);
        await using var cloud = fleet.Cloud;
        await PutAsync(cloud, "/imagebuilder/base", $"{Registry(cloud)}golden/base:2026.1");
        var first = await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "golden/base", "2026.1", "one");
        var second = await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "golden/base", "2026.2", "two");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(("promoted", first),
            (Assert.Single(await fleet.BuildsAsync("their-pipeline")).Release, (await fleet.BuildsAsync("their-pipeline"))[0].BaseDigest));

        await PutAsync(cloud, "/imagebuilder/base", $"{Registry(cloud)}golden/base:2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        var builds = await fleet.BuildsAsync("their-pipeline");
        Assert.Equal(["promoted", "promoted"], builds.Select(build => build.Release));
        Assert.Equal(second, builds[1].BaseDigest);
        Assert.StartsWith(Parameter, TagText.Decode(builds[1].Tags["automation:base"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AmazonReleasesANewVersionOfItsImage_TheImageIsBuiltOnIt()
    {
        const string Managed = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-x86-latest/x.x.x";
        var fleet = await StartAsync(Managed);
        await using var cloud = fleet.Cloud;
        cloud.SetManagedImage("amazon-linux-x86-latest", "2026.1.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("their-pipeline")).Release);

        cloud.SetManagedImage("amazon-linux-x86-latest", "2026.2.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        var builds = await fleet.BuildsAsync("their-pipeline");
        Assert.Equal(["promoted", "promoted"], builds.Select(build => build.Release));
        Assert.Contains("2026.2.1", builds[1].Tags["automation:base"], StringComparison.Ordinal);
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Equal(2, (await fleet.BuildsAsync("their-pipeline")).Count);
    }

    /// <summary>An adopted pipeline. The catalog names the base like its recipe, so that the functions may read it.</summary>
    private static async Task<Fleet> StartAsync(string parent)
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf("adopted"))!;
        text["images"]![0]!["from"] = parent;
        var fleet = await TestCloud.StartAsync("adopted", WithGrants, text.ToJsonString());
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", parent);
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", $"{Registry(fleet.Cloud)}golden/base:stable");
        return fleet;
    }

    /// <summary>The additional grants of such a catalog's stack (Automation.Infra.Tests checks them).</summary>
    private static string WithGrants(string template)
    {
        string[] readers = ["FunctionsReconcile", "FunctionsImagePushed", "FunctionsBuildNotification", "FunctionsPlanBuild"];
        var stack = JsonNode.Parse(template)!.AsObject();
        var resources = stack["Resources"]!.AsObject();
        var roles =
            resources.Where(
                resource => resource.Value!["Type"]!.ToString() == "AWS::IAM::Role"
                    && readers.Any(reader => resource.Key.StartsWith(reader, StringComparison.Ordinal)))
            .Select(resource => resource.Key).ToList();
        Assert.Equal(4, roles.Count);
        resources["ReadBases"] = new JsonObject
        {
            ["Type"] = "AWS::IAM::Policy",
            ["Properties"] = new JsonObject
            {
                ["PolicyName"] = "ReadBases",
                ["Roles"] = new JsonArray([.. roles.Select(role => new JsonObject { ["Ref"] = role })]),
                ["PolicyDocument"] = JsonNode.Parse("""
                    {"Version":"2012-10-17","Statement":[
                     {"Effect":"Allow","Action":"ssm:GetParameter","Resource":"arn:aws:ssm:us-east-1:123456789012:parameter/imagebuilder/base"},
                     {"Effect":"Allow","Action":"imagebuilder:GetImage","Resource":"arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-x86-latest/*"}]}
                    """),
            },
        };
        return stack.ToJsonString();
    }

    private static string Registry(TestCloud cloud) => $"123456789012.dkr.ecr.{cloud.Region}.amazonaws.com/";

    private static Task PutAsync(TestCloud cloud, string name, string value) => cloud.CallAsync(
        "ssm", "AmazonSSM.PutParameter", new JsonObject { ["Name"] = name, ["Value"] = value, ["Type"] = "String", ["Overwrite"] = true });
}
