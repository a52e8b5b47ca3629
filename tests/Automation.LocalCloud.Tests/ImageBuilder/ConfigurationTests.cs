using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Pipelines and their configurations.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    [Theory]
    [InlineData("[]", "InvalidParameterValueException")]
    [InlineData("""[{"region":"us-east-1"}]""", "InvalidParameterValueException")]
    [InlineData("""[{"region":"us-east-1","amiDistributionConfiguration":{}},{"region":"us-east-1","amiDistributionConfiguration":{}}]""",
        "InvalidParameterCombinationException")]
    public void CreateDistributionConfiguration_WithoutOutputOrTwice_IsRefused(string distributions, string code) =>
        _cloud.Refused(code, 400, "CreateDistributionConfiguration", new JsonObject { ["name"] = "dist", ["distributions"] = JsonNode.Parse(distributions) });

    [Fact]
    public void DistributionConfiguration_UpdateReplacesAndListShowsRegions()
    {
        var arn = _cloud.CreateDistribution("dist", (Region, "app", ["latest"]), ("eu-west-1", "app", []));

        var summary = _cloud.Ok("ListDistributionConfigurations", new { })["distributionConfigurationSummaryList"]![0]!;

        Assert.Equal(["us-east-1", "eu-west-1"], summary["regions"]!.AsArray().Select(region => region!.GetValue<string>()));
        _cloud.Ok("UpdateDistributionConfiguration", new JsonObject
        {
            ["distributionConfigurationArn"] = arn,
            ["distributions"] = JsonNode.Parse(
                """[{"region":"eu-west-1","containerDistributionConfiguration":{"targetRepository":{"service":"ECR","repositoryName":"other"}}}]"""),
        });
        var updated = _cloud.Ok("GetDistributionConfiguration", new { distributionConfigurationArn = arn })["distributionConfiguration"]!;
        Assert.Equal("other", updated["distributions"]![0]!["containerDistributionConfiguration"]!["targetRepository"]!["repositoryName"]!.GetValue<string>());
        Assert.NotNull(updated["dateUpdated"]);
    }

    [Fact]
    public void Pipeline_NeedsExactlyOneRecipeAndKnownReferences()
    {
        var infrastructure = _cloud.CreateInfrastructure();
        var recipe = _cloud.CreateRecipe();
        _cloud.Refused(
            "InvalidParameterCombinationException", 400, "CreateImagePipeline", new { name = "pipe", infrastructureConfigurationArn = infrastructure });
        _cloud.Refused("InvalidParameterCombinationException", 400, "CreateImagePipeline",
            new
            {
                name = "pipe",
                infrastructureConfigurationArn = infrastructure,
                containerRecipeArn = recipe,
                imageRecipeArn = Arn("image-recipe/app/1.0.0")
            });
        _cloud.Refused("ResourceNotFoundException", 404, "CreateImagePipeline",
            new { name = "pipe", infrastructureConfigurationArn = infrastructure, containerRecipeArn = Arn("container-recipe/none/1.0.0") });
        _cloud.Refused("ResourceNotFoundException", 404, "CreateImagePipeline",
            new { name = "pipe", infrastructureConfigurationArn = Arn("infrastructure-configuration/none"), containerRecipeArn = recipe });
        _cloud.Refused("InvalidParameterValueException", 400, "CreateImagePipeline",
            new
            {
                name = "pipe",
                infrastructureConfigurationArn = infrastructure,
                containerRecipeArn = recipe,
                schedule = new { scheduleExpression = "every day" }
            });
        _cloud.Refused("InvalidParameterValueException", 400, "CreateImagePipeline",
            new { name = "pipe", infrastructureConfigurationArn = infrastructure, containerRecipeArn = recipe, schedule = new { timezone = "Etc/UTC" } });
        Assert.Empty(_cloud.Ok("ListImagePipelines", new { })["imagePipelineList"]!.AsArray());
    }

    [Fact]
    public void PipelineQuota_IsPerRegion()
    {
        _cloud.Cloud.ImageBuilder.Quotas = new ImageBuilderQuotas { Pipelines = 1 };
        _cloud.CreatePipeline();
        var recipe = _cloud.CreateRecipe("second");
        _cloud.Refused("ServiceQuotaExceededException", 402, "CreateImagePipeline",
            new { name = "second", infrastructureConfigurationArn = Arn("infrastructure-configuration/app"), containerRecipeArn = recipe });
    }

    [Fact]
    public void AmiPipeline_CanBeDescribedButNotBuilt()
    {
        var recipe =
            _cloud.Ok("CreateImageRecipe", new { name = "ami", semanticVersion = "1.0.0", parentImage = "ami-12345678" })["imageRecipeArn"]!.GetValue<string>();
        Assert.Equal("AMI", _cloud.Ok("GetImageRecipe", new { imageRecipeArn = recipe })["imageRecipe"]!["type"]!.GetValue<string>());
        var pipeline =
            _cloud.Ok("CreateImagePipeline",
                new
                {
                    name = "ami",
                    imageRecipeArn = recipe,
                    infrastructureConfigurationArn = _cloud.CreateInfrastructure()
                })["imagePipelineArn"]!.GetValue<string>();

        _cloud.Refused("InvalidRequestException", 400, "StartImagePipelineExecution", new { imagePipelineArn = pipeline });
        _cloud.Refused("ResourceDependencyException", 400, "DeleteImageRecipe", new { imageRecipeArn = recipe });
        Assert.Single(_cloud.Ok("ListImageRecipes", new { })["imageRecipeSummaryList"]!.AsArray());
    }

    [Fact]
    public void InfrastructureConfiguration_UpdateReplacesAndListIsShort()
    {
        var arn = _cloud.CreateInfrastructure(topic: "arn:aws:sns:us-east-1:123456789012:t");
        _cloud.Ok("UpdateInfrastructureConfiguration",
            new { infrastructureConfigurationArn = arn, instanceProfileName = "other", instanceTypes = new[] { "m5.large" } });

        var configuration = _cloud.Ok("GetInfrastructureConfiguration", new { infrastructureConfigurationArn = arn })["infrastructureConfiguration"]!;

        Assert.Null(configuration["snsTopicArn"]);
        Assert.Equal("other", configuration["instanceProfileName"]!.GetValue<string>());
        var summary = _cloud.Ok("ListInfrastructureConfigurations", new { })["infrastructureConfigurationSummaryList"]![0]!;
        Assert.Null(summary["terminateInstanceOnFailure"]);
        Assert.Equal("m5.large", summary["instanceTypes"]![0]!.GetValue<string>());
    }

    public void Dispose() => _cloud.Dispose();
}
