using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>
/// The order of deletion: closure by closure, and in each closure the owner first: a subject before its signatures, an index
/// before its children.
/// </summary>
/// <remarks>
/// Wherever a deletion is interrupted, every remaining image still has all that it needs. A tag that somebody adds during the deletion saves the
/// image together with its signatures and children. ECR allows this order: it refuses only to delete what a manifest list names
/// (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html). The rest of an interrupted closure belongs to no image, and
/// the next run finds it.
/// </remarks>
internal static class DeletionOrder
{
    /// <summary>The number of closures whose roots fill one API call. Further calls delete what belongs to them.</summary>
    private const int ClosuresPerGroup = 100;

    private static readonly Comparer<ImageNode> Order = Comparer<ImageNode>.Create(ByRank);

    /// <summary>The images to delete, in independent groups. Within a group owners come first.</summary>
    public static List<ArraySegment<ImageNode>> Groups(List<ImageNode> nodes)
    {
        var (closures, singles) = Closures(nodes);

        // The deepest closures first, because a group of equal depth fills its calls best. A single image is the least deep.
        closures.Sort((left, right) => left[^1].Rank != right[^1].Rank ? right[^1].Rank.CompareTo(left[^1].Rank) : left[0].Digest.CompareTo(right[0].Digest));
        ImageNode[] alone = [.. singles];
        SortByDigest(alone);

        var all = new ImageNode[closures.Sum(closure => closure.Count) + alone.Length];
        var groups = new List<ArraySegment<ImageNode>>();
        var (start, end, closuresInGroup) = (0, 0, 0);
        foreach (var closure in closures)
        {
            closure.CopyTo(all, end);
            Added(closure.Count);
        }

        foreach (var image in alone)
        {
            all[end] = image;
            Added(1);
        }

        EndGroup();
        return groups;

        void Added(int images)
        {
            end += images;
            if (++closuresInGroup == ClosuresPerGroup)
            {
                EndGroup();
            }
        }

        void EndGroup()
        {
            if (end > start)
            {
                Array.Sort(all, start, end - start, Order);
                groups.Add(new ArraySegment<ImageNode>(all, start, end - start));
            }

            (start, closuresInGroup) = (end, 0);
        }
    }

    /// <summary>Sorts by digest. The first digits nearly always decide, so few full digests are compared.</summary>
    public static void SortByDigest(ImageNode[] images)
    {
        var keys = Array.ConvertAll(images, image => image.Digest.Leading);
        Array.Sort(keys, images);
        for (var start = 0; start < keys.Length;)
        {
            var end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                Array.Sort(images, start, end - start, Order);
            }

            start = end;
        }
    }

    /// <summary>Images of <see cref="Groups"/> that must be deleted before the image.</summary>
    public static IReadOnlyList<Digest> OwnersOf(ImageNode node)
    {
        List<Digest>? owners = null;
        foreach (var owner in node.Owners)
        {
            if (owner.WillBeDeleted && owner.Rank < node.Rank)
            {
                (owners ??= new(1)).Add(owner.Digest);
            }
        }

        return owners ?? (IReadOnlyList<Digest>)[];
    }

    /// <summary>The connected images, with ranks assigned and each closure's first root in front; and the images that are connected to nothing.</summary>
    private static (List<List<ImageNode>> Closures, List<ImageNode> Singles) Closures(List<ImageNode> nodes)
    {
        var (closures, singles) = (new List<List<ImageNode>>(), new List<ImageNode>());
        foreach (var node in nodes)
        {
            if (node is not { WillBeDeleted: true, Rank: ImageNode.NoRank })
            {
                continue;
            }

            if (node.IsAlone || Closure(node) is not { Count: > 1 } closure)
            {
                node.Rank = 0;
                singles.Add(node);
                continue;
            }

            AssignRanks(closure);
            closure.Sort(ByRank);
            closures.Add(closure);
        }

        return (closures, singles);
    }

    private static List<ImageNode> Closure(ImageNode start)
    {
        start.Rank = ImageNode.InClosure;
        var closure = new List<ImageNode>(1) { start };
        for (var i = 0; i < closure.Count; i++)
        {
            Add(closure[i].Owners);
            Add(closure[i].Needs);
        }

        return closure;

        void Add(ReadOnlySpan<ImageNode> others)
        {
            foreach (var other in others)
            {
                if (other is { WillBeDeleted: true, Rank: ImageNode.NoRank })
                {
                    other.Rank = ImageNode.InClosure;
                    closure.Add(other);
                }
            }
        }
    }

    private static void AssignRanks(List<ImageNode> closure)
    {
        var ready = new Queue<ImageNode>();
        foreach (var node in closure)
        {
            node.OwnersWithoutRank = node.Owners.Length;
            if (node.OwnersWithoutRank == 0)
            {
                node.Rank = 0;
                ready.Enqueue(node);
            }
        }

        Propagate(ready);
        while (closure.FindAll(node => node.OwnersWithoutRank > 0) is { Count: > 0 } stuck)
        {
            var rank = closure.Max(node => node.Rank) + 1;
            foreach (var first in FirstOfCycle(stuck))
            {
                first.Rank = rank;
                first.OwnersWithoutRank = 0;
                ready.Enqueue(first);
            }

            Propagate(ready);
        }
    }

    private static void Propagate(Queue<ImageNode> ready)
    {
        while (ready.TryDequeue(out var node))
        {
            foreach (var other in node.Needs)
            {
                // A node that broke a cycle already has its rank.
                if (other.OwnersWithoutRank == 0)
                {
                    continue;
                }

                other.Rank = Math.Max(other.Rank, node.Rank + 1);
                if (--other.OwnersWithoutRank == 0)
                {
                    ready.Enqueue(other);
                }
            }
        }
    }

    // A cycle of owners exists if an index lists its own subject, so that each needs the other. The cycle that no other cycle owns comes first,
    // and in it the manifest that no other one of the cycle names. An index precedes the rest: ECR refuses to delete what a manifest list names.
    private static List<ImageNode> FirstOfCycle(List<ImageNode> stuck)
    {
        var cycle = CycleWithoutOwner(stuck);
        var named = new HashSet<ImageNode>();
        foreach (var node in cycle)
        {
            foreach (var target in node.References)
            {
                named.Add(target);
            }
        }

        var free = cycle.FindAll(node => !named.Contains(node));
        var lists = free.FindAll(node => node.Image.Children is { Count: > 0 });
        return lists.Count > 0 ? lists : free.Count > 0 ? free : cycle;
    }

    // Walks from each node down to what it needs. The node from which the last walk starts is on a cycle without an owner outside it, so
    // its owners are that cycle.
    private static List<ImageNode> CycleWithoutOwner(List<ImageNode> stuck)
    {
        var seen = new HashSet<ImageNode>();
        var last = stuck[0];
        foreach (var node in stuck)
        {
            if (!seen.Contains(node))
            {
                Walk(node, seen, next => next.Needs);
                last = node;
            }
        }

        var cycle = new HashSet<ImageNode>();
        Walk(last, cycle, next => next.Owners);
        return [.. cycle];
    }

    private delegate ReadOnlySpan<ImageNode> Neighbours(ImageNode node);

    private static void Walk(ImageNode start, HashSet<ImageNode> seen, Neighbours neighbours)
    {
        var next = new Stack<ImageNode>([start]);
        seen.Add(start);
        while (next.TryPop(out var node))
        {
            foreach (var other in neighbours(node))
            {
                if (other.OwnersWithoutRank > 0 && seen.Add(other))
                {
                    next.Push(other);
                }
            }
        }
    }

    private static int ByRank(ImageNode left, ImageNode right) =>
        left.Rank != right.Rank ? left.Rank.CompareTo(right.Rank) : left.Digest.CompareTo(right.Digest);
}
