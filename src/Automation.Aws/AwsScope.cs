using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Aws;

/// <summary>Where the automation runs.</summary>
/// <param name="Partition"><c>aws</c>, <c>aws-cn</c>, …</param>
public sealed record AwsScope(string Partition, string Region, string AccountId)
{
    public string PipelineArn(string name) => $"arn:{Partition}:imagebuilder:{Region}:{AccountId}:image-pipeline/{name}";

    /// <summary>The record of a build that was started here.</summary>
    /// <param name="recipe">As ARNs spell it.</param>
    public string BuildArn(string recipe, ImageVersion version) => $"{ImageArn(Region, recipe, version.Recipe)}/{version.Build}";

    /// <summary>What a recipe version makes; its builds are numbered below it.</summary>
    public string ImageArn(string region, string recipe, RecipeVersion version) => $"arn:{Partition}:imagebuilder:{region}:{AccountId}:image/{recipe}/{version}";

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
