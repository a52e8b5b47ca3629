using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Aws;

/// <summary>The bases of the account's container recipes, in the Regions that the image is promoted to and in our own.</summary>
/// <remarks>
/// A recipe spells its base in one of these ways (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateContainerRecipe.html):
/// <code>
/// 123456789012.dkr.ecr.eu-west-1.amazonaws.com/images/app:1.0.0-3          also @sha256:…; names that Region's registry
/// images/app:latest                                                        the registry of the recipe's own Region
/// arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3            a build; 1.0.0 and x.x.x: the newest that fits
/// </code>
/// </remarks>
internal sealed class RecipeUsages(IImageBuilder imageBuilder, AwsScope scope) : IUsageSource
{
    private readonly Dictionary<string, IReadOnlyList<RecipeBase>> _recipes = new(StringComparer.Ordinal);

    public async Task<UsageAnswer> AskAsync(RetentionFacts facts, CancellationToken cancellationToken)
    {
        var usages = new List<Usage>();
        try
        {
            var digests = new Lazy<Dictionary<string, Digest>>(() => DigestsByTag(facts.Images));
            foreach (var region in facts.Image.Regions.Append(scope.Region).Distinct(StringComparer.Ordinal))
            {
                foreach (var recipe in await RecipesAsync(region, cancellationToken))
                {
                    if (Resolve(recipe, region, facts, digests) is { } digest)
                    {
                        usages.Add(new Usage(digest, "in-use", $"is the base of recipe {NameOf(recipe)} ({recipe.ParentImage})"));
                    }
                }
            }

            return new UsageAnswer(usages);
        }
        catch (PermanentException e)
        {
            return UsageAnswer.DoesNotKnow($"the container recipes could not be read: {e.Message}");
        }
    }

    private async Task<IReadOnlyList<RecipeBase>> RecipesAsync(string region, CancellationToken cancellationToken) =>
        _recipes.TryGetValue(region, out var recipes) ? recipes : _recipes[region] = await imageBuilder.ListRecipeBasesAsync(region, cancellationToken);

    /// <summary>The image that the recipe is built on, if it is one of this repository in this Region.</summary>
    /// <exception cref="PermanentException">Nobody knows what the text means, so it may mean one of ours.</exception>
    private Digest? Resolve(RecipeBase recipe, string region, RetentionFacts facts, Lazy<Dictionary<string, Digest>> digests)
    {
        if (recipe.ParentImage is ['a', 'r', 'n', ':', ..])
        {
            return NewestOf(recipe.ParentImage, facts.Builds)?.Digest;
        }

        if (!ImageReference.TryParse(recipe.ParentImage, out var reference))
        {
            throw new PermanentException($"recipe {NameOf(recipe)} names its base '{recipe.ParentImage}', which is no image reference.");
        }

        return reference.Repository == facts.Image.Repository && (reference.Registry is null ? region : scope.RegionOf(reference)) == facts.Region
            ? reference.Digest ?? digests.Value.GetValueOrDefault(reference.EffectiveTag!)
            : null;
    }

    // Of arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3 the Region does not matter: the image is the same everywhere.
    private static BuildRecord? NewestOf(string arn, IReadOnlyList<BuildRecord> builds)
    {
        var wanted = arn.Split(':', 6);
        if (wanted is not [_, _, _, _, var account, var path] || path.Split('/') is not ["image", var name, var version, .. var number])
        {
            return null;
        }

        var numbers = version.Split('.');
        return builds
            .Where(build => build.State.Succeeded() && build.Arn.Split(':', 6) is [_, _, _, _, var owner, var own]
                && owner == account && own.Split('/') is ["image", var builtName, var builtVersion, var builtNumber] && builtName == name
                && builtVersion.Split('.').Zip(numbers, (built, asked) => asked is "x" || asked == built).All(fits => fits)
                && (number is [] || number[0] is "x" || number[0] == builtNumber))
            .MaxBy(build => build.Version);
    }

    private static Dictionary<string, Digest> DigestsByTag(IReadOnlyList<StoredImage> images)
    {
        var digests = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            foreach (var tag in image.Tags)
            {
                digests[tag] = image.Digest;
            }
        }

        return digests;
    }

    // arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/app/1.0.0
    private static string NameOf(RecipeBase recipe) => recipe.RecipeArn[(recipe.RecipeArn.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
