using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Automation.Aws;
using Automation.Aws.Sdk;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Cli.Doctor;

/// <summary>Reads a pipeline that the catalog adopts, with its recipe and its distribution configuration.</summary>
internal sealed class AdoptedReader(Func<string, IAmazonImagebuilder> imageBuilder, AwsScope scope)
{
    private readonly ImageBuilderGateway _gateway = new(imageBuilder, scope);

    /// <returns>Null if the pipeline does not exist.</returns>
    /// <exception cref="CallException">A part of it cannot be read.</exception>
    public async Task<AdoptedPipeline?> ReadAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadPipelineAsync(image, cancellationToken);
        }
        catch (AmazonServiceException e)
        {
            throw new CallException(e.ErrorCode ?? SignedCalls.NoAnswer, e.Message);
        }
        catch (AutomationException e)
        {
            throw new CallException((e.InnerException as AmazonServiceException)?.ErrorCode ?? SignedCalls.NoAnswer, e.Message);
        }
    }

    private async Task<AdoptedPipeline?> ReadPipelineAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var client = imageBuilder(scope.Region);
        var adopted = (PipelineSpec.Adopted)image.Pipeline;
        ImagePipeline pipeline;
        try
        {
            pipeline = (await client.GetImagePipelineAsync(
                new GetImagePipelineRequest { ImagePipelineArn = adopted.Arn ?? scope.PipelineArn(adopted.Name) }, cancellationToken)).ImagePipeline;
        }
        catch (AmazonImagebuilderException e) when (e.ErrorCode == "ResourceNotFoundException")
        {
            return null;
        }

        var distributions = pipeline.DistributionConfigurationArn is { } configuration
            ? (await client.GetDistributionConfigurationAsync(
                new GetDistributionConfigurationRequest { DistributionConfigurationArn = configuration }, cancellationToken))
                .DistributionConfiguration?.Distributions ?? []
            : [];
        var recipe = pipeline.ContainerRecipeArn is { } arn
            ? (await client.GetContainerRecipeAsync(new GetContainerRecipeRequest { ContainerRecipeArn = arn }, cancellationToken)).ContainerRecipe
            : null;

        // If the distribution of a Region does not set the repository, the recipe does.
        // https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html, targetRepository
        var repositories =
            distributions.Select(each => each.ContainerDistributionConfiguration?.TargetRepository?.RepositoryName ?? recipe?.TargetRepository?.RepositoryName)
            .DefaultIfEmpty(recipe?.TargetRepository?.RepositoryName).OfType<string>().Distinct(StringComparer.Ordinal);

        // arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/app/1.0.0
        return new AdoptedPipeline(
            pipeline.Status == PipelineStatus.ENABLED,
            pipeline.ContainerRecipeArn?.Split('/') is [_, var name, ..] ? name : null,
            pipeline.Schedule?.ScheduleExpression,
            pipeline.DistributionConfigurationArn is { } distribution
                ? await _gateway.ListContainerTagsAsync(distribution, image.Repository, cancellationToken)
                : [],
            [.. distributions.Select(each => each.Region)])
        {
            Repositories = [.. repositories],
            UnreadableParameter = pipeline.ExecutionRole is null
                && ParentImage.Parse(recipe?.ParentImage) is ParentImage.Parameter { IsReadableByService: false } parameter ? parameter.Text : null,
        };
    }
}
