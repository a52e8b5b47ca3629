using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.StepFunctions.Model;

namespace Automation.Testing;

/// <summary>The actions and queries of scenarios on a cloud, only through its AWS APIs.</summary>
internal sealed class Fleet(TestCloud cloud)
{
    private readonly HashSet<string> _recipes = new(StringComparer.Ordinal);
    private int _updates;

    public TestCloud Cloud { get; } = cloud;

    /// <summary>The same fleet on a copy of its cloud.</summary>
    /// <param name="text">Another catalog for the functions, which differs only in rules.</param>
    public Fleet Copy(string? text = null)
    {
        var copy = new Fleet(Cloud.Copy(text)) { _updates = _updates };
        copy._recipes.UnionWith(_recipes);
        return copy;
    }

    public Task<string> PushBaseAsync(string release) => BaseImage.PushAsync(Cloud.Ecr(Cloud.Region), "golden/base", "stable", release);

    /// <summary>Pushes, and runs everything that follows.</summary>
    public async Task<string> PushAndSettleAsync(string release)
    {
        var digest = await PushBaseAsync(release);
        await Cloud.SettleAsync();
        return digest;
    }

    public Task RetagAsync(string repository, string digest, string tag) =>
        BaseImage.RetagAsync(Cloud.Ecr(Cloud.Region), repository, new ImageIdentifier { ImageDigest = digest }, tag);

    public Task DeleteTagAsync(string repository, string tag) => Cloud.Ecr(Cloud.Region).BatchDeleteImageAsync(
        new BatchDeleteImageRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageTag = tag }] });

    public Task ScanAgainAsync(string repository, string tag) => Cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.StartImageScan", new JsonObject
    {
        ["repositoryName"] = repository,
        ["imageId"] = new JsonObject { ["imageTag"] = tag },
    });

    /// <summary>The tags of a repository, each with its digest.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TagsAsync(string repository, string? region = null)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var image in await ImagesAsync(repository, region))
        {
            foreach (var tag in image.ImageTags ?? [])
            {
                tags.Add(tag, image.ImageDigest);
            }
        }

        return tags;
    }

    public async Task<IReadOnlyList<ImageDetail>> ImagesAsync(string repository, string? region = null)
    {
        var images = new List<ImageDetail>();
        var request = new DescribeImagesRequest { RepositoryName = repository };
        await foreach (var image in Cloud.Ecr(region ?? Cloud.Region).Paginators.DescribeImages(request).ImageDetails)
        {
            images.Add(image);
        }

        return images;
    }

    /// <summary>The builds of a pipeline, oldest first.</summary>
    public async Task<IReadOnlyList<Build>> BuildsAsync(string pipeline)
    {
        var builds = new List<Build>();
        var request = new ListImagePipelineImagesRequest { ImagePipelineArn = PipelineArn(pipeline) };
        await foreach (var build in Cloud.ImageBuilder.Paginators.ListImagePipelineImages(request).ImageSummaryList)
        {
            builds.Add(new Build(string.Join('/', build.Arn.Split('/')[^2..]), build.Arn, build.State.Status.Value, build.Tags ?? []));
        }

        return [.. builds.OrderBy(build => int.Parse(build.Version.Split('/')[1], CultureInfo.InvariantCulture))];
    }

    /// <summary>Starts a pipeline like a person in the console.</summary>
    public Task StartByHandAsync(string pipeline, string token) => Cloud.ImageBuilder.StartImagePipelineExecutionAsync(
        new StartImagePipelineExecutionRequest { ImagePipelineArn = PipelineArn(pipeline), ClientToken = token });

    /// <summary>A pipeline that was created by hand, as the automation finds it when it adopts one.</summary>
    /// <param name="containerTags">The tags that its distribution configuration writes on every build; null means that it has none.</param>
    public async Task CreatePipelineAsync(string name, string repository, string parent, params string[] containerTags)
    {
        await CreateRepositoryAsync(Cloud.Region, repository);
        var recipe = await CreateRecipeAsync(name, "1.0.0", repository, parent);
        var infrastructure = await Cloud.ImageBuilder.CreateInfrastructureConfigurationAsync(new CreateInfrastructureConfigurationRequest
        {
            Name = name,
            InstanceProfileName = "theirs",
            SnsTopicArn = Cloud.NotificationsTopicArn,
            ClientToken = $"infrastructure-{name}",
        });
        await Cloud.ImageBuilder.CreateImagePipelineAsync(new CreateImagePipelineRequest
        {
            Name = name,
            ContainerRecipeArn = recipe,
            InfrastructureConfigurationArn = infrastructure.InfrastructureConfigurationArn,
            DistributionConfigurationArn = containerTags.Length == 0
                ? null
                : (await Cloud.ImageBuilder.CreateDistributionConfigurationAsync(new CreateDistributionConfigurationRequest
                {
                    Name = name,
                    Distributions =
                [
                    new Distribution
                    {
                        Region = Cloud.Region,
                        ContainerDistributionConfiguration = new ContainerDistributionConfiguration
                        {
                            ContainerTags = [.. containerTags],
                            TargetRepository = new TargetContainerRepository { RepositoryName = repository, Service = "ECR" },
                        },
                    },
                ],
                    ClientToken = $"distribution-{name}",
                })).DistributionConfigurationArn,
            ClientToken = $"pipeline-{name}",
        });
    }

    /// <returns>The ARN of the recipe.</returns>
    public async Task<string> CreateRecipeAsync(string name, string version, string repository, string parent) =>
        (await Cloud.ImageBuilder.CreateContainerRecipeAsync(new CreateContainerRecipeRequest
        {
            Name = name,
            SemanticVersion = version,
            ContainerType = "DOCKER",
            ParentImage = parent,
            PlatformOverride = "Linux",
            DockerfileTemplateData = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n",
            Components = [new ComponentConfiguration { ComponentArn = $"arn:aws:imagebuilder:{Cloud.Region}:aws:component/update-linux/x.x.x" }],
            TargetRepository = new TargetContainerRepository { RepositoryName = repository, Service = "ECR" },
            ClientToken = $"recipe-{name}-{version}",
        })).ContainerRecipeArn;

    /// <summary>Creates another version of the recipe that a pipeline currently builds.</summary>
    /// <param name="parent">Repository and tag; null means the same base.</param>
    /// <returns>Its ARN; that of the existing one if there is one.</returns>
    public async Task<string> RecipeAsync(string pipeline, string version, string? parent = null)
    {
        var current = (await Cloud.ImageBuilder.GetImagePipelineAsync(
            new GetImagePipelineRequest { ImagePipelineArn = PipelineArn(pipeline) })).ImagePipeline.ContainerRecipeArn;
        var recipe = (await Cloud.ImageBuilder.GetContainerRecipeAsync(new GetContainerRecipeRequest { ContainerRecipeArn = current })).ContainerRecipe;
        var arn = $"{current[..current.LastIndexOf('/')]}/{version}";
        return _recipes.Add(arn)
            ? await CreateRecipeAsync(recipe.Name, version, recipe.TargetRepository.RepositoryName, parent is null
                ? recipe.ParentImage
                : $"123456789012.dkr.ecr.{Cloud.Region}.amazonaws.com/{parent}")
            : arn;
    }

    /// <summary>Makes an image DEPRECATED, DISABLED or AVAILABLE in Image Builder.</summary>
    public async Task RetireAsync(string buildArn, string status)
    {
        await Cloud.ImageBuilder.StartResourceStateUpdateAsync(new StartResourceStateUpdateRequest
        {
            ResourceArn = buildArn,
            State = new ResourceState { Status = status },
            ExecutionRole = "arn:aws:iam::123456789012:role/lifecycle",
            ClientToken = $"retire-{++_updates}",
        });
        await Cloud.SettleAsync();
    }

    /// <summary>Changes a pipeline like a person in the console: another recipe, or disabled and enabled.</summary>
    public async Task UpdatePipelineAsync(string name, string? recipe = null, bool enabled = true)
    {
        var pipeline = (await Cloud.ImageBuilder.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = PipelineArn(name) })).ImagePipeline;
        await Cloud.ImageBuilder.UpdateImagePipelineAsync(new UpdateImagePipelineRequest
        {
            ImagePipelineArn = pipeline.Arn,
            ContainerRecipeArn = recipe ?? pipeline.ContainerRecipeArn,
            InfrastructureConfigurationArn = pipeline.InfrastructureConfigurationArn,
            DistributionConfigurationArn = pipeline.DistributionConfigurationArn,
            Status = enabled ? "ENABLED" : "DISABLED",
            ClientToken = $"update-{++_updates}",
        });
    }

    public Task CancelAsync(string buildArn, string token) => Cloud.ImageBuilder.CancelImageCreationAsync(
        new CancelImageCreationRequest { ImageBuildVersionArn = buildArn, ClientToken = token });

    public async Task<IReadOnlyDictionary<string, string>> PipelineTagsAsync(string pipeline) =>
        (await Cloud.ImageBuilder.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = PipelineArn(pipeline) })).ImagePipeline.Tags ?? [];

    public Task TagPipelineAsync(string pipeline, params (string Key, string Value)[] tags) => Cloud.ImageBuilder.TagResourceAsync(
        new TagResourceRequest { ResourceArn = PipelineArn(pipeline), Tags = tags.ToDictionary(tag => tag.Key, tag => tag.Value) });

    public Task UntagPipelineAsync(string pipeline, params string[] keys) =>
        Cloud.ImageBuilder.UntagResourceAsync(new UntagResourceRequest { ResourceArn = PipelineArn(pipeline), TagKeys = [.. keys] });

    /// <summary>The stack creates repositories in its own Region; in other Regions the tests create them.</summary>
    public Task CreateRepositoryAsync(string region, string name) =>
        Cloud.Ecr(region).CreateRepositoryAsync(new CreateRepositoryRequest { RepositoryName = name });

    public string PipelineArn(string name) => $"arn:aws:imagebuilder:{Cloud.Region}:123456789012:image-pipeline/{name}";

    /// <summary>The workflow's executions, oldest first.</summary>
    public async Task<IReadOnlyList<ExecutionListItem>> ExecutionsAsync(string prefix = "")
    {
        var executions = new List<ExecutionListItem>();
        await foreach (var execution in Cloud.StepFunctions.Paginators
            .ListExecutions(new ListExecutionsRequest { StateMachineArn = Cloud.StateMachineArn }).Executions)
        {
            if (execution.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                executions.Add(execution);
            }
        }

        executions.Reverse();
        return executions;
    }

    /// <summary>Starts the workflow like the commands.</summary>
    public async Task<string> StartAsync(string name, JsonObject input) => (await Cloud.StepFunctions.StartExecutionAsync(new StartExecutionRequest
    {
        StateMachineArn = Cloud.StateMachineArn,
        Name = name,
        Input = input.ToJsonString(),
    })).ExecutionArn;

    /// <summary>Starts what <c>automation promote</c> starts, and runs everything that follows.</summary>
    public Task<string> PromoteAsync(string image, string version, int attempt) =>
        RunAsync($"release-{image}_{version.Replace('/', '-').Replace('.', '-')}_{attempt}", new JsonObject
        {
            ["action"] = "release",
            ["image"] = image,
            ["version"] = version,
            ["attempt"] = attempt,
            ["explicit"] = true,
        });

    /// <summary>Starts what <c>automation rollback</c> starts, and runs everything that follows.</summary>
    public async Task<string> RollbackAsync(string image, string version, string id = "1")
    {
        var execution = await BeginRollbackAsync(image, version, id);
        await Cloud.SettleAsync();
        return execution;
    }

    /// <summary>Starts what <c>automation rollback</c> starts.</summary>
    public Task<string> BeginRollbackAsync(string image, string version, string id = "1") =>
        StartAsync($"rollback-{image}_{version.Replace('/', '-').Replace('.', '-')}_{id}",
            new JsonObject { ["action"] = "rollback", ["image"] = image, ["version"] = version });

    /// <summary>Starts a prune of image <c>edge</c> that deletes.</summary>
    public Task<string> BeginPruneAsync(string name) =>
        StartAsync($"prune-edge-{name}", new JsonObject { ["action"] = "prune", ["image"] = "edge", ["delete"] = true });

    /// <summary>Starts the workflow and runs everything that follows.</summary>
    public async Task<string> RunAsync(string name, JsonObject input)
    {
        var execution = await StartAsync(name, input);
        await Cloud.SettleAsync();
        return execution;
    }

    /// <summary>The end of an execution: its status and output.</summary>
    public async Task<(string Status, JsonObject Output, string? Error)> ResultAsync(string executionArn)
    {
        var execution = await Cloud.StepFunctions.DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = executionArn });
        return (execution.Status.Value, JsonNode.Parse(execution.Output ?? "{}")!.AsObject(), execution.Error);
    }

    /// <summary>The outputs of all states of the last execution with that name.</summary>
    public async Task<string> LooksAsync(string prefix)
    {
        var execution = (await ExecutionsAsync(prefix))[^1].ExecutionArn;
        var history =
            await Cloud.CallAsync("states", "AWSStepFunctions.GetExecutionHistory", new JsonObject { ["executionArn"] = execution, ["maxResults"] = 1000 });
        return string.Join('\n', history["events"]!.AsArray().Select(entry => entry!["stateExitedEventDetails"]?["output"]?.ToString()));
    }

    /// <summary>The token that a waiting execution needs to continue.</summary>
    public async Task<string> TokenAsync(string executionArn)
    {
        var history = await Cloud.CallAsync("states", "AWSStepFunctions.GetExecutionHistory", new JsonObject { ["executionArn"] = executionArn });
        var parameters = history["events"]!.AsArray()
            .Select(entry => entry!["taskScheduledEventDetails"]?["parameters"]?.ToString())
            .Last(text => text?.Contains("task token", StringComparison.Ordinal) == true)!;
        return JsonNode.Parse(parameters)!["Message"]!.ToString().Split('\n')[^1];
    }

    /// <summary>The bodies of the messages in the dead letter queue; the messages stay there.</summary>
    public async Task<IReadOnlyList<string>> DeadLettersAsync()
    {
        var url = await DeadLettersUrlAsync();
        var bodies = new List<string>();
        while (true)
        {
            var input = new JsonObject { ["QueueUrl"] = url, ["MaxNumberOfMessages"] = 10 };
            if ((await Cloud.CallAsync("sqs", "AmazonSQS.ReceiveMessage", input))["Messages"] is not JsonArray { Count: > 0 } messages)
            {
                return bodies;
            }

            bodies.AddRange(messages.Select(message => message!["Body"]!.ToString()));
        }
    }

    /// <summary>Puts a message into the dead letter queue.</summary>
    public async Task AddDeadLetterAsync(string body) =>
        await Cloud.CallAsync("sqs", "AmazonSQS.SendMessage", new JsonObject { ["QueueUrl"] = await DeadLettersUrlAsync(), ["MessageBody"] = body });

    /// <summary>The number of dead letters, without receiving them.</summary>
    public async Task<int> CountDeadLettersAsync()
    {
        var answer = await Cloud.CallAsync("sqs", "AmazonSQS.GetQueueAttributes", new JsonObject
        {
            ["QueueUrl"] = await DeadLettersUrlAsync(),
            ["AttributeNames"] = new JsonArray("All"),
        });
        return int.Parse(answer["Attributes"]!["ApproximateNumberOfMessages"]!.ToString(), CultureInfo.InvariantCulture);
    }

    /// <summary>Redrives the dead letters like <c>automation redrive</c>.</summary>
    /// <returns>The status of the execution.</returns>
    public async Task<string> RedriveAsync()
    {
        var machines = await Cloud.CallAsync("states", "AWSStepFunctions.ListStateMachines", []);
        var arn = machines["stateMachines"]!.AsArray().Select(machine => machine!["stateMachineArn"]!.ToString())
            .Single(each => each.Contains("Redrive", StringComparison.Ordinal));
        var execution = await Cloud.StepFunctions.StartExecutionAsync(new StartExecutionRequest { StateMachineArn = arn, Name = "redrive-1", Input = "{}" });
        await Cloud.SettleAsync();
        return (await ResultAsync(execution.ExecutionArn)).Status;
    }

    private async Task<string> DeadLettersUrlAsync() => (await Cloud.CallAsync("sqs", "AmazonSQS.ListQueues", []))["QueueUrls"]!.AsArray().Single()!.ToString();

    /// <summary>The subjects of all mails.</summary>
    public async Task<IReadOnlyList<string>> AlertsAsync() => [.. (await Cloud.JournalAsync())
        .Where(entry => entry is { Source: "sns", Kind: "message-published" })
        .Select(entry => entry.Data.GetValueOrDefault("subject"))
        .OfType<string>()];

    /// <summary>The last mail with a subject.</summary>
    public async Task<string> MessageAsync(string subject) => (await Cloud.JournalAsync())
        .Last(entry => entry is { Source: "sns", Kind: "message-published" } && entry.Data.GetValueOrDefault("subject") == subject).Data["message"]!;

    /// <summary>
    /// The end state without time-dependent parts: per image the builds with status, release and base, and per repository and
    /// Region the build of each tag.
    /// </summary>
    public async Task<string> SummaryAsync(params string[] images)
    {
        var lines = new List<string>();
        foreach (var image in images)
        {
            var tags = await TagsAsync($"images/{image}");
            var names = tags.Where(tag => tag.Key.Contains('-', StringComparison.Ordinal)).GroupBy(tag => tag.Value)
                .ToDictionary(group => group.Key, group => group.First().Key);
            lines.AddRange(
                (await BuildsAsync(image))
                    .Select(build => $"{image} {build.Version} {build.Status} {build.Release} attempt {build.Tags.GetValueOrDefault("automation:attempt")}"));
            lines.AddRange(tags.Select(tag => $"{image}:{tag.Key} -> {names.GetValueOrDefault(tag.Value, "?")}"));
        }

        return string.Join('\n', lines);
    }
}
