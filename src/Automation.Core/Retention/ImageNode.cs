using System.Runtime.InteropServices;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>One image of the repository, its relations to other images, and the decision about it.</summary>
/// <param name="subject">The subject that it names, whether present or not; null if it is not a referrer.</param>
internal sealed class ImageNode(StoredImage image, Digest? subject)
{
    public const int NoRank = -2;

    /// <summary>Belongs to a closure, but has no rank yet.</summary>
    public const int InClosure = -1;

    /// <summary>Null while nothing relates it to another image, which is the usual case.</summary>
    private Links? _links;

    public StoredImage Image { get; } = image;

    public Digest Digest => Image.Digest;

    public Digest? Subject { get; } = subject;

    /// <summary>The images that its manifest names: the children of an index, the subject of a referrer.</summary>
    public ReadOnlySpan<ImageNode> References => CollectionsMarshal.AsSpan(_links?.References);

    /// <summary>The images that stay while it stays: its children and its referrers.</summary>
    public ReadOnlySpan<ImageNode> Needs => CollectionsMarshal.AsSpan(_links?.Needs);

    /// <summary>The images that it belongs to: the indexes that list it, and its subject.</summary>
    public ReadOnlySpan<ImageNode> Owners => CollectionsMarshal.AsSpan(_links?.Owners);

    /// <summary>The builds that produced it, oldest version first; several if they produced the same bytes.</summary>
    public List<BuildNode>? Builds { get; private set; }

    /// <summary>Why it is kept. Any reason to keep it wins.</summary>
    public List<Reason>? Kept { get; private set; }

    public Verdict Verdict { get; set; } = Verdict.Undecided;

    /// <summary>Its place in the order of deletion, see <see cref="DeletionOrder"/>: 0 for a root, higher for its dependants.</summary>
    public int Rank { get; set; } = NoRank;

    /// <summary>How many of its owners have no rank yet.</summary>
    public int OwnersWithoutRank { get; set; }

    public bool IsAlone => _links is null;

    /// <summary>Whether it is a placeholder that its base has replaced; see <see cref="Placeholder"/>.</summary>
    public bool IsSpentPlaceholder => Builds is null && Placeholder.IsSpent(Image.Tags);

    public bool WillBeDeleted => Verdict.Action == PruneAction.Delete;

    public void Lists(ImageNode child)
    {
        var links = _links ??= new();
        (links.References ??= new(Image.Children!.Count)).Add(child);
        (links.Needs ??= []).Add(child);
        ((child._links ??= new()).Owners ??= new(1)).Add(this);
    }

    public void RefersTo(ImageNode subject)
    {
        var links = _links ??= new();
        (links.References ??= new(1)).Add(subject);
        (links.Owners ??= new(1)).Add(subject);
        ((subject._links ??= new()).Needs ??= []).Add(this);
    }

    public void CameFrom(BuildNode build) => (Builds ??= []).Add(build);

    public void Keep(ReasonCode code, string text) => (Kept ??= []).Add(new Reason(code, text));

    private sealed class Links
    {
        public List<ImageNode>? References { get; set; }

        public List<ImageNode>? Needs { get; set; }

        public List<ImageNode>? Owners { get; set; }
    }
}
