using Automation.Core.Builds;

namespace Automation.Core.Retention;

/// <summary>
/// Decides which recipe versions of an image can be deleted. An update of the stack leaves the previous version, because a build of it may be
/// running. It is deleted after its builds are deleted.
/// </summary>
public static class RecipePlan
{
    /// <summary>The tag of a recipe that the stack created, with the hash of its content.</summary>
    public const string ContentTag = "automation:content";

    /// <param name="pipeline">The pipeline with its current recipe version.</param>
    /// <param name="builds">All builds of the pipeline, including running ones.</param>
    /// <param name="graceDays">How long older versions stay after the newest one appeared, because a deployment that rolls back needs the previous
    /// version.</param>
    public static IReadOnlyList<RecipeVerdict> Of(
        PipelineFacts pipeline, IReadOnlyList<OwnRecipe> recipes, IReadOnlyList<BuildRecord> builds, int graceDays, DateTimeOffset now)
    {
        var built = builds.Select(build => build.Version.Recipe).ToHashSet();
        var since = recipes.Where(recipe => recipe.Version >= pipeline.RecipeVersion).Select(recipe => (DateTimeOffset?)recipe.CreatedAt).Max();
        return [.. recipes.OrderBy(recipe => recipe.Version).Select(Judge)];

        RecipeVerdict Judge(OwnRecipe recipe)
        {
            RecipeVerdict Keep(ReasonCode code, string why) => new(recipe, false, new Reason(code, $"recipe {recipe.Version} {why}"));
            return recipe.Version == pipeline.RecipeVersion ? Keep(ReasonCode.CurrentRecipe, "is the pipeline's current version")
                : recipe.Version > pipeline.RecipeVersion
                    ? Keep(ReasonCode.NewerRecipe, $"is newer than {pipeline.RecipeVersion}, the pipeline's current version, so a deployment is in progress")
                : built.Contains(recipe.Version) ? Keep(ReasonCode.HasBuilds, "still has builds")
                : since is not { } time ? Keep(ReasonCode.CurrentUnknown, "stays because the pipeline's own recipe is not listed")
                : time.AddDays(graceDays) > now ? Keep(ReasonCode.RecipeGrace, $"was replaced less than {graceDays} days ago")
                : new RecipeVerdict(recipe, true,
                    new Reason(ReasonCode.RecipeSuperseded, $"recipe {recipe.Version} was replaced by {pipeline.RecipeVersion} and no longer has builds"));
        }
    }
}
