using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Iam;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// What Image Builder's operations need: the action of the same name on the ARN that the request names. Operations that also need
/// to pass roles (CreateImage, CreateImagePipeline, …) are for administrators here.
/// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2imagebuilder.html
/// </summary>
internal sealed class ImageBuilderPermissions(ImageBuilderState state)
{
    /// <summary>The member with the resource.</summary>
    private static readonly FrozenDictionary<string, string> Resources = new Dictionary<string, string>
    {
        ["CancelImageCreation"] = "imageBuildVersionArn",
        ["DeleteComponent"] = "componentBuildVersionArn",
        ["DeleteContainerRecipe"] = "containerRecipeArn",
        ["DeleteDistributionConfiguration"] = "distributionConfigurationArn",
        ["DeleteImage"] = "imageBuildVersionArn",
        ["DeleteImagePipeline"] = "imagePipelineArn",
        ["DeleteImageRecipe"] = "imageRecipeArn",
        ["DeleteInfrastructureConfiguration"] = "infrastructureConfigurationArn",
        ["GetComponent"] = "componentBuildVersionArn",
        ["GetContainerRecipe"] = "containerRecipeArn",
        ["GetDistributionConfiguration"] = "distributionConfigurationArn",
        ["GetImage"] = "imageBuildVersionArn",
        ["GetImagePipeline"] = "imagePipelineArn",
        ["GetImageRecipe"] = "imageRecipeArn",
        ["GetInfrastructureConfiguration"] = "infrastructureConfigurationArn",
        ["ListComponentBuildVersions"] = "componentVersionArn",
        ["ListImageBuildVersions"] = "imageVersionArn",
        ["ListImagePipelineImages"] = "imagePipelineArn",
        ["ListTagsForResource"] = "resourceArn",
        ["StartImagePipelineExecution"] = "imagePipelineArn",
        ["TagResource"] = "resourceArn",
        ["UntagResource"] = "resourceArn",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> WithoutResource = new[]
    {
        "ListComponents", "ListContainerRecipes", "ListDistributionConfigurations", "ListImagePipelines", "ListImageRecipes", "ListImages",
        "ListInfrastructureConfigurations",
    }.ToFrozenSet(StringComparer.Ordinal);

    public IReadOnlyList<Need>? Of(string operation, JsonObject input)
    {
        var action = $"imagebuilder:{operation}";
        if (WithoutResource.Contains(operation))
        {
            return [new Need(action, "*")];
        }

        if (!Resources.TryGetValue(operation, out var member))
        {
            return null;
        }

        var need = new Need(action, input[member]?.ToString() ?? "*");
        return operation == "StartImagePipelineExecution" && input["tags"] is JsonObject { Count: > 0 }
            ? [need, new Need("imagebuilder:TagResource", BuildOf(need.Resource))]
            : [need];
    }

    /// <summary>Tags given at the start go on the build that is started, whose number is not known yet.</summary>
    private string BuildOf(string pipelineArn) =>
        state.Pipelines.Find(pipelineArn)?.ContainerRecipeArn is { } recipe
            ? $"{recipe.Replace(":container-recipe/", ":image/", StringComparison.Ordinal)}/*"
            : pipelineArn;
}
