using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The signatures of an image in its repository.</summary>
/// <param name="Signatures">In the order in which they were found.</param>
public sealed record FoundSignatures(IReadOnlyList<ImageSignature> Signatures)
{
    /// <summary>How many more signatures were found than are read.</summary>
    public int Unread { get; init; }

    /// <summary>For an index without signatures of its own: the images of the index that have some. They are not read.</summary>
    public IReadOnlyList<Digest> SignedChildren { get; init; } = [];
}
