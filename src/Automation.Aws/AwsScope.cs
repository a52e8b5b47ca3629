using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Aws;

/// <summary>The partition, Region and account of the stack.</summary>
/// <param name="Partition"><c>aws</c>, <c>aws-cn</c>, …</param>
public sealed record AwsScope(string Partition, string Region, string AccountId)
{
    public string PipelineArn(string name) => $"arn:{Partition}:imagebuilder:{Region}:{AccountId}:image-pipeline/{name}";

    /// <summary>The ARN of a build in the stack's own Region and account.</summary>
    /// <param name="recipe">The recipe's name as written in ARNs.</param>
    public string BuildArn(string recipe, ImageVersion version) => $"{ImageArn(Region, recipe, version.Recipe)}/{version.Build}";

    /// <summary>The ARN of the image of a recipe version, without a build number.</summary>
    public string ImageArn(string region, string recipe, RecipeVersion version) =>
        $"arn:{Partition}:imagebuilder:{region}:{AccountId}:image/{recipe}/{version}";

    /// <summary>The Regions that an image is promoted to: those of the catalog, or the automation's own Region.</summary>
    public IReadOnlyList<string> RegionsOf(ImageSpec image) => image.Regions.Count == 0 ? [Region] : image.Regions;

    /// <summary>The Region whose registry holds the image, if it is a registry of this account; else null.</summary>
    public string? RegionOf(ImageReference reference) => reference switch
    {
        { Registry: null } => Region,
        { AccountId: { } account } when account == AccountId => reference.Region,
        _ => null,
    };
}
