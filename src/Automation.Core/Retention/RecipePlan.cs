using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>A version of the container recipe that the stack made for an image.</summary>
public sealed record OwnRecipe(string Arn, RecipeVersion Version, DateTimeOffset CreatedAt);

/// <summary>What becomes of a recipe version, with the reason.</summary>
public sealed record RecipeVerdict(OwnRecipe Recipe, bool Delete, Reason Reason);

/// <summary>
/// Which recipe versions of an image can be deleted. An update of the stack leaves the recipe before, because a build of it may be running;
/// it goes when its builds are gone.
/// </summary>
public static class RecipePlan
{
    /// <summary>The tag of a recipe that the stack made: the hash of its content.</summary>
    public const string ContentTag = "automation:content";

    /// <param name="pipeline">With the version that it builds now.</param>
    /// <param name="builds">All builds of the pipeline, running ones too.</param>
    /// <param name="graceDays">How long after the newest version came the others stay: a deployment that is rolled back needs the one before.</param>
    public static IReadOnlyList<RecipeVerdict> Of(
        PipelineFacts pipeline, IReadOnlyList<OwnRecipe> recipes, IReadOnlyList<BuildRecord> builds, int graceDays, DateTimeOffset now)
    {
        var built = builds.Select(build => build.Version.Recipe).ToHashSet();
        var since = recipes.Where(recipe => recipe.Version >= pipeline.RecipeVersion).Select(recipe => (DateTimeOffset?)recipe.CreatedAt).Max();
        return [.. recipes.OrderBy(recipe => recipe.Version).Select(Judge)];

        RecipeVerdict Judge(OwnRecipe recipe)
        {
            RecipeVerdict Keep(ReasonCode code, string why) => new(recipe, false, new Reason(code, $"recipe {recipe.Version} {why}"));
            return recipe.Version == pipeline.RecipeVersion ? Keep(ReasonCode.CurrentRecipe, "is what the pipeline builds")
                : recipe.Version > pipeline.RecipeVersion ? Keep(ReasonCode.NewerRecipe, $"is newer than {pipeline.RecipeVersion}, which the pipeline builds: a deployment is not at its end")
                : built.Contains(recipe.Version) ? Keep(ReasonCode.HasBuilds, "has builds still")
                : since is not { } time ? Keep(ReasonCode.CurrentUnknown, "stays because the pipeline's own recipe is not listed")
                : time.AddDays(graceDays) > now ? Keep(ReasonCode.RecipeGrace, $"was replaced less than {graceDays} days ago")
                : new RecipeVerdict(recipe, true, new Reason(ReasonCode.RecipeSuperseded, $"recipe {recipe.Version} was replaced by {pipeline.RecipeVersion} and has no builds any more"));
        }
    }
}
