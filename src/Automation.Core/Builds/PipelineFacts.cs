using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <param name="ParentImage">As written in the container recipe; see <see cref="Parent"/>.</param>
/// <param name="DisabledAfter">The number of consecutive failures after which Image Builder disabled the pipeline; null if it did not.</param>
/// <param name="Recipe">The container recipe's name as written in its ARN; null if the pipeline does not exist.</param>
public sealed record PipelineFacts(
    string Arn, string Name, bool Enabled, RecipeVersion RecipeVersion, string ParentImage, Hold? Hold = null, int? DisabledAfter = null, string? Recipe = null)
{
    /// <summary>False if the pipeline does not exist or builds no container. Then nothing else is known about it.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>The pipeline's distribution configuration; null if it has none. Image Builder then adds only its own tags.</summary>
    public string? DistributionArn { get; init; }

    /// <summary>The tags that an adopted pipeline's distribution configuration puts on each build in the image's repository, before any
    /// gate. Not read for pipelines of the stack, because the catalog check covers them.</summary>
    public IReadOnlyList<string> ContainerTags { get; init; } = [];

    /// <summary>Why <see cref="ContainerTags"/> could not be read; null if they were.</summary>
    public string? DistributionUnreadable { get; init; }

    /// <summary>The hash of the recipe's content, from its tag; null for recipes of other owners.</summary>
    public string? RecipeContent { get; init; }

    /// <summary>The parsed <see cref="ParentImage"/>.</summary>
    public ParentImage Parent => Images.ParentImage.Parse(ParentImage);

    public static PipelineFacts Missing(string nameOrArn) => new("", nameOrArn, false, new RecipeVersion(0, 0, 0), "") { Exists = false };
}
