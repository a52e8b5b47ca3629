using System.Text.Json.Nodes;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Container recipes, their versions and their policies.</summary>
public sealed class RecipeTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public void ContainerRecipe_IsReadBackComplete()
    {
        var arn = _cloud.CreateRecipe("My App", "1.2.3");

        var answer = _cloud.Ok("GetContainerRecipe", new { containerRecipeArn = arn });

        Assert.Equal(Arn("container-recipe/my-app/1.2.3"), arn);
        var recipe = answer["containerRecipe"]!;
        Assert.Equal("My App", recipe["name"]!.GetValue<string>());
        Assert.Equal("1.2.3", recipe["version"]!.GetValue<string>());
        Assert.Equal("ECR", recipe["targetRepository"]!["service"]!.GetValue<string>());
        Assert.True(recipe["encrypted"]!.GetValue<bool>());
        Assert.Equal(Arn("container-recipe/my-app/1.2.x"), answer["latestVersionReferences"]!["latestMinorVersionArn"]!.GetValue<string>());
        Assert.NotNull(answer["requestId"]);
    }

    [Fact]
    public void CreateContainerRecipe_SameVersionAgain_IsRefused()
    {
        _cloud.CreateRecipe();
        _cloud.Refused("ResourceAlreadyExistsException", 400, "CreateContainerRecipe", _cloud.Recipe());
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "InvalidRequestException")]
    [InlineData("""{"name":"a/b"}""", "InvalidRequestException")]
    [InlineData("""{"semanticVersion":"1.0"}""", "InvalidVersionNumberException")]
    [InlineData("""{"semanticVersion":"1.x.0"}""", "InvalidVersionNumberException")]
    [InlineData("""{"semanticVersion":"1.0.1073741824"}""", "InvalidVersionNumberException")]
    [InlineData("""{"containerType":"PODMAN"}""", "InvalidRequestException")]
    [InlineData("""{"parentImage":null}""", "InvalidRequestException")]
    [InlineData("""{"targetRepository":{"service":"ECR"}}""", "InvalidRequestException")]
    [InlineData("""{"dockerfileTemplateUri":"s3://b/k"}""", "InvalidParameterCombinationException")]
    [InlineData("""{"dockerfileTemplateData":null}""", "InvalidParameterCombinationException")]
    [InlineData("""{"dockerfileTemplateData":null,"dockerfileTemplateUri":"s3://b/k"}""", "InvalidParameterValueException")]
    [InlineData("""{"imageOsVersionOverride":"12","platformOverride":null}""", "InvalidParameterCombinationException")]
    [InlineData("""{"tags":{"aws:x":"y"}}""", "InvalidRequestException")]
    [InlineData("""{"tags":5}""", "SerializationException")]
    [InlineData("""{"components":[]}""", "InvalidRequestException")]
    [InlineData("""{"dockerfileTemplateData":"RUN true"}""", "InvalidParameterValueException")]
    [InlineData("""{"dockerfileTemplateData":"FROM debian\nRUN echo {{{ imagebuilder:parentImage }}}"}""", "InvalidParameterValueException")]
    [InlineData("""{"dockerfileTemplateData":"# FROM {{{ imagebuilder:parentImage }}}\nFROM debian"}""", "InvalidParameterValueException")]
    [InlineData(
        """{"dockerfileTemplateData":"FROM {{{ imagebuilder:parentImage }}}","components":[{"componentArn":"arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"}]}""", "InvalidParameterValueException")]
    [InlineData("""{"dockerfileTemplateData":"FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:components }}}\n{{{ imagebuilder:environments }}}"}""",
        "InvalidParameterValueException")]
    public void CreateContainerRecipe_Invalid_IsRefusedAndChangesNothing(string change, string code)
    {
        var body = _cloud.Recipe();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        _cloud.Refused(code, 400, "CreateContainerRecipe", body);
        Assert.Empty(_cloud.Ok("ListContainerRecipes", new { })["containerRecipeSummaryList"]!.AsArray());
    }

    /// <summary>"Dockerfile template" of https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html</summary>
    [Theory]
    [InlineData("FROM {{{ imagebuilder:parentImage }}}", false)]
    [InlineData("FROM {{{imagebuilder:parentImage}}} AS base\n{{{ imagebuilder:environments }}}", true)]
    [InlineData("FROM debian AS tools\nFROM --platform=linux/amd64 {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}", true)]
    public void CreateContainerRecipe_WithWhatThePageRequires_IsAccepted(string template, bool hasComponents) =>
        _cloud.CreateRecipe(
            template: template, components: hasComponents ? [new { componentArn = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x" }] : null);

    [Fact]
    public void CreateContainerRecipe_WithATemplateInS3_HasItsText()
    {
        _cloud.PutObject("/templates/Dockerfile", Template);
        var body = _cloud.Recipe();
        body["dockerfileTemplateData"] = null;
        body["dockerfileTemplateUri"] = "s3://templates/Dockerfile";
        var arn = _cloud.Ok("CreateContainerRecipe", body)["containerRecipeArn"]!.GetValue<string>();

        Assert.Equal(Template, (string?)_cloud.Ok("GetContainerRecipe", new { containerRecipeArn = arn })["containerRecipe"]!["dockerfileTemplateData"]);
    }

    [Fact]
    public void CreateContainerRecipe_WithWildcard_Increments()
    {
        Assert.EndsWith("/1.0.0", _cloud.CreateRecipe(version: "1.0.x"), StringComparison.Ordinal);
        Assert.EndsWith("/1.0.1", _cloud.CreateRecipe(version: "1.0.x"), StringComparison.Ordinal);
        Assert.EndsWith("/1.1.0", _cloud.CreateRecipe(version: "1.x.x"), StringComparison.Ordinal);
        Assert.EndsWith("/2.0.0", _cloud.CreateRecipe(version: "x.x.x"), StringComparison.Ordinal);
    }

    [Fact]
    public void GetContainerRecipe_Wildcard_SelectsTheNewestVersionByNumber()
    {
        _cloud.CreateRecipe(version: "1.9.0");
        _cloud.CreateRecipe(version: "1.10.0");
        _cloud.CreateRecipe(version: "2.0.0");

        var recipe = _cloud.Ok("GetContainerRecipe", new { containerRecipeArn = Arn("container-recipe/app/1.x.x") })["containerRecipe"]!;

        Assert.Equal("1.10.0", recipe["version"]!.GetValue<string>());
    }

    [Fact]
    public void Policy_IsStoredAndMustBeAPolicy()
    {
        var arn = _cloud.CreateRecipe();
        _cloud.Refused("ResourceNotFoundException", 404, "GetContainerRecipePolicy", new { containerRecipeArn = arn });
        _cloud.Refused("InvalidParameterValueException", 400, "PutContainerRecipePolicy", new { containerRecipeArn = arn, policy = "{" });
        const string Policy = """{"Version":"2012-10-17","Statement":[]}""";
        _cloud.Ok("PutContainerRecipePolicy", new { containerRecipeArn = arn, policy = Policy });

        Assert.Equal(Policy, _cloud.Ok("GetContainerRecipePolicy", new { containerRecipeArn = arn })["policy"]!.GetValue<string>());
    }

    public void Dispose() => _cloud.Dispose();
}
