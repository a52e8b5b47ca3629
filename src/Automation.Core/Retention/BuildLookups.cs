using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Which builds have to be looked up in Image Builder before anything is decided on one Region's repository.</summary>
/// <remarks>
/// Image Builder tags what it pushes with the build's version (<c>1.0.0-3</c>), whoever started the build: another pipeline with the same
/// recipe, another recipe that pushes to the same repository, or <c>CreateImage</c> without a pipeline. So a tag of this form proves
/// nothing unless a record of our pipeline explains it.
/// </remarks>
public static class BuildLookups
{
    /// <summary>
    /// By recipe version, ascending: the builds whose tags no record of the pipeline explains by its digest. A record without a digest claims
    /// whatever is under its tag, and a build of another recipe with the same number may have taken that tag over; so it is looked up too.
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
