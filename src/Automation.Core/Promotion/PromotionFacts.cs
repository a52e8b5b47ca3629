using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The current state of one Region's repository, with everything that a promotion plan needs.</summary>
public sealed record PromotionFacts
{
    public required ImageSpec Image { get; init; }

    public required Candidate Candidate { get; init; }

    public required string Region { get; init; }

    public required RepositoryFacts Repository { get; init; }

    /// <summary>The version of each known build by digest. It defines which move is forward.</summary>
    public IReadOnlyDictionary<Digest, ImageVersion> Versions { get; init; } = new Dictionary<Digest, ImageVersion>();

    /// <summary>All builds of the image with their marks, which determine the owner of each floating tag.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    public Hold? Hold { get; init; }

    /// <summary>The images in the Region that tags may be put on; null if not read.</summary>
    public IReadOnlySet<Digest>? PresentImages { get; init; }

    /// <summary>Whether a person requested the promotion. It then ends a hold, but moves no tag backwards.</summary>
    public bool IsExplicit { get; init; }

    public required DateTimeOffset Now { get; init; }
}
