using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The build that is to be promoted.</summary>
/// <param name="BuiltAt">When the build was created; what <c>{date:…}</c> renders.</param>
public sealed record Candidate(ImageVersion Version, Digest Digest, DateTimeOffset BuiltAt);

/// <summary>What one Region's repository looks like now.</summary>
public sealed record PromotionFacts
{
    public required ImageSpec Image { get; init; }

    public required Candidate Candidate { get; init; }

    public required string Region { get; init; }

    public required RepositoryFacts Repository { get; init; }

    /// <summary>Which build a digest is, for all builds of the image that are known. Decides what "forward" means.</summary>
    public IReadOnlyDictionary<Digest, ImageVersion> Versions { get; init; } = new Dictionary<Digest, ImageVersion>();

    /// <summary>All builds of the image, with their marks: they say whose each floating tag is.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    public Hold? Hold { get; init; }

    /// <summary>Of the images that tags may be put on, those that the Region has; null: nobody looked.</summary>
    public IReadOnlySet<Digest>? PresentImages { get; init; }

    /// <summary>A person asked for promotion: ends a hold, does not go backwards.</summary>
    public bool IsExplicit { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>A repository's tags and which of them can be moved.</summary>
/// <param name="Exists">False: there is no such repository in the Region.</param>
/// <param name="Tags">Of the tags that the promotion may write, those that exist, with the digest each points to.</param>
public sealed record RepositoryFacts(bool Exists, TagMutability Mutability, IReadOnlyDictionary<string, Digest> Tags);

/// <summary>ECR's <c>imageTagMutability</c> with its exclusion filters
/// (https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html).</summary>
public sealed record TagMutability(bool Immutable, IReadOnlyList<TagPattern> Except)
{
    public static TagMutability Mutable { get; } = new(false, []);

    /// <param name="setting">MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION; another one is taken for
    /// immutable, which can refuse too much but never overwrite.</param>
    /// <param name="filters">The wildcard filters, for the two <c>…_WITH_EXCLUSION</c>.</param>
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

    /// <summary>It is there already with the same digest.</summary>
    Present,

    /// <summary>A hold is set.</summary>
    Held,

    /// <summary>The tag is on a newer build.</summary>
    NotForward,

    /// <summary>The version tags do not stand for long enough yet.</summary>
    Soaking,

    /// <summary>It cannot be written: an immutable or version tag on another digest, no such image, no such repository. A permanent error before
    /// anything moves.</summary>
    Conflict,
}

/// <param name="From">The digest the tag points to now; null: there is no such tag.</param>
/// <param name="To">Where it belongs: the candidate's digest, or that of the build that owns the tag.</param>
public sealed record TagStep(string Tag, TagAction Action, Digest? From, Digest To, Reason Reason);

/// <summary>The tags of one Region, in the order of the catalog. With a conflict no step may be taken.</summary>
public sealed record TagPlan(string Region, IReadOnlyList<TagStep> Steps)
{
    public bool HasConflict => Steps.Any(step => step.Action == TagAction.Conflict);

    public IEnumerable<TagStep> Conflicts => Steps.Where(step => step.Action == TagAction.Conflict);

    /// <summary>What may be done while another Region does not answer: tags that are gone are put back, and none moves.</summary>
    public TagPlan WithoutMoves() => this with { Steps = [.. Steps.Where(step => step.Action != TagAction.Put || step.From is null)] };

    public IEnumerable<TagStep> ToPut => HasConflict ? [] : Steps.Where(step => step.Action == TagAction.Put);
}
