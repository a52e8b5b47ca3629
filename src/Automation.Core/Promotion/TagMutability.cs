using Automation.Core.Images;

namespace Automation.Core.Promotion;

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
