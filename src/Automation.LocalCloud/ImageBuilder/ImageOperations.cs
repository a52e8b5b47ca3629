using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on images: one-off builds, reading, listing, cancelling, deleting, and the states after AVAILABLE.</summary>
internal sealed class ImageOperations
{
    private static readonly Dictionary<string, Func<ImageBuild, string?>> Filters = new(StringComparer.Ordinal)
    {
        ["name"] = item => item.Name,
        ["osVersion"] = _ => null,
        ["platform"] = item => item.ContainerRecipe.Platform,
        ["type"] = _ => "DOCKER",
        ["version"] = item => item.Version,
    };

    private readonly ImageBuilderState _state;
    private readonly Pager _pager;
    private readonly WorkflowOperations _workflows;
    private readonly WorkflowRuns _runs;
    private readonly BuildRunner _builds;

    public ImageOperations(ImageBuilderState state, Pager pager, WorkflowOperations workflows, WorkflowRuns runs, BuildRunner builds)
    {
        _state = state;
        _pager = pager;
        _workflows = workflows;
        _runs = runs;
        _builds = builds;
        foreach (var build in state.Images.Values.Where(image => image.PendingUpdate is not null).OrderBy(image => image.Arn, StringComparer.Ordinal))
        {
            Wait(build.Arn, build.PendingUpdate!);
        }
    }

    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateImage"] = Create;
        operations["GetImage"] = Get;
        operations["ListImages"] = ListVersions;
        operations["ListImageBuildVersions"] = ListBuilds;
        operations["DeleteImage"] = Delete;
        operations["CancelImageCreation"] = Cancel;
        operations["RetryImage"] = Retry;
        operations["DistributeImage"] = Distribute;
        operations["StartResourceStateUpdate"] = UpdateState;
    }

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var recipe = input["containerRecipeArn"]?.GetValue<string>();
        var imageRecipe = input["imageRecipeArn"]?.GetValue<string>();
        if (recipe is null == imageRecipe is null)
        {
            throw Errors.Combination("Exactly one of containerRecipeArn and imageRecipeArn is required.");
        }

        if (imageRecipe is not null)
        {
            ImageBuilderState.FindNewest(_state.ImageRecipes, imageRecipe, context.Region);
            throw PipelineOperations.AmiNotSupported(imageRecipe);
        }

        // A pipeline's members have the same names and meanings as those of this request.
        var settings = ImageBuilderState.Read<ImagePipeline>(input);
        _workflows.CheckUse(context, settings.Workflows);
        var distribution = settings.DistributionConfigurationArn;
        var build = _builds.Start(
            new ImageBuild
            {
                ContainerRecipe = ImageBuilderState.FindNewest(_state.ContainerRecipes, recipe!, context.Region),
                InfrastructureConfiguration = ImageBuilderState.Find(_state.Infrastructures, settings.InfrastructureConfigurationArn, context),
                DistributionConfiguration = distribution is null ? null : ImageBuilderState.Find(_state.Distributions, distribution, context),
                TestsEnabled = settings.ImageTestsConfiguration?.ImageTestsEnabled ?? true,
                TestTimeoutMinutes = settings.ImageTestsConfiguration?.TimeoutMinutes ?? 720,
                EnhancedImageMetadataEnabled = settings.EnhancedImageMetadataEnabled,
                ExecutionRole = settings.ExecutionRole,
                ImageScanningConfiguration = settings.ImageScanningConfiguration,
                LoggingConfiguration = settings.LoggingConfiguration,
                Workflows = settings.Workflows,
            },
            ImageBuilderState.TagsIn(input));
        return new JsonObject
        {
            ["clientToken"] = input["clientToken"]?.DeepClone(),
            ["imageBuildVersionArn"] = build.Arn,
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(build.Arn),
        };
    }

    private JsonObject Get(CallContext context, JsonObject input)
    {
        var arn = input["imageBuildVersionArn"]!.GetValue<string>();
        if (ResourceArn.TryParse(arn) is { Build: null, Version: { } version } && VersionPattern.TryParse(version) is null)
        {
            throw Errors.InvalidPattern(version);
        }

        if (ImageBuilderState.InRegion(arn, context.Region) && _state.Managed.Find(arn) is { } managed)
        {
            return new JsonObject { ["image"] = ManagedImages.Show(managed, context.Region) };
        }

        var build = (ImageBuilderState.InRegion(arn, context.Region) ? _state.Images.Find(arn) : null)
            ?? (ResourceArn.TryParse(arn)?.Build is null ? BuildRunner.NewestAvailable(_state, arn, context.Region) : null)
            ?? throw Errors.NotFound(arn);
        return new JsonObject
        {
            ["image"] = ImageViews.Full(_state, build),
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(build.Arn),
        };
    }

    private JsonObject ListVersions(CallContext context, JsonObject input)
    {
        var includeDeprecated = input["includeDeprecated"]?.GetValue<bool>() == true;
        var byName = input["byName"]?.GetValue<bool>() == true;
        var own = RecipeOperations.IsSelf(input) ? Own(context) : [];
        var items = ListFilters.Apply(
                own.Where(image => image.Status != ImageStatus.Deleted && (includeDeprecated || image.Status != ImageStatus.Deprecated)),
                input,
                Filters)
            .GroupBy(image => byName ? image.Name : image.ContainerRecipe.Arn, StringComparer.Ordinal)
            .Select(group => group.MaxBy(image => image.SortKey, StringComparer.Ordinal)!);
        var answer = new JsonObject();
        _pager.Page("ListImages", context, input, items, item => RecipeOperations.SortKey(item.ContainerRecipe.Arn), item => ImageViews.Version(item, byName),
            "imageVersionList", answer);
        return answer;
    }

    private JsonObject ListBuilds(CallContext context, JsonObject input)
    {
        var prefix = input["imageVersionArn"] is { } version ? $"{version}/" : "";
        var items = ListFilters.Apply(
            Own(context).Where(image => image.Arn.StartsWith(prefix, StringComparison.Ordinal)),
            input,
            Filters);
        var answer = new JsonObject();
        _pager.Page("ListImageBuildVersions", context, input, items, item => item.SortKey, item => ImageViews.Summary(_state, item),
            "imageSummaryList", answer);
        return answer;
    }

    /// <summary>Removes only the record; the container images stay in ECR.</summary>
    private JsonObject Delete(CallContext context, JsonObject input)
    {
        var build = Find(context, input, "imageBuildVersionArn");
        if (ImageStatus.InProgress(build.Status))
        {
            throw Errors.InvalidRequest($"The image '{build.Arn}' is {build.Status}; cancel its creation before deleting it.");
        }

        var versionArn = build.Arn[..build.Arn.LastIndexOf('/')];
        var users = _state.ContainerRecipes.Values
            .Where(recipe => recipe.ParentImage == build.Arn || recipe.ParentImage == versionArn)
            .Select(recipe => recipe.Arn)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (users.Count > 0)
        {
            throw Errors.Dependency(build.Arn, users);
        }

        _state.Images.Remove(build.Arn);
        _state.Packages.Remove(build.Arn);
        _state.Policies.Remove(build.Arn);
        _runs.Remove(build.Arn);
        _state.SetTags(build.Arn, null);
        _state.Engine.Journal.Write(
            "imagebuilder",
            "image-deleted",
            $"the record of {build.Name} {build.Version}/{build.Build} was deleted",
            ("image", build.Name),
            ("pipeline", build.SourcePipelineName),
            ("arn", build.Arn),
            ("status", build.Status));
        return new JsonObject { ["imageBuildVersionArn"] = build.Arn };
    }

    private JsonObject Cancel(CallContext context, JsonObject input)
    {
        var build = Find(context, input, "imageBuildVersionArn");
        _builds.Cancel(build);
        return Answer(input, build);
    }

    private JsonObject Retry(CallContext context, JsonObject input)
    {
        var build = Find(context, input, "imageBuildVersionArn");
        _builds.Retry(build);
        return Answer(input, build);
    }

    /// <summary>
    /// Distributes an AVAILABLE image again, as a new build version without a build. The documentation speaks of AMIs; AMIs and parameters with them
    /// are refused here. https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_DistributeImage.html
    /// </summary>
    private JsonObject Distribute(CallContext context, JsonObject input)
    {
        var source = input["sourceImage"]!.GetValue<string>();
        if (ResourceArn.TryParse(source) is not { Kind: "image" } arn)
        {
            throw Errors.InvalidRequest($"The embedded cloud distributes container images only; sourceImage must be the ARN of an image, not '{source}'.");
        }

        var image = (ImageBuilderState.InRegion(source, context.Region) ? _state.Images.Find(source) : null)
            ?? (arn.Build is null ? BuildRunner.NewestAvailable(_state, source, context.Region) : null)
            ?? throw Errors.NotFound(source);
        if (image.Status != ImageStatus.Available)
        {
            throw Errors.InvalidRequest($"The image '{image.Arn}' is {image.Status}; only an AVAILABLE image can be distributed.");
        }

        var configuration = ImageBuilderState.Find(_state.Distributions, input["distributionConfigurationArn"]!.GetValue<string>(), context);
        var build = _builds.Start(
            image with
            {
                SourceImage = image.Arn,
                DistributionConfiguration = configuration,
                ExecutionRole = input["executionRole"]!.GetValue<string>(),
                LoggingConfiguration =
                    input["loggingConfiguration"] is { } logging ? JsonSerializer.SerializeToElement(logging, ImageBuilderJson.Default.JsonNode) : null,
                Workflows = null,
                BuildType = "USER_INITIATED",
                SourcePipelineArn = null,
                SourcePipelineName = null,
                Containers = [],
                DeprecationTime = null,
                LifecycleExecutionId = null,
            },
            ImageBuilderState.TagsIn(input));
        return Answer(input, build);
    }

    private static JsonObject Answer(JsonObject input, ImageBuild build) => new()
    {
        ["clientToken"] = input["clientToken"]?.DeepClone(),
        ["imageBuildVersionArn"] = build.Arn,
    };

    private JsonObject UpdateState(CallContext context, JsonObject input)
    {
        var build = Find(context, input, "resourceArn");
        var status = input["state"]!["status"]?.GetValue<string>() ?? throw Errors.InvalidRequest("state.status is required.");
        if (input["exclusionRules"]?["amis"] is not null || input["includeResources"]?["amis"]?.GetValue<bool>() == true
            || input["includeResources"]?["snapshots"]?.GetValue<bool>() == true)
        {
            throw Errors.InvalidRequest($"'{build.Arn}' is a container image; rules for AMIs and snapshots do not apply to it.");
        }

        if (ImageStatus.InProgress(build.Status))
        {
            throw new AwsException("ResourceInUseException", $"The image '{build.Arn}' is {build.Status}.");
        }

        if (build.Status is ImageStatus.Deleted or ImageStatus.Failed or ImageStatus.Cancelled && status != ImageStatus.Deleted)
        {
            throw Errors.InvalidRequest($"The image '{build.Arn}' is {build.Status} and cannot become {status}.");
        }

        var update = new PendingStateUpdate(
            status,
            input["updateAt"] is { } at ? Time(at) : _state.Engine.Clock.Now,
            input["includeResources"]?["containers"]?.GetValue<bool>() == true);
        var execution = $"lce-{_state.Engine.Ids.Next()}";
        _state.Images.Set(build.Arn, build with { LifecycleExecutionId = execution, PendingUpdate = update });
        if (update.At <= _state.Engine.Clock.Now)
        {
            Apply(build.Arn);
        }
        else
        {
            Wait(build.Arn, update);
        }

        return new JsonObject { ["lifecycleExecutionId"] = execution, ["resourceArn"] = build.Arn };
    }

    private void Wait(string arn, PendingStateUpdate update) =>
        _state.Engine.Clock.At(update.At, TimerKind.Patient, $"{arn} becomes {update.Status}", () => Apply(arn, update));

    private void Apply(string arn, PendingStateUpdate? expected = null)
    {
        // A later request replaces an earlier one that is still pending.
        if (_state.Images.Find(arn) is not { PendingUpdate: { } update } build || (expected is not null && expected != update))
        {
            return;
        }

        var changed = build with
        {
            Status = update.Status,
            PendingUpdate = null,
            DeprecationTime = update.Status switch
            {
                ImageStatus.Deprecated => _state.Engine.Clock.Now,
                ImageStatus.Available => null,
                _ => build.DeprecationTime,
            },
        };
        if (update is { Status: ImageStatus.Deleted, IncludeContainers: true })
        {
            DeleteContainers(build);
            changed = changed with { Containers = [] };
        }

        _state.Images.Set(arn, changed);
        _builds.Announcements.Record(changed);
    }

    /// <summary>Deletes an image in the run of a lifecycle policy.</summary>
    public void RemoveByPolicy(ImageBuild build, string execution, bool includeContainers)
    {
        _state.Images.Set(build.Arn,
            build with
            {
                LifecycleExecutionId = execution,
                PendingUpdate = new PendingStateUpdate(ImageStatus.Deleted, _state.Engine.Clock.Now, includeContainers)
            });
        Apply(build.Arn);
    }

    private void DeleteContainers(ImageBuild build)
    {
        foreach (var output in build.Containers)
        {
            foreach (var uri in output.ImageUris)
            {
                var (name, tag, _) = ParentImages.Split(uri);
                var repository = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
                DeleteTag(output.Region, repository, tag!);
            }
        }
    }

    private void DeleteTag(string region, string repository, string tag)
    {
        try
        {
            _state.Engine.Registry.DeleteTag(region, repository, tag);
        }
        catch (AwsException e)
        {
            // The service reports it in its execution only; here the journal does.
            _state.Engine.Journal.Write(
                "imagebuilder", "container-not-deleted", $"{repository}:{tag} in {region}: {e.Message}", ("repository", repository), ("tag", tag));
        }
    }

    private IEnumerable<ImageBuild> Own(CallContext context) => _state.Images.Values.Where(image => ImageBuilderState.InRegion(image.Arn, context.Region));

    private ImageBuild Find(CallContext context, JsonObject input, string member) =>
        ImageBuilderState.Find(_state.Images, input[member]!.GetValue<string>(), context);

    // A timestamp is seconds since 1970, or ISO 8601 text.
    private static DateTimeOffset Time(JsonNode node)
    {
        try
        {
            return node.GetValueKind() == JsonValueKind.Number
                ? DateTimeOffset.FromUnixTimeMilliseconds((long)(decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) * 1000))
                : DateTimeOffset.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            throw Errors.InvalidRequest("updateAt is out of range.");
        }
    }
}
