using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Tells the tags that the automation and its pipeline make from those that somebody else put on an image.</summary>
/// <remarks>
/// Ours are the version and floating tags of the catalog as it is now, the templates that it names as former, and the container tags of a
/// pipeline that the catalog defines. Those of an adopted pipeline are its owner's: they move to each new build, so they are on the newest, which
/// is kept anyway. A template of an earlier catalog that nobody names is not known, and its tags count as foreign: they keep images that
/// could go, which is shown in the plan and can be mended, while an image that somebody needed could not be brought back.
/// </remarks>
internal sealed class OwnTags(RetentionFacts facts)
{
    private readonly IReadOnlyList<TagTemplate> _templates = [.. facts.Image.AllTags, .. facts.Image.Retain.FormerTags];
    private readonly IReadOnlyList<string> _distributed = (facts.Image.Pipeline as PipelineSpec.Defined)?.ContainerTags ?? [];

    /// <param name="tag">Not of the form <c>1.0.0-3</c>: whose such a tag is says the build that it names.</param>
    public bool IsForeign(ImageNode image, string tag) =>
        (image.Builds is null || facts.Image.Retain.ForeignTags == ForeignTags.Keep)
        && Digest.OfReferrerTag(tag) is null
        && !(tag == Placeholder.Tag && image.Builds is null)
        && !_distributed.Contains(tag)
        && !_templates.Any(template => template.Matches(tag, image.Digest));
}
