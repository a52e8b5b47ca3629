using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The image of the catalog whose floating tag another image is built on or watches.</summary>
/// <param name="Builds">One for each version.</param>
/// <param name="Version">Of Image Builder's own tag (<c>1.0.0-3</c>) on the image that is under the floating tag; null: it has none.</param>
/// <param name="Unreadable">Why the builds could not be read; null: they were.</param>
public sealed record TagOwner(ImageSpec Image, IReadOnlyList<BuildRecord> Builds, ImageVersion? Version = null, string? Unreadable = null);

/// <summary>
/// What became of the build whose image is under a floating tag. A tag alone says nothing about a gate: the distribution configuration of an adopted
/// pipeline may move it before the gate is asked, and so may anybody who may push.
/// </summary>
public abstract record TagStanding
{
    private TagStanding()
    {
    }

    /// <summary>It is promoted, or its promotion is past gate, approval and soak and moves the tags now.</summary>
    public sealed record Promoted : TagStanding;

    /// <summary>Its release is not decided yet.</summary>
    /// <param name="Why">Completes "which …".</param>
    public sealed record Pending(string Why) : TagStanding;

    /// <summary>It passed no gate, or was taken back, or no build of the image made it.</summary>
    /// <param name="Why">Completes "which …".</param>
    public sealed record NotPromoted(string Why) : TagStanding;

    public static TagStanding Of(TagOwner owner, Digest digest, DateTimeOffset now)
    {
        if (owner.Unreadable is { } unreadable)
        {
            return new NotPromoted($"cannot be told to be promoted: {HumanText.Clause(unreadable)}");
        }

        // The tag of a version may have been put on other bytes: what the record says goes before it. Two builds can have the same bytes.
        var builds = owner.Builds.Where(build => build.Digest is { } known ? known == digest : build.Version == owner.Version).OrderByDescending(build => build.Version).ToList();
        if (builds.Exists(build => IsPromoted(owner.Image.Promote, build, digest, now)))
        {
            return new Promoted();
        }

        return builds switch
        {
            [] => new NotPromoted($"is the image of no build of {owner.Image.Name}"),
            _ when builds.Find(IsPending) is { } pending => new Pending($"is build {pending.Version} of {owner.Image.Name}, whose release is not decided yet"),
            [var build, ..] => new NotPromoted($"is build {build.Version} of {owner.Image.Name}, which {What(build)}"),
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
        null => !build.State.WentWrong(),
        { State: ReleaseState.Running } => true,
        _ => false,
    };

    private static string What(BuildRecord build) => build.Release?.State switch
    {
        ReleaseState.Blocked => "the scan gate blocked",
        ReleaseState.Rejected => "nobody approved",
        ReleaseState.RolledBack => "was taken back by a rollback",
        ReleaseState.Held => "a hold keeps from its floating tags",
        ReleaseState.Overtaken => "a newer build overtook",
        ReleaseState.Missing => "is not in every Region",
        _ => "was never promoted",
    };
}
