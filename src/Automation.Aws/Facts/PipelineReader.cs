using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>Reads the pipeline of an image and its builds.</summary>
public sealed class PipelineReader(IImageBuilder imageBuilder, AwsScope scope)
{
    /// <exception cref="PermanentException">The image's pipeline does not exist, or builds no container.</exception>
    public async Task<PipelineFacts> GetAsync(ImageSpec image, CancellationToken cancellationToken) =>
        await FindAsync(image, cancellationToken) ?? throw new PermanentException(
            $"Image '{image.Name}': there is no pipeline '{NameOf(image)}' with a container recipe in {scope.Region}.");

    /// <summary>The image's builds, one for each version (<see cref="PipelineBuilds.Of"/>), and the pipeline they ran on.</summary>
    /// <exception cref="PermanentException">The image's pipeline does not exist, or builds no container.</exception>
    public async Task<(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Builds)> BuildsAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var (pipeline, records) = await RecordsAsync(image, cancellationToken);
        return (pipeline, PipelineBuilds.Of(image, records));
    }

    /// <summary>The image's pipeline with all its build records, for retention. It leaves out no record that <see cref="PipelineBuilds.Of"/> would.</summary>
    /// <exception cref="PermanentException">The image's pipeline does not exist, or builds no container. Then the owner of the images is unknown.</exception>
    public async Task<(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Records)> RecordsAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var pipeline = await GetAsync(image, cancellationToken);
        return (pipeline, await imageBuilder.ListBuildsAsync(pipeline.Arn, cancellationToken));
    }

    /// <summary>Null when the pipeline does not exist or builds no container.</summary>
    public Task<PipelineFacts?> FindAsync(ImageSpec image, CancellationToken cancellationToken) =>
        imageBuilder.FindPipelineAsync(NameOf(image), (image.Pipeline as PipelineSpec.Adopted)?.Recipe, cancellationToken);

    /// <summary>The name or ARN of the image's pipeline.</summary>
    public static string NameOf(ImageSpec image) => (image.Pipeline as PipelineSpec.Adopted)?.NameOrArn ?? image.PipelineName;

    /// <summary>Adds the container tags that an adopted pipeline's distribution puts on each build. The stack's own pipelines put only the tags
    /// that the catalog allows.</summary>
    public async Task<PipelineFacts> WithDistributionAsync(ImageSpec image, PipelineFacts pipeline, CancellationToken cancellationToken)
    {
        if (image.Pipeline is not PipelineSpec.Adopted || image.Promote.FloatingTags.Count == 0 || pipeline.DistributionArn is not { } distribution)
        {
            return pipeline;
        }

        try
        {
            return pipeline with { ContainerTags = await imageBuilder.ListContainerTagsAsync(distribution, image.Repository, cancellationToken) };
        }
        catch (PermanentException e)
        {
            return pipeline with { DistributionUnreadable = e.Message };
        }
    }
}
