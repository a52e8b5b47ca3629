using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Ports;

/// <summary>What the automation needs of EC2 Image Builder, in its own Region. Failures are <see cref="AutomationException"/>s.</summary>
public interface IImageBuilder
{
    /// <summary>A pipeline with its container recipe's facts; null when there is no such pipeline, or it builds no container.</summary>
    /// <param name="recipe">The only recipe that may be read; of another one just name and version are told, and no parent image. Null: any.</param>
    Task<PipelineFacts?> FindPipelineAsync(string nameOrArn, string? recipe, CancellationToken cancellationToken);

    /// <summary>The container tags that a distribution configuration puts on each build, in any Region, in a repository of that name.</summary>
    Task<IReadOnlyList<string>> ListContainerTagsAsync(string distributionArn, string repository, CancellationToken cancellationToken);

    /// <summary>All builds of a pipeline, across recipe versions, in no particular order.</summary>
    Task<IReadOnlyList<BuildRecord>> ListBuildsAsync(string pipelineArn, CancellationToken cancellationToken);

    /// <summary>The names of all images that the account has in a recipe version in a Region, whatever made them: those of their recipes.</summary>
    Task<IReadOnlyList<string>> ListImageNamesAsync(string region, RecipeVersion version, CancellationToken cancellationToken);

    /// <summary>All builds that the account has of one recipe version in a Region, whatever made them.</summary>
    /// <param name="recipe">As ARNs spell it.</param>
    Task<IReadOnlyList<BuildOutput>> ListBuildsOfVersionAsync(string region, string recipe, RecipeVersion version, CancellationToken cancellationToken);

    /// <summary>Null when there is no such build any more.</summary>
    Task<BuildOrigin?> FindBuildAsync(string buildArn, CancellationToken cancellationToken);

    /// <summary>The record of one build with its tags, read now; null when there is none any more.</summary>
    Task<BuildRecord?> FindRecordAsync(string buildArn, CancellationToken cancellationToken);

    /// <summary>The image that an ARN names, that of another account or Amazon's included; with wildcards or without a build number the newest
    /// available one. Null when there is none.</summary>
    Task<BuiltImage?> FindImageAsync(string arn, CancellationToken cancellationToken);

    /// <summary>Starts a build; the same client token again answers with the same build.</summary>
    /// <exception cref="BuildConflictException">Under that token a build was started with other tags.</exception>
    /// <exception cref="QuotaExceededException">As many builds run as may.</exception>
    /// <returns>The ARN of the image build version.</returns>
    Task<string> StartBuildAsync(string pipelineArn, string clientToken, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Adds or replaces tags of a build or a pipeline.</summary>
    Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Removes tags; a tag that is not there is no fault.</summary>
    Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Deletes the record of a build (not its images); a record that is not there any more is no fault.</summary>
    /// <returns>Why it is still there, when something in Image Builder needs it; null when it is gone.</returns>
    Task<string?> DeleteBuildAsync(string buildArn, CancellationToken cancellationToken);

    /// <summary>The versions of a container recipe that the stack made, in our own Region.</summary>
    /// <param name="name">As it was given when the recipe was created.</param>
    Task<IReadOnlyList<OwnRecipe>> ListOwnRecipesAsync(string name, CancellationToken cancellationToken);

    /// <summary>Deletes a version of a container recipe; one that no longer exists is not an error.</summary>
    /// <returns>Why it is still there, when something in Image Builder needs it; null when it is gone.</returns>
    Task<string?> DeleteRecipeAsync(string recipeArn, CancellationToken cancellationToken);

    /// <summary>The base image of every container recipe that the account has in a Region, our own or another.</summary>
    Task<IReadOnlyList<RecipeBase>> ListRecipeBasesAsync(string region, CancellationToken cancellationToken);
}

/// <summary>Where a build comes from, to tell whether it is ours.</summary>
/// <param name="IsContainer">False for an AMI.</param>
/// <param name="PipelineArn">Null for an image that was built without a pipeline.</param>
/// <param name="Repositories">Where it was pushed to or, before that, is to be pushed to; null: it cannot be told.</param>
public sealed record BuildOrigin(
    string Arn, bool IsContainer, string? PipelineArn, ImageVersion Version, string Status, IReadOnlyList<string>? Repositories = null);

/// <param name="Repositories">Where it was pushed to; null while that cannot be told.</param>
public sealed record BuildOutput(string Arn, ImageVersion Version, IReadOnlyList<string>? Repositories);

/// <param name="Arn">Of the build, without wildcards.</param>
/// <param name="Uris">Of its container image, in all Regions; empty where Image Builder names none.</param>
public sealed record BuiltImage(string Arn, DateTimeOffset? CreatedAt, IReadOnlyList<string> Uris);

/// <param name="ParentImage">As the recipe spells it; <see cref="Images.ParentImage"/> reads it.</param>
public sealed record RecipeBase(string RecipeArn, string ParentImage);
