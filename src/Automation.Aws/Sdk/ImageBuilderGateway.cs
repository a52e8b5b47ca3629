using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;
using ImageVersion = Automation.Core.Images.ImageVersion;

namespace Automation.Aws.Sdk;

/// <summary>EC2 Image Builder in the stack's Region.</summary>
/// <param name="clientOf">Returns the client of a Region. Other Regions than the stack's own are only read.</param>
public sealed class ImageBuilderGateway(Func<string, IAmazonImagebuilder> clientOf, AwsScope scope) : IImageBuilder
{
    /// <summary>The largest page of Image Builder's lists.</summary>
    private const int PageSize = 25;

    /// <summary>The default if the pipeline's schedule does not set it.
    /// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_AutoDisablePolicy.html</summary>
    private const int FailuresUntilDisabled = 5;

    private readonly ConcurrentDictionary<string, IAmazonImagebuilder> _clients = new(StringComparer.Ordinal);

    private IAmazonImagebuilder Home => Client(scope.Region);

    public Task<PipelineFacts?> FindPipelineAsync(string nameOrArn, string? recipe, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read pipeline {nameOrArn}", async () =>
        {
            var arn = nameOrArn.StartsWith("arn:", StringComparison.Ordinal) ? nameOrArn : scope.PipelineArn(nameOrArn);
            var pipeline = await OrNullWhenMissing(async () =>
                (await Home.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = arn }, cancellationToken)).ImagePipeline);
            if (pipeline?.ContainerRecipeArn is not { } recipeArn)
            {
                return null;
            }

            // arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/app/1.0.0; x.x.x means the newest, and the recipe shows which one that is.
            if (recipeArn.Split('/') is not [_, var name, var number])
            {
                throw new PermanentException($"{recipeArn}, which pipeline {pipeline.Name} builds, is not the ARN of a container recipe version.");
            }

            var others = recipe is not null && recipe != name;
            var content = others
                ? null
                : (await Home.GetContainerRecipeAsync(new GetContainerRecipeRequest { ContainerRecipeArn = recipeArn }, cancellationToken)).ContainerRecipe;
            var version = RecipeVersion.TryParse(number, out var written) || RecipeVersion.TryParse(content?.Version, out written) ? written
                : others ? new RecipeVersion(0, 0, 0)
                : throw new PermanentException($"{recipeArn}, which pipeline {pipeline.Name} builds, is not the ARN of a container recipe version.");
            return new PipelineFacts(
                pipeline.Arn ?? arn,
                pipeline.Name ?? arn[(arn.LastIndexOf('/') + 1)..],
                pipeline.Status != PipelineStatus.DISABLED,
                version,
                content?.ParentImage ?? "",
                BuildTags.ReadHold(pipeline.Tags ?? []),
                pipeline.Status == PipelineStatus.DISABLED && pipeline.ConsecutiveFailures is { } failures
                    && failures >= (pipeline.Schedule?.AutoDisablePolicy?.FailureCount ?? FailuresUntilDisabled) ? failures : null,
                name)
            {
                DistributionArn = pipeline.DistributionConfigurationArn,
                RecipeContent = content?.Tags?.GetValueOrDefault(RecipePlan.ContentTag),
            };
        });

    public Task<IReadOnlyList<string>> ListContainerTagsAsync(string distributionArn, string repository, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<string>>($"read distribution configuration {distributionArn}", async () =>
        {
            var response = await Home.GetDistributionConfigurationAsync(
                new GetDistributionConfigurationRequest { DistributionConfigurationArn = distributionArn }, cancellationToken);
            return [.. (response.DistributionConfiguration?.Distributions ?? [])
                .Select(distribution => distribution.ContainerDistributionConfiguration)
                .Where(container => container?.TargetRepository?.RepositoryName == repository)
                .SelectMany(container => container.ContainerTags ?? [])
                .Distinct(StringComparer.Ordinal)];
        });

    public Task<IReadOnlyList<BuildRecord>> ListBuildsAsync(string pipelineArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<BuildRecord>>($"list the builds of {pipelineArn}", async () =>
        {
            var builds = new List<BuildRecord>();
            await foreach (var image in ListAsync(pipelineArn, cancellationToken))
            {
                builds.Add(Record(image.Arn, image.State, image.DateCreated, image.DeprecationTime, image.Tags));
            }

            return builds;
        });

    public Task<IReadOnlyList<string>> ListImageNamesAsync(string region, RecipeVersion version, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<string>>($"list the images of recipe versions {version} in {region}", async () =>
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            var request = new ListImagesRequest
            {
                Owner = Ownership.Self,
                MaxResults = PageSize,
                Filters = [new Filter { Name = "version", Values = [$"{version}"] }],
            };
            await foreach (var image in Client(region).Paginators.ListImages(request).ImageVersionList.WithCancellation(cancellationToken))
            {
                // arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0
                if (image.Arn?.Split('/') is [_, var name, ..])
                {
                    names.Add(name);
                }
            }

            return [.. names.Order(StringComparer.Ordinal)];
        });

    public Task<IReadOnlyList<BuildOutput>> ListBuildsOfVersionAsync(
        string region, string recipe, RecipeVersion version, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<BuildOutput>>($"list the builds of {recipe} {version} in {region}", async () =>
        {
            var builds = new List<BuildOutput>();
            var request = new ListImageBuildVersionsRequest { ImageVersionArn = scope.ImageArn(region, recipe, version), MaxResults = PageSize };
            await OrNullWhenMissing(async () =>
            {
                await foreach (var image in Client(region).Paginators.ListImageBuildVersions(request).ImageSummaryList.WithCancellation(cancellationToken))
                {
                    builds.Add(new BuildOutput(image.Arn ?? "", VersionOf(image.Arn ?? ""), RepositoriesOf(image.OutputResources)));
                }

                return builds;
            });
            return builds;
        });

    public Task<BuildOrigin?> FindBuildAsync(string buildArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read build {buildArn}", async () =>
        {
            // arn:aws:imagebuilder:us-east-1:…
            var region = buildArn.Split(':') is [_, _, _, { Length: > 0 } named, ..] ? named : scope.Region;
            var image = await OrNullWhenMissing(async () =>
                (await Client(region).GetImageAsync(new GetImageRequest { ImageBuildVersionArn = buildArn }, cancellationToken)).Image);
            return image is null
                ? null
                : new BuildOrigin(
                    image.Arn ?? buildArn, image.Type == ImageType.DOCKER, image.SourcePipelineArn, VersionOf(image.Arn ?? buildArn),
                    image.State?.Status?.Value ?? "",
                    RepositoriesOf(image.OutputResources) ?? TargetsOf(image));
        });

    public Task<BuildRecord?> FindRecordAsync(string buildArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read build {buildArn}", async () =>
        {
            var image = await OrNullWhenMissing(async () =>
                (await Home.GetImageAsync(new GetImageRequest { ImageBuildVersionArn = buildArn }, cancellationToken)).Image);
            return image is null ? null : Record(image.Arn ?? buildArn, image.State, image.DateCreated, image.DeprecationTime, image.Tags);
        });

    public Task<BuiltImage?> FindImageAsync(string arn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read image {arn}", async () =>
        {
            // arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-x86-latest/x.x.x
            var region = arn.Split(':') is [_, _, _, { Length: > 0 } named, ..] ? named : scope.Region;
            var image = await OrNullWhenMissing(async () =>
                (await Client(region).GetImageAsync(new GetImageRequest { ImageBuildVersionArn = arn }, cancellationToken)).Image);
            return image?.Arn is not { } found ? null : new BuiltImage(
                found,
                DateTimeOffset.TryParse(image.DateCreated, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null,
                [.. (image.OutputResources?.Containers ?? []).SelectMany(container => container.ImageUris ?? [])]);
        });

    public Task<string> StartBuildAsync(
        string pipelineArn, string clientToken, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"start pipeline {pipelineArn}", async () =>
        {
            try
            {
                var response = await Home.StartImagePipelineExecutionAsync(
                    new StartImagePipelineExecutionRequest { ImagePipelineArn = pipelineArn, ClientToken = clientToken, Tags = new(tags) },
                    cancellationToken);
                var build = response.ImageBuildVersionArn is { Length: > 0 } arn ? arn : await FindStartedAsync(pipelineArn, tags, cancellationToken);
                _ = VersionOf(build);
                return build;
            }
            catch (AmazonImagebuilderException e) when (e.ErrorCode == "IdempotentParameterMismatchException")
            {
                throw new BuildConflictException($"Pipeline {pipelineArn} was started for another reason at the same moment.", e);
            }
        });

    public Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"tag {arn}", () =>
            Home.TagResourceAsync(new TagResourceRequest { ResourceArn = arn, Tags = new(tags) }, cancellationToken));

    public Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"untag {arn}", () =>
            Home.UntagResourceAsync(new UntagResourceRequest { ResourceArn = arn, TagKeys = [.. keys] }, cancellationToken));

    public Task<string?> DeleteBuildAsync(string buildArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"delete the record of {buildArn}", async () =>
        {
            try
            {
                await OrNullWhenMissing(() => Home.DeleteImageAsync(new DeleteImageRequest { ImageBuildVersionArn = buildArn }, cancellationToken));
                return null;
            }
            catch (ResourceDependencyException e)
            {
                return $"{e.ErrorCode}: {e.Message}";
            }
        });

    public Task<IReadOnlyList<OwnRecipe>> ListOwnRecipesAsync(string name, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<OwnRecipe>>($"list the versions of recipe {name}", async () =>
        {
            var recipes = new List<OwnRecipe>();
            var request = new ListContainerRecipesRequest
            {
                Owner = Ownership.Self,
                MaxResults = PageSize,
                Filters = [new Filter { Name = "name", Values = [name] }]
            };
            await foreach (var recipe in Home.Paginators.ListContainerRecipes(request).ContainerRecipeSummaryList.WithCancellation(cancellationToken))
            {
                // arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/app/1.0.0
                if (recipe.Name == name && recipe.Tags?.ContainsKey(RecipePlan.ContentTag) == true && recipe is { Arn: { } arn, DateCreated: { } created }
                    && arn.Split('/') is [_, _, var version])
                {
                    recipes.Add(new OwnRecipe(
                        arn, RecipeVersion.Parse(version), DateTimeOffset.Parse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)));
                }
            }

            return recipes;
        });

    public Task<string?> DeleteRecipeAsync(string recipeArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"delete {recipeArn}", async () =>
        {
            try
            {
                await OrNullWhenMissing(
                    () => Home.DeleteContainerRecipeAsync(new DeleteContainerRecipeRequest { ContainerRecipeArn = recipeArn }, cancellationToken));
                return null;
            }
            catch (ResourceDependencyException e)
            {
                return $"{e.ErrorCode}: {e.Message}";
            }
        });

    public Task<IReadOnlyList<RecipeBase>> ListRecipeBasesAsync(string region, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<RecipeBase>>($"list the container recipes in {region}", async () =>
        {
            var bases = new List<RecipeBase>();
            var request = new ListContainerRecipesRequest { Owner = Ownership.Self, MaxResults = PageSize };
            await foreach (var recipe in Client(region).Paginators.ListContainerRecipes(request).ContainerRecipeSummaryList.WithCancellation(cancellationToken))
            {
                bases.Add(new RecipeBase(recipe.Arn ?? "", recipe.ParentImage ?? ""));
            }

            return bases;
        });

    /// <summary>
    /// Finds the started build by the tags of the start. The response to a start that repeats a client token may lack the build's ARN,
    /// because no member of the response is required.
    /// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_StartImagePipelineExecution.html
    /// </summary>
    /// <exception cref="TransientException">No build with these tags is listed yet.</exception>
    private async Task<string> FindStartedAsync(string pipelineArn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var started = new List<string>();
        await foreach (var image in ListAsync(pipelineArn, cancellationToken))
        {
            if (image.Arn is not null && image.Tags is { } own && tags.Count > 0 && tags.All(tag => own.GetValueOrDefault(tag.Key) == tag.Value))
            {
                started.Add(image.Arn);
            }
        }

        return started.MaxBy(VersionOf) ?? throw new TransientException(
            $"Pipeline {pipelineArn} was started, but Image Builder neither returned nor lists a build with its tags yet.");
    }

    private async IAsyncEnumerable<ImageSummary> ListAsync(string pipelineArn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListImagePipelineImagesRequest { ImagePipelineArn = pipelineArn, MaxResults = PageSize };
        await foreach (var image in Home.Paginators.ListImagePipelineImages(request).ImageSummaryList.WithCancellation(cancellationToken))
        {
            if (image.Type is null || image.Type == ImageType.DOCKER)
            {
                yield return image;
            }
        }
    }

    private IAmazonImagebuilder Client(string region) => _clients.GetOrAdd(region, name => ApiCalls.Follow(clientOf(name)));

    private static BuildRecord Record(string? arn, ImageState? state, string? created, DateTime? deprecated, Dictionary<string, string>? tags) =>
        BuildTags.Read(
        new BuildRecord
        {
            Version = VersionOf(arn ?? ""),
            Arn = arn ?? "",
            State = BuildStates.Parse(state?.Status?.Value),
            CreatedAt = DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                && PlausibleTime.IsPlausible(at)
                ? at
                : throw new PermanentException($"Image Builder says that build {arn} was created at '{created}', which is not {PlausibleTime.Expected}."),
            FailureKind = FailureKindOf(state),
            FailureReason = state?.Reason,
            DeprecatedAt = deprecated is { } time ? PlausibleTime.Clamp(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))) : null,
        },
        tags ?? []);

    // A component that failed by its own exit code fails again. A failure of the service may pass.
    private static FailureKind FailureKindOf(ImageState? state) => state?.FailureContext switch
    {
        { ComponentFailure: not null } => FailureKind.Permanent,
        { DistributionFailure: not null } => FailureKind.Transient,
        _ => FailureKind.Unknown,
    };

    // arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/3
    private static ImageVersion VersionOf(string buildArn)
    {
        var parts = buildArn.Split('/');
        return parts.Length == 4 && ImageVersion.TryParse($"{parts[2]}/{parts[3]}", out var version)
            ? version
            : throw new PermanentException($"'{buildArn}' is not the ARN of an image build version.");
    }

    // "containers": [{"region": "us-east-1", "imageUris": ["123456789012.dkr.ecr.us-east-1.amazonaws.com/images/app:1.0.0-3", …]}]
    private static List<string>? RepositoriesOf(OutputResources? outputs)
    {
        var repositories = new List<string>();
        foreach (var uri in (outputs?.Containers ?? []).SelectMany(container => container.ImageUris ?? []))
        {
            if (!ImageReference.TryParse(uri, out var reference))
            {
                return null;
            }

            repositories.Add(reference.Repository);
        }

        return repositories.Count == 0 ? null : repositories;
    }

    // A distribution configuration replaces the recipe's own target repository.
    private static List<string>? TargetsOf(Image image)
    {
        var targets = (image.DistributionConfiguration?.Distributions ?? [])
            .Select(distribution => distribution.ContainerDistributionConfiguration?.TargetRepository)
            .Append(image.ContainerRecipe?.TargetRepository).Select(target => target?.RepositoryName).OfType<string>().Distinct().ToList();
        return targets.Count == 0 ? null : targets;
    }

    // The service answers with a code that its model does not declare for these operations.
    private static async Task<T?> OrNullWhenMissing<T>(Func<Task<T>> call)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (AmazonImagebuilderException e) when (e.ErrorCode == "ResourceNotFoundException")
        {
            return null;
        }
    }
}
