using System.Globalization;
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
            var digests = new Lazy<Dictionary<string, Digest>>(facts.DigestsByTag);
            var builds = new Lazy<ILookup<(string, string), BuildRecord>>(() => NewestFirst(facts.Builds));
            foreach (var region in facts.Image.Regions.Append(scope.Region).Distinct(StringComparer.Ordinal))
            {
                foreach (var recipe in await RecipesAsync(region, cancellationToken))
                {
                    var why = $"is the base of recipe {NameOf(recipe)} ({recipe.ParentImage})";
                    if (recipe.ParentImage is ['a', 'r', 'n', ':', ..])
                    {
                        if (BuildOf(recipe, builds) is { } build)
                        {
                            usages.Add(new Usage(null, "in-use", why, build.Arn));
                        }
                    }
                    else if (DigestOf(recipe, region, facts, digests) is { } digest)
                    {
                        usages.Add(new Usage(digest, "in-use", why));
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
    private Digest? DigestOf(RecipeBase recipe, string region, RetentionFacts facts, Lazy<Dictionary<string, Digest>> digests)
    {
        if (!ImageReference.TryParse(recipe.ParentImage, out var reference))
        {
            throw new PermanentException($"recipe {NameOf(recipe)} names its base '{recipe.ParentImage}', which is no image reference.");
        }

        return reference.Repository == facts.Image.Repository && (reference.Registry is null ? region : scope.RegionOf(reference)) == facts.Region
            ? reference.Digest ?? digests.Value.GetValueOrDefault(reference.EffectiveTag!)
            : null;
    }

    /// <summary>The build that the recipe is built on, if it is one of the image's.</summary>
    /// <exception cref="PermanentException">Nobody knows what the text means, so it may mean one of ours.</exception>
    private static BuildRecord? BuildOf(RecipeBase recipe, Lazy<ILookup<(string, string), BuildRecord>> builds)
    {
        if (recipe.ParentImage.Split(':', 6) is not [_, _, "imagebuilder", _, var account, var path]
            || path.Split('/') is not ["image", var name, var version, .. { Length: <= 1 } number]
            || version.Split('.') is not [var major, var minor, var patch]
            || !new[] { major, minor, patch }.Concat(number).All(part => part is "x" || int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            throw new PermanentException($"recipe {NameOf(recipe)} names its base '{recipe.ParentImage}', which is no build of Image Builder.");
        }

        var build = number is [] ? "x" : number[0];
        return builds.Value[(account, name)].FirstOrDefault(own =>
            Fits(major, own.Version.Major) && Fits(minor, own.Version.Minor) && Fits(patch, own.Version.Patch) && Fits(build, own.Version.Build)
            && (build is not "x" || own.State.Succeeded()));
    }

    private static bool Fits(string asked, int built) => asked is "x" || int.Parse(asked, CultureInfo.InvariantCulture) == built;

    /// <summary>By account and name. Of arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3 the Region does not matter: the image is
    /// the same everywhere.</summary>
    private static ILookup<(string Account, string Name), BuildRecord> NewestFirst(IReadOnlyList<BuildRecord> builds) => builds
        .OrderByDescending(build => build.Version)
        .ToLookup(build => build.Arn.Split(':', 6) is [_, _, _, _, var account, var path] ? (account, path.Split('/')[1]) : ("", ""));

    // arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/app/1.0.0
    private static string NameOf(RecipeBase recipe) => recipe.RecipeArn[(recipe.RecipeArn.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
