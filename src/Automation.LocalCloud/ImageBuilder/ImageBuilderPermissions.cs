using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The permissions of Image Builder's operations: the action of the same name on the ARN that the request names. Operations that
/// also pass roles (CreateImage, CreateImagePipeline, …) are reserved for administrators here.
/// https://docs.aws.amazon.com/service-authorization/latest/reference/list_imagebuilder.html
/// </summary>
internal sealed class ImageBuilderPermissions(string accountId)
{
    /// <summary>The member that names the resource.</summary>
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
        ["ListImagePackages"] = "imageBuildVersionArn",
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

    /// <summary>Operations on all builds of a version: <c>image/app/1.0.0/*</c>.</summary>
    private static readonly FrozenSet<string> AllBuilds = new[] { "ListComponentBuildVersions", "ListImageBuildVersions" }.ToFrozenSet(StringComparer.Ordinal);

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

        var resource = input[member]?.ToString() ?? "*";
        var need = new Need(action, AllBuilds.Contains(operation) ? $"{resource}/*" : resource);
        return operation == "StartImagePipelineExecution" ? Start(need, input["tags"] is JsonObject { Count: > 0 }) : [need];
    }

    /// <summary>
    /// Starting a pipeline needs its dependent actions, and with tags also TagResource. All of them are on the pipeline, because the reference
    /// gives this operation no other resource type. The service-linked role is required whether or not the account has it.
    /// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/EC2ImageBuilderExecutionPolicy.html
    /// </summary>
    private List<Need> Start(Need start, bool hasTags)
    {
        List<Need> needs =
        [
            start,
            start with { Action = "imagebuilder:GetImagePipeline" },
            new Need("iam:CreateServiceLinkedRole", Caller.ImageBuilderRole(accountId)),
        ];
        if (hasTags)
        {
            needs.Add(start with { Action = "imagebuilder:TagResource" });
        }

        return needs;
    }
}
