using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>
/// The promotion status of the build whose image is under a floating tag. The tag alone does not prove that a gate passed: the distribution
/// configuration of an adopted pipeline may move it before the gate, and so may anybody with permission to push.
/// </summary>
public abstract record PromotionStatus
{
    private PromotionStatus()
    {
    }

    /// <summary>The build is promoted, or its promotion has passed gate, approval and soak and is moving the tags.</summary>
    public sealed record Promoted : PromotionStatus;

    /// <summary>The build's release is still open.</summary>
    /// <param name="Why">Completes "which …".</param>
    public sealed record Pending(string Why) : PromotionStatus;

    /// <summary>The build passed no gate or was rolled back, or no build of the image has this digest.</summary>
    /// <param name="Why">Completes "which …".</param>
    public sealed record NotPromoted(string Why) : PromotionStatus;

    public static PromotionStatus Of(TagOwner owner, Digest digest, DateTimeOffset now)
    {
        if (owner.Unreadable is { } unreadable)
        {
            return new NotPromoted($"has an unknown promotion status: {HumanText.Clause(unreadable)}");
        }

        // Somebody may have moved the version's tag to other bytes, so the recorded digest takes precedence. Two builds can have the same bytes.
        var builds = owner.Builds.Where(build => build.Digest is { } known ? known == digest : build.Version == owner.Version)
            .OrderByDescending(build => build.Version).ToList();
        if (builds.Exists(build => IsPromoted(owner.Image.Promote, build, digest, now)))
        {
            return new Promoted();
        }

        return builds switch
        {
            [] => new NotPromoted($"does not come from a build of {owner.Image.Name}"),
            _ when builds.Find(IsPending) is { } pending => new Pending($"is build {pending.Version} of {owner.Image.Name}, whose release is still open"),
            [var build, ..] => new NotPromoted($"is build {build.Version} of {owner.Image.Name}, which {Describe(build)}"),
        };
    }

    private static bool IsPromoted(PromotionRules rules, BuildRecord build, Digest digest, DateTimeOffset now) => build switch
    {
        { Release.State: ReleaseState.Promoted } => true,
        { Release: { State: ReleaseState.Running } mark, ClearedAt: not null, VersionTagsAt: { } tagged } =>
            (build.ClearedDigest is null || build.ClearedDigest == digest) && (mark.Explicit || tagged.AddHours(rules.SoakHours) <= now),
        _ => false,
    };

    private static bool IsPending(BuildRecord build) => build.Release switch
    {
        null => !build.State.WentWrong() && !build.IsReleaseUnreadable,
        { State: ReleaseState.Running } => true,
        _ => false,
    };

    private static string Describe(BuildRecord build) => build.Release?.State switch
    {
        ReleaseState.Blocked => "the scan gate blocked",
        ReleaseState.Rejected => "nobody approved",
        ReleaseState.RolledBack => "was rolled back",
        ReleaseState.Held => "is held back from its floating tags",
        ReleaseState.Overtaken => "a newer build overtook",
        ReleaseState.Missing => "is not in every Region",
        null when build.IsReleaseUnreadable => $"has an unknown promotion status: correct or remove its tag {BuildTags.Release}",
        _ => "was never promoted",
    };
}
