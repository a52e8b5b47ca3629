using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Whether a recipe's parent image is checked when the recipe is created: AWS's documents allow both readings.</summary>
public sealed class ParentImageTests
{
    private const string Base = $"{ImageBuilderFixture.Host}/golden/base:stable";

    [Theory]
    [InlineData(Base, false)]
    [InlineData($"{ImageBuilderFixture.Host}/golden/other:stable", false)]
    [InlineData($"{ImageBuilderFixture.Host}/golden/present:stable", true)]
    [InlineData($"{ImageBuilderFixture.Host}/golden/present:other", false)]
    [InlineData("public.ecr.aws/docker/library/debian:12", true)]
    [InlineData("debian:12", true)]
    [InlineData("999999999999.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable", true)]
    [InlineData("arn:aws:imagebuilder:us-east-1:123456789012:image/none/x.x.x", false)]
    public void Checked_RecipeNeedsItsParentInTheRegistry(string parent, bool accepted)
    {
        using var cloud = new ImageBuilderFixture(checksParentImages: true);
        Repositories(cloud);

        var answer = cloud.Try("CreateContainerRecipe", cloud.Recipe(parent: parent));

        Assert.Equal(accepted ? 200 : 400, answer.Status);
        Assert.Equal(accepted, !answer.Headers.ContainsKey("x-amzn-ErrorType"));
        if (!accepted)
        {
            Assert.Equal("InvalidParameterValueException", answer.Headers["x-amzn-ErrorType"]);
            Assert.Contains("'parentImage'", ImageBuilderFixture.Body(answer)["message"]!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NotChecked_TheBuildFails()
    {
        using var cloud = new ImageBuilderFixture();
        Repositories(cloud);

        Assert.Equal(200, cloud.Try("CreateContainerRecipe", cloud.Recipe(parent: Base)).Status);
    }

    private static void Repositories(ImageBuilderFixture cloud)
    {
        foreach (var name in new[] { "golden/base", "golden/present" })
        {
            var answer = cloud.Send("POST", "/", body: new JsonObject { ["repositoryName"] = name }, service: "ecr",
                target: "AmazonEC2ContainerRegistry_V20150921.CreateRepository");
            Assert.Equal(200, answer.Status);
        }

        cloud.Push("golden/present", "stable", "content");
    }
}
