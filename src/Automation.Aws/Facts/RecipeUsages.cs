using System.Collections.Concurrent;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Aws.Facts;

/// <summary>The bases of the account's container recipes, in the Regions that the image is promoted to and in our own.</summary>
internal sealed class RecipeUsages(IImageBuilder imageBuilder, AwsScope scope, IParameters? parameters) : IUsageSource
{
    // By Region. Images that are planned at the same time wait for one reading.
    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<RecipeBase>>>> _recipes = new(StringComparer.Ordinal);

    public async Task<UsageAnswer> AskAsync(RetentionFacts facts, CancellationToken cancellationToken)
    {
        var usages = new List<Usage>();
        try
        {
            var tagged = new List<(string Tag, string Why)>();
            var builds = new Lazy<ILookup<(string, string), BuildRecord>>(() => NewestFirst(facts.Builds));
            foreach (var region in facts.Image.Regions.Append(scope.Region).Distinct(StringComparer.Ordinal))
            {
                foreach (var recipe in await RecipesAsync(region, cancellationToken))
                {
                    var why = $"is the base of recipe {NameOf(recipe)} ({recipe.ParentImage})";
                    switch (await NamedAsync(recipe, region, cancellationToken))
                    {
                        case ParentImage.RegistryImage(_, var image):
                            if (IsHere(image, facts))
                            {
                                if (image.Digest is { } digest)
                                {
                                    usages.Add(new Usage(digest, ReasonCode.InUse, why));
                                }
                                else
                                {
                                    tagged.Add((image.EffectiveTag!, why));
                                }
                            }

                            break;
                        case ParentImage.ImageBuilderImage named:
                            if (BuildOf(named, builds) is { } build)
                            {
                                usages.Add(new Usage(null, ReasonCode.InUse, why, build.Arn));
                            }

                            break;
                        case var unknown:
                            // It may refer to one of our images.
                            throw new PermanentException($"recipe {NameOf(recipe)} names its base '{unknown}', which {unknown.Location}.");
                    }
                }
            }

            var digests = facts.DigestsOf(tagged.Select(each => each.Tag).ToHashSet(StringComparer.Ordinal));
            usages.AddRange(tagged.Where(each => digests.ContainsKey(each.Tag)).Select(each => new Usage(digests[each.Tag], ReasonCode.InUse, each.Why)));
            return new UsageAnswer(usages);
        }
        catch (PermanentException e)
        {
            return UsageAnswer.DoesNotKnow($"the container recipes could not be read: {e.Message}");
        }
    }

    private async Task<IReadOnlyList<RecipeBase>> RecipesAsync(string region, CancellationToken cancellationToken)
    {
        var reading = _recipes.GetOrAdd(region, _ => new(() => imageBuilder.ListRecipeBasesAsync(region, cancellationToken)));
        try
        {
            return await reading.Value;
        }
        catch (AutomationException)
        {
            // The next image or Region reads again.
            _recipes.TryRemove(KeyValuePair.Create(region, reading));
            throw;
        }
    }

    /// <summary>The recipe's base. A parameter of the stack's own Region is resolved to its current value.</summary>
    private async Task<ParentImage> NamedAsync(RecipeBase recipe, string region, CancellationToken cancellationToken)
    {
        var named = ParentImage.Parse(recipe.ParentImage);
        return named is ParentImage.Parameter parameter && parameters is not null && region == scope.Region
            && await parameters.FindAsync(parameter.NameOrArn, cancellationToken) is { } found
                ? ParentImage.Parse(found.Value.Trim())
                : named;
    }

    private bool IsHere(ImageReference image, RetentionFacts facts) =>
        image.Repository == facts.Image.Repository && scope.RegionOf(image) == facts.Region;

    /// <summary>The build that the recipe builds on, if it is one of the image's: the named one, or the newest matching one that succeeded.</summary>
    private static BuildRecord? BuildOf(ParentImage.ImageBuilderImage named, Lazy<ILookup<(string, string), BuildRecord>> builds) =>
        builds.Value[(named.Owner, named.Name)].FirstOrDefault(own =>
            named.Version.Matches(own.Version) && (named.Version.Build is not null || own.State.Succeeded()));

    /// <summary>Compares account and name. In arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3 the Region does not matter: the image is
    /// the same everywhere.</summary>
    private static ILookup<(string Account, string Name), BuildRecord> NewestFirst(IReadOnlyList<BuildRecord> builds) => builds
        .OrderByDescending(build => build.Version)
        .ToLookup(build => build.Arn.Split(':', 6) is [_, _, _, _, var account, var path] ? (account, path.Split('/')[1]) : ("", ""));

    // arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/app/1.0.0
    private static string NameOf(RecipeBase recipe) => recipe.RecipeArn[(recipe.RecipeArn.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
