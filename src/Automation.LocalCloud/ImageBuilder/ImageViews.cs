using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>An image build in the form of GetImage and of the lists.</summary>
internal static class ImageViews
{
    public static JsonObject Full(ImageBuilderState state, ImageBuild build)
    {
        var view = Common(state, build);
        view["enhancedImageMetadataEnabled"] = build.EnhancedImageMetadataEnabled;
        view["containerRecipe"] = state.Show(build.ContainerRecipe.Arn, build.ContainerRecipe);
        view["infrastructureConfiguration"] = state.Show(build.InfrastructureConfiguration.Arn, build.InfrastructureConfiguration);
        view["imageTestsConfiguration"] = new JsonObject
        {
            ["imageTestsEnabled"] = build.TestsEnabled,
            ["timeoutMinutes"] = build.TestTimeoutMinutes,
        };
        if (build.DistributionConfiguration is { } distribution)
        {
            view["distributionConfiguration"] = state.Show(distribution.Arn, distribution);
        }

        Set("sourcePipelineArn", build.SourcePipelineArn);
        Set("sourcePipelineName", build.SourcePipelineName);
        Set("executionRole", build.ExecutionRole);
        Set("imageScanningConfiguration", Node(build.ImageScanningConfiguration));
        Set("workflows", Node(build.Workflows));
        return view;

        void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                view[name] = value;
            }
        }

        static JsonNode? Node(JsonElement? value) => value is { } given ? JsonSerializer.SerializeToNode(given, ImageBuilderJson.Default.JsonElement) : null;
    }

    public static JsonObject Summary(ImageBuilderState state, ImageBuild build)
    {
        var view = Common(state, build);
        view["owner"] = build.ContainerRecipe.Owner;
        return view;
    }

    /// <summary>One recipe version, represented by its newest build.</summary>
    public static JsonObject Version(ImageBuild newest, bool byName)
    {
        var arn = ResourceArn.TryParse(newest.Arn)!;
        return new JsonObject
        {
            ["arn"] = (arn with { Version = byName ? "x.x.x" : arn.Version, Build = null }).ToString(),
            ["name"] = newest.Name,
            ["type"] = "DOCKER",
            ["version"] = newest.Version,
            ["platform"] = newest.ContainerRecipe.Platform,
            ["owner"] = newest.ContainerRecipe.Owner,
            ["dateCreated"] = ImageBuilderState.Text(newest.Created),
            ["buildType"] = newest.BuildType,
            ["imageSource"] = "CUSTOM",
        };
    }

    private static JsonObject Common(ImageBuilderState state, ImageBuild build)
    {
        var status = new JsonObject { ["status"] = build.Status };
        if (build.Reason is not null)
        {
            status["reason"] = build.Reason;
        }

        if (build.Failure is not null)
        {
            status["failureContext"] = ImageBuilderState.Write(build.Failure);
        }

        var view = new JsonObject
        {
            ["arn"] = build.Arn,
            ["type"] = "DOCKER",
            ["name"] = build.Name,

            // With the build's number: https://docs.aws.amazon.com/cli/latest/reference/imagebuilder/get-image.html (Examples)
            ["version"] = $"{build.Version}/{ResourceArn.TryParse(build.Arn)!.Build}",
            ["platform"] = build.ContainerRecipe.Platform,
            ["state"] = status,
            ["dateCreated"] = ImageBuilderState.Text(build.Created),
            ["outputResources"] = new JsonObject
            {
                ["amis"] = new JsonArray(),
                ["containers"] = ImageBuilderState.Write(build.Containers),
            },
            ["buildType"] = build.BuildType,
            ["imageSource"] = "CUSTOM",
        };
        if (build.DeprecationTime is { } deprecated)
        {
            view["deprecationTime"] = WireJson.Epoch(deprecated);
        }

        if (build.LifecycleExecutionId is not null)
        {
            view["lifecycleExecutionId"] = build.LifecycleExecutionId;
        }

        if (build.LoggingConfiguration is { } logging)
        {
            view["loggingConfiguration"] = JsonSerializer.SerializeToNode(logging, ImageBuilderJson.Default.JsonElement);
        }

        state.AddTags(view, build.Arn);
        return view;
    }
}
