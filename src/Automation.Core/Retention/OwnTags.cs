using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Distinguishes the tags of Automation and its pipeline from foreign tags.</summary>
/// <remarks>
/// Own tags match the version and floating tags of the catalog, its former templates, or the container tags of a defined
/// pipeline. Container tags of an adopted pipeline are foreign: they move to each new build, and the newest build is kept anyway. A
/// former template that the catalog does not list is unknown, so its tags count as foreign. They keep images that could be deleted. The plan shows
/// that and the catalog can fix it, whereas a deleted image that somebody needs could not be restored.
/// </remarks>
internal sealed class OwnTags(RetentionFacts facts)
{
    private readonly IReadOnlyList<TagTemplate> _templates = [.. facts.Image.AllTags, .. facts.Image.Retain.FormerTags];
    private readonly IReadOnlyList<string> _distributed = (facts.Image.Pipeline as PipelineSpec.Defined)?.ContainerTags ?? [];

    /// <param name="tag">A tag that is not of the form <c>1.0.0-3</c>; the owner of such a tag is the owner of the build.</param>
    public bool IsForeign(ImageNode image, string tag) =>
        (image.Builds is null || facts.Image.Retain.ForeignTags == ForeignTags.Keep)
        && Digest.OfReferrerTag(tag) is null
        && !(tag == Placeholder.Tag && image.Builds is null)
        && !_distributed.Contains(tag)
        && !_templates.Any(template => template.Matches(tag, image.Digest));
}
