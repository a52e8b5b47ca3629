using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Ports;

/// <summary>EC2 Image Builder in the stack's own Region, as far as Automation uses it. Failures are <see cref="AutomationException"/>s.</summary>
public interface IImageBuilder
{
    /// <summary>A pipeline with the facts of its container recipe; null if the pipeline does not exist or builds no container.</summary>
    /// <param name="recipe">The only recipe that may be read. For another recipe the result has its name and version but no parent image. Null allows any
    /// recipe.</param>
    Task<PipelineFacts?> FindPipelineAsync(string nameOrArn, string? recipe, CancellationToken cancellationToken);

    /// <summary>The container tags that a distribution configuration puts on each build, in any Region, in a repository with that name.</summary>
    Task<IReadOnlyList<string>> ListContainerTagsAsync(string distributionArn, string repository, CancellationToken cancellationToken);

    /// <summary>All builds of a pipeline, across recipe versions, in any order.</summary>
    Task<IReadOnlyList<BuildRecord>> ListBuildsAsync(string pipelineArn, CancellationToken cancellationToken);

    /// <summary>The names of all images of the account with a recipe version in a Region, whatever made them. They are the names of their recipes.</summary>
    Task<IReadOnlyList<string>> ListImageNamesAsync(string region, RecipeVersion version, CancellationToken cancellationToken);

    /// <summary>All builds of the account with a recipe version in a Region, whatever made them.</summary>
    /// <param name="recipe">The recipe's name as written in ARNs.</param>
    Task<IReadOnlyList<BuildOutput>> ListBuildsOfVersionAsync(string region, string recipe, RecipeVersion version, CancellationToken cancellationToken);

    /// <summary>Where a build comes from; null if it no longer exists.</summary>
    Task<BuildOrigin?> FindBuildAsync(string buildArn, CancellationToken cancellationToken);

    /// <summary>The current record of one build with its tags; null if it no longer exists.</summary>
    Task<BuildRecord?> FindRecordAsync(string buildArn, CancellationToken cancellationToken);

    /// <summary>The image that an ARN names, in this account, another one or Amazon's. With wildcards or without a build number: the newest
    /// available one. Null if there is none.</summary>
    Task<BuiltImage?> FindImageAsync(string arn, CancellationToken cancellationToken);

    /// <summary>Starts a build; a repeated client token returns the same build.</summary>
    /// <exception cref="BuildConflictException">The token was used before with other tags.</exception>
    /// <exception cref="QuotaExceededException">The quota of concurrent builds is used up.</exception>
    /// <returns>The ARN of the image build version.</returns>
    Task<string> StartBuildAsync(string pipelineArn, string clientToken, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Adds or replaces tags of a build or a pipeline.</summary>
    Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Removes tags; a missing tag is not an error.</summary>
    Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Deletes the record of a build (not its images); a missing record is not an error.</summary>
    /// <returns>Why the record still exists, if something in Image Builder needs it; null if it is deleted.</returns>
    Task<string?> DeleteBuildAsync(string buildArn, CancellationToken cancellationToken);

    /// <summary>The versions of a container recipe that the stack created, in the stack's own Region.</summary>
    /// <param name="name">The name given at the recipe's creation.</param>
    Task<IReadOnlyList<OwnRecipe>> ListOwnRecipesAsync(string name, CancellationToken cancellationToken);

    /// <summary>Deletes a version of a container recipe; one that no longer exists is not an error.</summary>
    /// <returns>Why the version still exists, if something in Image Builder needs it; null if it is deleted.</returns>
    Task<string?> DeleteRecipeAsync(string recipeArn, CancellationToken cancellationToken);

    /// <summary>The base image of every container recipe of the account in any Region.</summary>
    Task<IReadOnlyList<RecipeBase>> ListRecipeBasesAsync(string region, CancellationToken cancellationToken);
}
