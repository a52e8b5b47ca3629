using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// Finds the promoted builds whose tags are not where they belong: the version tags of each, and the floating tags that it owns, in every Region.
/// A first look on the tags by digest, which takes one call for each Region; what must be done about it is then planned on all the facts.
/// </summary>
public static class TagDrift
{
    /// <summary>The builds whose tags are compared. What retention is about to delete is left alone, unless it owns a floating tag by now.</summary>
    public static IReadOnlyList<BuildRecord> Compared(ImageSpec image, IReadOnlyList<BuildRecord> builds, Hold? hold)
    {
        var owners = FloatingTagOwners.Of(image, builds, hold).Values.Select(owner => owner.Version).ToHashSet();
        return
        [
            .. builds.Where(build => build is { State: BuildState.Available, Digest: not null }
                && (build.Release?.State == ReleaseState.Promoted || build.Version == hold?.Target)
                && (build.SupersededAt is null || owners.Contains(build.Version))).OrderBy(build => build.Version),
        ];
    }

    /// <param name="tags">For each Region the tags of the images that are there, by digest.</param>
    /// <returns>Of the compared builds those with a tag that is missing, or on another image.</returns>
    public static IReadOnlyList<BuildRecord> Find(
        ImageSpec image, IReadOnlyList<BuildRecord> builds, Hold? hold, IReadOnlyDictionary<string, IReadOnlyDictionary<Digest, IReadOnlyList<string>>> tags)
    {
        var owners = FloatingTagOwners.Of(image, builds, hold);
        return [.. Compared(image, builds, hold).Where(build => Differs(image, build, owners, tags))];
    }

    /// <summary>The tags that are not where they belong, for whoever asks how an image stands: what has to move, and what cannot.</summary>
    public static IReadOnlyList<(string Region, string Tag, Reason Reason)> Behind(ReleaseFacts facts) =>
    [
        .. Compared(facts.Image, facts.Builds, facts.Hold).Where(build => facts.Regions.ContainsKey(build.Version))
            .SelectMany(build => PromotionPlanner.PlanAll(facts.Regions[build.Version]))
            .SelectMany(plan => plan.Steps.Where(step => step.Action is TagAction.Put or TagAction.Conflict).Select(step => (plan.Region, step.Tag, step.Reason)))
            .DistinctBy(behind => (behind.Region, behind.Tag)),
    ];

    private static bool Differs(
        ImageSpec image, BuildRecord build, IReadOnlyDictionary<string, Candidate> owners, IReadOnlyDictionary<string, IReadOnlyDictionary<Digest, IReadOnlyList<string>>> tags)
    {
        var owned = owners.Where(owner => owner.Value.Version == build.Version).Select(owner => owner.Key).ToList();

        // An older build whose image somebody deleted in a Region is history: no tag can be put back on it.
        if (owned.Count == 0 && tags.Values.Any(region => !region.ContainsKey(build.Digest!)))
        {
            return false;
        }

        var expected = image.Promote.VersionTags.Select(template => template.Render(build.Version, build.CreatedAt, build.Digest!)).Concat(owned).ToList();
        return tags.Values.Any(region => region.GetValueOrDefault(build.Digest!) is not { } there || expected.Exists(tag => !there.Contains(tag)));
    }
}
