using System.Text.Json.Nodes;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal;

/// <summary>A repository that images are built from and that no image of the catalog publishes to.</summary>
/// <param name="Tags">The tags that a push moves.</param>
/// <param name="Pushes">When its images were pushed, oldest first; children of an index and referrers do not count.</param>
internal sealed record Base(string Region, string Repository, IReadOnlyList<string> Tags, IReadOnlyList<DateTimeOffset> Pushes)
{
    /// <summary>Fewer pushes show no rhythm.</summary>
    private const int FewestPushes = 3;

    private static readonly TimeSpan ShortestRhythm = TimeSpan.FromHours(1);

    /// <summary>The median time between two pushes; null if too few are known.</summary>
    public TimeSpan? Rhythm
    {
        get
        {
            if (Pushes.Count < FewestPushes)
            {
                return null;
            }

            var gaps = Pushes.Zip(Pushes.Skip(1), (earlier, later) => later - earlier).Order().ToList();
            var median = gaps[gaps.Count / 2];
            return median < ShortestRhythm ? ShortestRhythm : median;
        }
    }

    /// <summary>When it is pushed between two times if it keeps its rhythm.</summary>
    public IEnumerable<DateTimeOffset> Expected(DateTimeOffset from, DateTimeOffset to)
    {
        if (Rhythm is { } rhythm)
        {
            // A push that is overdue comes first; the next one follows a whole interval later.
            var next = Pushes[^1] + rhythm;
            for (var at = next < from ? from : next; at < to; at += rhythm)
            {
                yield return at;
            }
        }
    }

    public static IReadOnlyList<Base> Of(AccountState state, ImageCatalog catalog)
    {
        var own = catalog.Images.Select(image => image.Repository).ToHashSet(StringComparer.Ordinal);
        var parents = state.Recipes.Where(recipe => recipe["targetRepository"] is not null).Select(recipe => recipe["parentImage"]?.ToString())
            .Concat(state.Parameters.Values).Select(parent => ParentImage.Parse(parent).Reference).OfType<ImageReference>();
        var named = catalog.Images.Select(image => image.From).OfType<ImageReference>().Concat(parents)
            .Where(reference => reference.EffectiveTag is not null)
            .Select(reference => (Region: RegionOf(reference, state), reference.Repository, Tag: reference.EffectiveTag!))
            .Where(reference => reference.Region is not null)
            .ToLookup(reference => (reference.Region!, reference.Repository), reference => reference.Tag);
        return
        [
            .. from registry in state.Registries
               from repository in registry.Repositories
               let name = repository.Description["repositoryName"]!.ToString()
               where !own.Contains(name)
               let images = Pushed(repository)
               let tags = named[(registry.Region, name)].Distinct(StringComparer.Ordinal).ToList()
               select new Base(
                   registry.Region, name, tags.Count > 0 ? tags : TagsOf(images.LastOrDefault()),
                   [.. images.Select(image => AccountImport.PushedAt(image)).Order()]),
        ];
    }

    private static string? RegionOf(ImageReference reference, AccountState state) => reference switch
    {
        { Registry: null } => state.Region,
        { AccountId: { } account } when account == state.AccountId => reference.Region,
        _ => null,
    };

    private static List<ReadImage> Pushed(ReadRepository repository)
    {
        var children = repository.Images.SelectMany(image => JsonNode.Parse(image.Manifest ?? "{}")?["manifests"] as JsonArray ?? [])
            .Select(child => child!["digest"]!.ToString()).ToHashSet(StringComparer.Ordinal);
        return [.. repository.Images
            .Where(image => !children.Contains(image.Detail["imageDigest"]!.ToString()) && image.Detail["subjectManifestDigest"] is null)
            .OrderBy(AccountImport.PushedAt)];
    }

    private static IReadOnlyList<string> TagsOf(ReadImage? image) =>
        [.. (image?.Detail["imageTags"] as JsonArray ?? []).Select(tag => tag!.ToString())];
}
