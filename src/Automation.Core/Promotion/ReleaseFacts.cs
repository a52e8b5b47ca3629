using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>What the question "which releases and rollbacks must run now" rests on.</summary>
/// <param name="Builds">All build versions of the image, in any order.</param>
/// <param name="Running">Names of all executions that run now.</param>
public sealed record ReleaseFacts(ImageSpec Image, IReadOnlyList<BuildRecord> Builds, Hold? Hold, IReadOnlySet<string> Running, DateTimeOffset Now)
{
    private static readonly IReadOnlyDictionary<ImageVersion, IReadOnlyList<PromotionFacts>> NoRegions = new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>>();
    private static readonly IReadOnlyDictionary<ImageVersion, IReadOnlyList<BuildPlace>> NoPlaces = new Dictionary<ImageVersion, IReadOnlyList<BuildPlace>>();

    /// <summary>All Regions as a promotion of the build would find them: of promoted builds that <see cref="TagDrift"/> names, and of the newest
    /// build if its release failed.</summary>
    public IReadOnlyDictionary<ImageVersion, IReadOnlyList<PromotionFacts>> Regions { get; init; } = NoRegions;

    /// <summary>Where the image of the newest build is now, if its release was incomplete or failed.</summary>
    public IReadOnlyDictionary<ImageVersion, IReadOnlyList<BuildPlace>> Places { get; init; } = NoPlaces;

    /// <summary>The Regions that do not answer now, each with its fault. Nothing above says anything about them.</summary>
    public IReadOnlyDictionary<string, string> UnreadRegions { get; init; } = new Dictionary<string, string>();
}

/// <summary>A release or rollback that must run, under the name that keeps it from being started twice.</summary>
/// <param name="Resumes">It goes on with one that has begun, or has been done: what that one passed is not asked again.</param>
/// <param name="Explicit">The release that it goes on with was asked for by a person.</param>
/// <param name="IsRollback">It goes on with a rollback.</param>
public sealed record ReleaseOrder(
    string Image, BuildRecord Build, int Attempt, string ExecutionName, Reason Reason, bool Resumes = false, bool Explicit = false, bool IsRollback = false);

/// <summary>One answer for each build that came out well.</summary>
/// <param name="Order">Null: not due.</param>
/// <param name="Until">For those that wait.</param>
public sealed record ReleaseItem(BuildRecord Build, ReleaseOrder? Order, DateTimeOffset? Until, Reason Reason);

/// <summary>Oldest build first, so that a newer one moves the floating tags last.</summary>
public sealed record ReleasePlan(IReadOnlyList<ReleaseItem> Items)
{
    public IEnumerable<ReleaseOrder> Due => Items.Where(item => item.Order is not null).Select(item => item.Order!);
}
