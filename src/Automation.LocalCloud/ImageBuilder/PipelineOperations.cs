using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on pipelines and their executions.</summary>
internal sealed class PipelineOperations(ImageBuilderState state, Pager pager, WorkflowOperations workflows, BuildRunner builds, PipelineSchedules schedules)
{
    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateImagePipeline"] = Create;
        operations["GetImagePipeline"] = Get;
        operations["UpdateImagePipeline"] = Update;
        operations["ListImagePipelines"] = List;
        operations["ListImagePipelineImages"] = ListImages;
        operations["DeleteImagePipeline"] = Delete;
        operations["StartImagePipelineExecution"] = Start;
    }

    /// <summary>A build of the pipeline with its current configuration.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException, or InvalidRequestException for an AMI pipeline.</exception>
    public static ImageBuild Draft(ImageBuilderState state, ImagePipeline pipeline)
    {
        var region = ResourceArn.TryParse(pipeline.Arn)!.Region;
        return new ImageBuild
        {
            ContainerRecipe = Recipe(state, pipeline),
            InfrastructureConfiguration = Referenced(state.Infrastructures, pipeline.InfrastructureConfigurationArn),
            DistributionConfiguration = pipeline.DistributionConfigurationArn is { } distribution ? Referenced(state.Distributions, distribution) : null,
            SourcePipelineArn = pipeline.Arn,
            SourcePipelineName = pipeline.Name,
            TestsEnabled = pipeline.ImageTestsConfiguration?.ImageTestsEnabled ?? true,
            TestTimeoutMinutes = pipeline.ImageTestsConfiguration?.TimeoutMinutes ?? 720,
            EnhancedImageMetadataEnabled = pipeline.EnhancedImageMetadataEnabled,
            ExecutionRole = pipeline.ExecutionRole,
            ImageScanningConfiguration = pipeline.ImageScanningConfiguration,
            Workflows = pipeline.Workflows,
            LoggingConfiguration = ImageLogging(pipeline.LoggingConfiguration),
        };

        T Referenced<T>(Storage.Table<T> table, string arn)
            where T : class => (ImageBuilderState.InRegion(arn, region) ? table.Find(arn) : null) ?? throw Errors.NotFound(arn);
    }

    public static ContainerRecipe Recipe(ImageBuilderState state, ImagePipeline pipeline) =>
        ImageBuilderState.FindNewest(
            state.ContainerRecipes,
            pipeline.ContainerRecipeArn ?? throw AmiNotSupported(pipeline.ImageRecipeArn!),
            ResourceArn.TryParse(pipeline.Arn)!.Region);

    /// <summary>AMI pipelines can be described, so that tools see them. Building one returns this error.</summary>
    public static AwsException AmiNotSupported(string recipeArn) =>
        Errors.InvalidRequest($"The embedded cloud builds container images only; '{recipeArn}' is a recipe for an AMI.");

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var draft = ImageBuilderState.Read<ImagePipeline>(input);
        CheckReferences(context, draft);
        var arn = new ResourceArn(context.Region, context.AccountId, "image-pipeline", ResourceArn.Slug(draft.Name)).ToString();
        if (state.Pipelines.Find(arn) is not null)
        {
            throw Errors.AlreadyExists("Pipeline", arn);
        }

        ImageBuilderState.CheckQuota(state.Pipelines, context.Region, "image pipelines", state.Quotas.Pipelines);
        state.Pipelines.Set(arn, schedules.Plan(draft with
        {
            Arn = arn,
            Platform = PlatformOf(context, draft),
            Schedule = WithDefaults(draft.Schedule),
            ImageTestsConfiguration = WithDefaults(draft.ImageTestsConfiguration),
            DateCreated = state.Now,
            DateUpdated = null,
            DateNextRun = null,
            LastRunStatus = null,
            ConsecutiveFailures = 0,
        }));
        state.SetTags(arn, ImageBuilderState.TagsIn(input));
        return Answer(input, arn);
    }

    private JsonObject Get(CallContext context, JsonObject input)
    {
        var pipeline = Find(context, input);
        return new JsonObject { ["imagePipeline"] = state.Show(pipeline.Arn, pipeline) };
    }

    /// <summary>An update replaces the whole configuration and removes what it does not contain.</summary>
    private JsonObject Update(CallContext context, JsonObject input)
    {
        var old = Find(context, input);
        var draft = ImageBuilderState.Read<ImagePipeline>(input);
        CheckReferences(context, draft);
        state.Pipelines.Set(old.Arn, schedules.Plan(draft with
        {
            Arn = old.Arn,
            Name = old.Name,
            Platform = PlatformOf(context, draft),
            Schedule = WithDefaults(draft.Schedule),
            ImageTestsConfiguration = WithDefaults(draft.ImageTestsConfiguration),
            DateCreated = old.DateCreated,
            DateUpdated = state.Now,
            LastRunStatus = old.LastRunStatus,
            ConsecutiveFailures = 0,
        }));
        return Answer(input, old.Arn);
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            state.Pipelines.Values.Where(pipeline => ImageBuilderState.InRegion(pipeline.Arn, context.Region)),
            input,
            new Dictionary<string, Func<ImagePipeline, string?>>
            {
                ["description"] = item => item.Description,
                ["distributionConfigurationArn"] = item => item.DistributionConfigurationArn,
                ["imageRecipeArn"] = item => item.ImageRecipeArn,
                ["infrastructureConfigurationArn"] = item => item.InfrastructureConfigurationArn,
                ["name"] = item => item.Name,
                ["status"] = item => item.Status,
            });
        var answer = new JsonObject();
        pager.Page("ListImagePipelines", context, input, items, item => item.Arn, item => state.Show(item.Arn, item), "imagePipelineList", answer);
        return answer;
    }

    private JsonObject ListImages(CallContext context, JsonObject input)
    {
        var pipeline = Find(context, input);
        var items = ListFilters.Apply(
            state.Images.Values.Where(image => image.SourcePipelineArn == pipeline.Arn),
            input,
            new Dictionary<string, Func<ImageBuild, string?>>
            {
                ["name"] = item => item.Name,
                ["version"] = item => item.Version,
            });
        var answer = new JsonObject();
        pager.Page("ListImagePipelineImages", context, input, items, item => item.SortKey, item => ImageViews.Summary(state, item), "imageSummaryList", answer);
        return answer;
    }

    private JsonObject Delete(CallContext context, JsonObject input)
    {
        var arn = Find(context, input).Arn;
        schedules.Forget(arn);
        state.Pipelines.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["imagePipelineArn"] = arn };
    }

    // A DISABLED pipeline does not run by its schedule; it can still be started manually.
    private JsonObject Start(CallContext context, JsonObject input)
    {
        var pipeline = Find(context, input);
        var tags = new Dictionary<string, string>(pipeline.ImageTags ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (key, value) in ImageBuilderState.TagsIn(input) ?? new Dictionary<string, string>())
        {
            tags[key] = value;
        }

        var build = builds.Start(Draft(state, pipeline), tags);
        return new JsonObject
        {
            ["clientToken"] = input["clientToken"]?.DeepClone(),
            ["imageBuildVersionArn"] = build.Arn,
        };
    }

    private void CheckReferences(CallContext context, ImagePipeline draft)
    {
        if (draft.ContainerRecipeArn is null == draft.ImageRecipeArn is null)
        {
            throw Errors.Combination("Exactly one of containerRecipeArn and imageRecipeArn is required.");
        }

        if (draft.ContainerRecipeArn is { } containerRecipe)
        {
            ImageBuilderState.FindNewest(state.ContainerRecipes, containerRecipe, context.Region);
        }
        else
        {
            ImageBuilderState.FindNewest(state.ImageRecipes, draft.ImageRecipeArn!, context.Region);
        }

        ImageBuilderState.Find(state.Infrastructures, draft.InfrastructureConfigurationArn, context);
        if (draft.DistributionConfigurationArn is { } distribution)
        {
            ImageBuilderState.Find(state.Distributions, distribution, context);
        }

        workflows.CheckUse(context, draft.Workflows);
        PipelineSchedules.Check(draft.Schedule);
    }

    private string PlatformOf(CallContext context, ImagePipeline draft) => draft.ContainerRecipeArn is { } recipe
        ? ImageBuilderState.FindNewest(state.ContainerRecipes, recipe, context.Region).Platform
        : ImageBuilderState.FindNewest(state.ImageRecipes, draft.ImageRecipeArn!, context.Region).Platform;

    private static Schedule? WithDefaults(Schedule? schedule) => schedule is null ? null : schedule with
    {
        Timezone = schedule.Timezone ?? "UTC",
        PipelineExecutionStartCondition = schedule.PipelineExecutionStartCondition ?? "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE",
    };

    private static ImageTests WithDefaults(ImageTests? tests) => new(tests?.ImageTestsEnabled ?? true, tests?.TimeoutMinutes ?? 720);

    // {"imageLogGroupName":"a","pipelineLogGroupName":"b"} of the pipeline is {"logGroupName":"a"} of the image.
    private static JsonElement? ImageLogging(JsonElement? ofPipeline) =>
        ofPipeline is { } logging && logging.TryGetProperty("imageLogGroupName", out var group)
            ? JsonSerializer.SerializeToElement(new JsonObject { ["logGroupName"] = group.GetString() }, ImageBuilderJson.Default.JsonNode)
            : null;

    private ImagePipeline Find(CallContext context, JsonObject input) =>
        ImageBuilderState.Find(state.Pipelines, input["imagePipelineArn"]!.GetValue<string>(), context);

    private static JsonObject Answer(JsonObject input, string arn) => new()
    {
        ["clientToken"] = input["clientToken"]?.DeepClone(),
        ["imagePipelineArn"] = arn,
    };
}
