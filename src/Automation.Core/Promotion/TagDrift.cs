using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// Finds promoted builds with tags that are missing or on another image: the version tags of each build and the floating tags that it owns, in every
/// Region. It compares tags by digest, which takes one call per Region. The planner then decides from the full facts what to do.
/// </summary>
public static class TagDrift
{
    /// <summary>The builds to compare. Excludes builds that retention is about to delete, unless they own a floating tag by now.</summary>
    public static IReadOnlyList<BuildRecord> Compared(ImageSpec image, IReadOnlyList<BuildRecord> builds, Hold? hold) =>
        Compared(builds, hold, FloatingTagOwners.Of(image, builds, hold));

    /// <param name="tags">For each Region, the tags of its images by digest.</param>
    /// <returns>The compared builds with a tag that is missing or on another image.</returns>
    public static IReadOnlyList<BuildRecord> Find(
        ImageSpec image, IReadOnlyList<BuildRecord> builds, Hold? hold, IReadOnlyDictionary<string, IReadOnlyDictionary<Digest, IReadOnlyList<string>>> tags)
    {
        var owners = FloatingTagOwners.Of(image, builds, hold);
        return [.. Compared(builds, hold, owners).Where(build => Differs(image, build, owners, tags))];
    }

    /// <summary>The tags that are not where they belong, for the status report: those that must move and those that cannot.</summary>
    public static IReadOnlyList<(string Region, string Tag, Reason Reason)> Behind(ReleaseFacts facts) =>
    [
        .. Compared(facts.Image, facts.Builds, facts.Hold).Where(build => facts.Regions.ContainsKey(build.Version))
            .SelectMany(build => PromotionPlanner.PlanAll(facts.Regions[build.Version]))
            .SelectMany(
                plan => plan.Steps.Where(step => step.Action is TagAction.Put or TagAction.Conflict).Select(step => (plan.Region, step.Tag, step.Reason)))
            .DistinctBy(behind => (behind.Region, behind.Tag)),
    ];

    private static IReadOnlyList<BuildRecord> Compared(IReadOnlyList<BuildRecord> builds, Hold? hold, IReadOnlyDictionary<string, Candidate> owners) =>
    [
        .. builds.Where(build => build is { State: BuildState.Available, Digest: not null }
            && (build.Release?.State == ReleaseState.Promoted || build.Version == hold?.Target)
            && (build.SupersededAt is null || owners.Values.Any(owner => owner.Version == build.Version))).OrderBy(build => build.Version),
    ];

    private static bool Differs(
        ImageSpec image, BuildRecord build, IReadOnlyDictionary<string, Candidate> owners,
        IReadOnlyDictionary<string, IReadOnlyDictionary<Digest, IReadOnlyList<string>>> tags)
    {
        var owned = owners.Where(owner => owner.Value.Version == build.Version).Select(owner => owner.Key).ToList();

        // If somebody deleted an older build's image in a Region, its tags cannot be restored there.
        if (owned.Count == 0 && tags.Values.Any(region => !region.ContainsKey(build.Digest!)))
        {
            return false;
        }

        var expected = image.Promote.VersionTags.Select(template => template.Render(build.Version, build.CreatedAt, build.Digest!)).Concat(owned).ToList();
        return tags.Values.Any(region => region.GetValueOrDefault(build.Digest!) is not { } there || expected.Exists(tag => !there.Contains(tag)));
    }
}
