using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The build to promote.</summary>
/// <param name="BuiltAt">When the build was created; <c>{date:…}</c> renders this time.</param>
public sealed record Candidate(ImageVersion Version, Digest Digest, DateTimeOffset BuiltAt);

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

/// <summary>A repository's tags and which of them can be moved.</summary>
/// <param name="Exists">False if the Region has no such repository.</param>
/// <param name="Tags">The existing tags among those that the promotion may write, with their digests.</param>
public sealed record RepositoryFacts(bool Exists, TagMutability Mutability, IReadOnlyDictionary<string, Digest> Tags);

/// <summary>ECR's <c>imageTagMutability</c> with its exclusion filters
/// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html).</summary>
public sealed record TagMutability(bool Immutable, IReadOnlyList<TagPattern> Except)
{
    public static TagMutability Mutable { get; } = new(false, []);

    /// <param name="setting">MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION. An unknown value counts as
    /// immutable, which may refuse too much but never overwrites a tag.</param>
    /// <param name="filters">The wildcard filters of the two <c>…_WITH_EXCLUSION</c> settings.</param>
    public static TagMutability Parse(string? setting, IEnumerable<string>? filters) => setting switch
    {
        null or "MUTABLE" => Mutable,
        "MUTABLE_WITH_EXCLUSION" => new TagMutability(false, [.. (filters ?? []).Select(TagPattern.Parse)]),
        "IMMUTABLE_WITH_EXCLUSION" => new TagMutability(true, [.. (filters ?? []).Select(TagPattern.Parse)]),
        _ => new TagMutability(true, []),
    };

    public bool IsImmutable(string tag) => Immutable != Except.Any(pattern => pattern.Matches(tag));
}

public enum TagAction
{
    /// <summary>Write the tag.</summary>
    Put,

    /// <summary>The tag is already on the same digest.</summary>
    Present,

    /// <summary>A hold is set.</summary>
    Held,

    /// <summary>The tag is on a newer build.</summary>
    NotForward,

    /// <summary>The version tags have not existed for long enough.</summary>
    Soaking,

    /// <summary>The tag cannot be written: an immutable or version tag is on another digest, or the image or repository is missing. This is a
    /// permanent error before anything moves.</summary>
    Conflict,
}

/// <param name="From">The tag's current digest; null if the tag does not exist.</param>
/// <param name="To">The tag's target: the digest of the candidate or of the build that owns the tag.</param>
public sealed record TagStep(string Tag, TagAction Action, Digest? From, Digest To, Reason Reason);

/// <summary>The tags of one Region, in the order of the catalog. If there is a conflict, no step may run.</summary>
public sealed record TagPlan(string Region, IReadOnlyList<TagStep> Steps)
{
    public bool HasConflict => Steps.Any(step => step.Action == TagAction.Conflict);

    public IEnumerable<TagStep> Conflicts => Steps.Where(step => step.Action == TagAction.Conflict);

    /// <summary>What may be done while another Region does not answer: tags that are gone are put back, and none moves.</summary>
    public TagPlan WithoutMoves() => this with { Steps = [.. Steps.Where(step => step.Action != TagAction.Put || step.From is null)] };

    public IEnumerable<TagStep> ToPut => HasConflict ? [] : Steps.Where(step => step.Action == TagAction.Put);
}
