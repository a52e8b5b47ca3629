using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Selects the builds to look up in Image Builder before a decision about one Region's repository.</summary>
/// <remarks>
/// Image Builder tags what it pushes with the build's version (<c>1.0.0-3</c>), whoever started the build: another pipeline with the same
/// recipe, another recipe that pushes to the same repository, or <c>CreateImage</c> without a pipeline. So a tag of this form proves
/// nothing unless a record of our pipeline explains it.
/// </remarks>
public static class BuildLookups
{
    /// <summary>
    /// The builds to look up, by recipe version in ascending order: those whose tags no pipeline record with the same digest explains. A record without a
    /// digest counts as the owner of its tag, but a build of another recipe with the same version may have taken over the tag.
    /// </summary>
    public static IReadOnlyDictionary<RecipeVersion, IReadOnlyList<ImageVersion>> Of(RetentionFacts facts)
    {
        var records = facts.Builds.ToLookup(build => build.Version);
        var versions = new SortedDictionary<RecipeVersion, IReadOnlyList<ImageVersion>>();
        foreach (var image in facts.Images)
        {
            foreach (var tag in image.Tags)
            {
                if (ImageVersion.TryParse(tag, out var version) && !records[version].Any(build => build.State.IsRunning() || build.Digest == image.Digest))
                {
                    if (!versions.TryGetValue(version.Recipe, out var builds))
                    {
                        versions[version.Recipe] = builds = new List<ImageVersion>();
                    }

                    ((List<ImageVersion>)builds).Add(version);
                }
            }
        }

        return versions;
    }
}
