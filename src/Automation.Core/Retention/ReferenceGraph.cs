using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>The images that must stay together: an index with its children, a subject with its referrers (signatures, SBOMs).</summary>
/// <remarks>A referrer names its subject in the manifest (OCI 1.1) or, if it is older, in its tag (<see cref="Digest.OfReferrerTag"/>).</remarks>
internal sealed class ReferenceGraph
{
    private readonly Dictionary<Digest, ImageNode> _nodes;

    public ReferenceGraph(IReadOnlyCollection<StoredImage> images)
    {
        _nodes = new Dictionary<Digest, ImageNode>(images.Count);
        Nodes = new List<ImageNode>(images.Count);
        foreach (var image in images)
        {
            var node = new ImageNode(image, SubjectOf(image));
            if (_nodes.TryAdd(image.Digest, node))
            {
                Nodes.Add(node);
            }
        }

        foreach (var node in Nodes)
        {
            foreach (var digest in node.Image.Children ?? [])
            {
                if (Find(digest) is { } child)
                {
                    node.Lists(child);
                }
            }

            if (node.Subject is not null && Find(node.Subject) is { } subject)
            {
                node.RefersTo(subject);
            }
        }
    }

    /// <summary>Each digest once, in the order of the facts.</summary>
    public List<ImageNode> Nodes { get; }

    public ImageNode? Find(Digest digest) => _nodes.GetValueOrDefault(digest);

    /// <summary>Keeps everything that a remaining image needs: children of children, and referrers of any of them.</summary>
    public void KeepNeeded()
    {
        var needed = new List<ImageNode>();
        var staying = new Queue<ImageNode>(Nodes.Where(node => !node.WillBeDeleted));
        while (staying.TryDequeue(out var node))
        {
            foreach (var other in node.Needs)
            {
                if (other.WillBeDeleted)
                {
                    other.Verdict = Verdict.Undecided;
                    needed.Add(other);
                    staying.Enqueue(other);
                }
            }
        }

        // Name the owner last, when all remaining images are known. The first by digest, so that the order of the facts does not matter.
        foreach (var node in needed)
        {
            node.Verdict = Verdict.NeededBy(node.Owners.ToArray().Where(owner => !owner.WillBeDeleted).Min(owner => owner.Digest)!);
        }
    }

    private static Digest? SubjectOf(StoredImage image)
    {
        if (image.Subject is not null)
        {
            return image.Subject;
        }

        // Reading the texts of many tags takes a hundred times as long as this search.
        foreach (var tag in image.Tags is TagList tags && !tags.AnyBeginsWith("sha256-"u8) ? [] : image.Tags)
        {
            // "cosign copy" also gives an image a tag with its own digest.
            if (Digest.OfReferrerTag(tag) is { } subject && subject != image.Digest)
            {
                return subject;
            }
        }

        return null;
    }
}
