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
    /// The numbers of the builds to look up, by recipe version in ascending order: those whose tags no pipeline record with the same digest explains. A
    /// record without a digest counts as the owner of its tag, but a build of another recipe with the same version may have taken over the tag.
    /// </summary>
    /// <remarks>Numbers, because a version object for each of half a million tags would take more memory than the images.</remarks>
    public static IReadOnlyDictionary<RecipeVersion, IReadOnlyList<int>> Of(RetentionFacts facts)
    {
        var records = facts.Builds.ToLookup(build => (build.Version.Major, build.Version.Minor, build.Version.Patch, build.Version.Build));
        var numbers = new Dictionary<(int Major, int Minor, int Patch), List<int>>();
        foreach (var image in facts.Images)
        {
            foreach (var tag in image.Tags)
            {
                if (ImageVersion.TryRead(tag, out var recipe, out var number) && !IsExplained(recipe, number, image.Digest))
                {
                    if (!numbers.TryGetValue(recipe, out var builds))
                    {
                        numbers[recipe] = builds = [];
                    }

                    builds.Add(number);
                }
            }
        }

        return new SortedDictionary<RecipeVersion, IReadOnlyList<int>>(
            numbers.ToDictionary(pair => new RecipeVersion(pair.Key.Major, pair.Key.Minor, pair.Key.Patch), pair => (IReadOnlyList<int>)pair.Value));

        bool IsExplained((int Major, int Minor, int Patch) recipe, int number, Digest digest)
        {
            foreach (var build in records[(recipe.Major, recipe.Minor, recipe.Patch, number)])
            {
                if (build.State.IsRunning() || build.Digest == digest)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
