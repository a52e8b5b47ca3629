using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>One image of the catalog with all its rules. Defaults are already merged in.</summary>
public sealed record ImageSpec
{
    /// <summary>At most 32 lower-case letters, digits and '-', because it becomes part of execution, pipeline and recipe names.</summary>
    public required string Name { get; init; }

    /// <summary>The base image. A defined pipeline always has one; for an adopted pipeline it may be null, and the recipe then names the base.</summary>
    public ImageReference? From { get; init; }

    /// <summary>The base if <c>from</c> is a parameter or an Image Builder image. <see cref="From"/> is then null.</summary>
    public ParentImage? Parent { get; init; }

    /// <summary>The base as written in the catalog; null if an adopted pipeline leaves it to its recipe.</summary>
    public string? BaseText => From?.ToString() ?? Parent?.Text;

    /// <summary>The repository that receives the builds. It has the same name in every Region.</summary>
    public required string Repository { get; init; }

    /// <summary>The Regions to promote to. Empty means only the Region of the stack.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    public required PipelineSpec Pipeline { get; init; }

    public BuildRules Build { get; init; } = new();

    public PromotionRules Promote { get; init; } = new();

    public RetentionRules Retain { get; init; } = new();

    /// <summary>Precedes the names of everything that the CDK app creates for the image: <c>dev-</c>, or nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The name of the Image Builder pipeline: the adopted one's own, or the image's. A defined recipe has the same name.</summary>
    public string PipelineName => Pipeline switch
    {
        PipelineSpec.Adopted adopted => adopted.Name,
        _ => Prefix + Name,
    };

    /// <summary>The name of the container recipe; null if an adopted pipeline may have any recipe.</summary>
    public string? RecipeName => Pipeline is PipelineSpec.Adopted adopted ? adopted.Recipe : PipelineName;

    /// <summary>What the image is built from according to the catalog: the base and the watched repositories.</summary>
    public IEnumerable<ImageReference> MadeFrom => WatchedRepositories.Prepend(From).OfType<ImageReference>();

    public IEnumerable<ImageReference> WatchedRepositories => Build.Watch.Select(watched => ImageReference.Local(watched.Repository)).Distinct();

    /// <summary>Whether the reference names the repository that receives this image's builds, in a Region of the image. The same name in
    /// another account's registry is another repository.</summary>
    /// <param name="account">The account of the stack; null if unknown, and then only a reference without a host matches.</param>
    public bool PublishesTo(ImageReference reference, string? account, string? region) =>
        reference.Repository == Repository
        && (reference.Registry is null
            || (reference.AccountId is { } owner && owner == account && (reference.Region == region || Regions.Contains(reference.Region!))));

    /// <summary>The version tags and floating tags that a promotion writes.</summary>
    public IEnumerable<TagTemplate> AllTags => Promote.VersionTags.Concat(Promote.FloatingTags);
}
