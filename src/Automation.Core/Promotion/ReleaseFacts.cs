using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The facts that decide which releases and rollbacks must run now.</summary>
/// <param name="Builds">All build versions of the image, in any order.</param>
/// <param name="Running">The names of all running executions.</param>
public sealed record ReleaseFacts(ImageSpec Image, IReadOnlyList<BuildRecord> Builds, Hold? Hold, IReadOnlySet<string> Running, DateTimeOffset Now)
{
    private static readonly IReadOnlyDictionary<ImageVersion, IReadOnlyList<PromotionFacts>> NoRegions =
        new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>>();
    private static readonly IReadOnlyDictionary<ImageVersion, IReadOnlyList<BuildPlace>> NoPlaces = new Dictionary<ImageVersion, IReadOnlyList<BuildPlace>>();

    /// <summary>The facts of all Regions for a promotion of a build. Present for promoted builds that <see cref="TagDrift"/> names, and for the
    /// newest build if its release failed.</summary>
    public IReadOnlyDictionary<ImageVersion, IReadOnlyList<PromotionFacts>> Regions { get; init; } = NoRegions;

    /// <summary>Where the image of the newest build is, if its release was incomplete or failed.</summary>
    public IReadOnlyDictionary<ImageVersion, IReadOnlyList<BuildPlace>> Places { get; init; } = NoPlaces;

    /// <summary>The Regions that do not answer now, each with its fault. The other members lack them.</summary>
    public IReadOnlyDictionary<string, string> UnreadRegions { get; init; } = new Dictionary<string, string>();
}
