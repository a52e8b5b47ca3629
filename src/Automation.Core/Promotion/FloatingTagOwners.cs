using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// The desired state of the floating tags: the build that owns each of them. It is a pure function of the marks on the builds and the hold
/// on the pipeline, so every caller gets the same answer, whatever happened before.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>The newest promoted build that is still AVAILABLE owns every floating tag that it renders. A DEPRECATED or DISABLED build,
/// or one without a record, owns nothing.</item>
/// <item>A rollback's hold names a target. While the hold is set, the target owns its tags and no newer build owns any. If the target is
/// no longer AVAILABLE, the next older promoted build takes its place.</item>
/// <item>A build whose mark or digest cannot be read may be the owner. Until a person corrects it, no tag moves to an older build.</item>
/// <item>A build whose recorded digest did not pass gate and approval owns nothing.</item>
/// </list>
/// </remarks>
public static class FloatingTagOwners
{
    /// <param name="builds">All build versions of the image, in any order.</param>
    /// <param name="hold">The hold on the pipeline; null if an explicit promotion ends it.</param>
    /// <returns>The owner of each tag. A tag without an owner has no entry.</returns>
    public static IReadOnlyDictionary<string, Candidate> Of(ImageSpec image, IEnumerable<BuildRecord> builds, Hold? hold)
    {
        var owners = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        foreach (var build in builds.Where(build => CanOwn(build, hold)).OrderBy(build => build.Version))
        {
            var owner = new Candidate(build.Version, build.Digest!, build.CreatedAt);
            foreach (var template in image.Promote.FloatingTags)
            {
                owners[template.Render(owner.Version, owner.BuiltAt, owner.Digest)] = owner;
            }
        }

        return owners;
    }

    /// <summary>The floating tags that a build renders, in the order of the catalog.</summary>
    public static IEnumerable<string> TagsOf(ImageSpec image, Candidate build) => image.Promote.FloatingTags
        .Select(template => template.Render(build.Version, build.BuiltAt, build.Digest)).Distinct(StringComparer.Ordinal);

    /// <summary>The newest build that may own the floating tags of an older one: its mark, or the digest of its promotion, cannot be read.</summary>
    /// <returns>Null if every newer build can be read. Then only the marks decide.</returns>
    public static BuildRecord? Hidden(IEnumerable<BuildRecord> builds, Hold? hold, ImageVersion owner) => builds
        .Where(build => build.State == BuildState.Available && build.Version > owner && (hold?.Target is not { } target || build.Version <= target)
            && (build.IsReleaseUnreadable || build is { IsDigestUnreadable: true, Release.State: ReleaseState.Promoted }))
        .MaxBy(build => build.Version);

    private static bool CanOwn(BuildRecord build, Hold? hold) =>
        build is { State: BuildState.Available, Digest: not null }
        && (build.ClearedDigest is null || build.ClearedDigest == build.Digest)
        && (hold?.Target is not { } target || build.Version <= target)
        && (build.Release?.State == ReleaseState.Promoted || build.Version == hold?.Target);
}
