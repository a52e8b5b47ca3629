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

    /// <summary>The images to delete, in independent groups. Within a group owners come first.</summary>
    public static IEnumerable<List<ImageNode>> Groups(List<ImageNode> nodes)
    {
        var closures = Closures(nodes);

        // The deepest closures first, because a group of equal depth fills its calls best.
        closures.Sort((left, right) => left[^1].Rank != right[^1].Rank ? right[^1].Rank.CompareTo(left[^1].Rank) : left[0].Digest.CompareTo(right[0].Digest));
        foreach (var some in closures.Chunk(ClosuresPerGroup))
        {
            var group = some.SelectMany(closure => closure).ToList();
            group.Sort(ByRank);
            yield return group;
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

    /// <summary>The connected images, with ranks assigned and each closure's first root in front.</summary>
    private static List<List<ImageNode>> Closures(List<ImageNode> nodes)
    {
        var closures = new List<List<ImageNode>>();
        foreach (var node in nodes)
        {
            if (node is { WillBeDeleted: true, Rank: ImageNode.NoRank })
            {
                var closure = Closure(node);
                AssignRanks(closure);
                if (closure.Count > 1)
                {
                    closure.Sort(ByRank);
                }

                closures.Add(closure);
            }
        }

        return closures;
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
        if (closure is [var single])
        {
            single.Rank = 0;
            return;
        }

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

        var top = Propagate(ready, 0);
        var open = new Stack<List<ImageNode>>([closure]);
        while (open.TryPop(out var nodes))
        {
            var stuck = nodes.FindAll(node => node.OwnersWithoutRank > 0);
            if (stuck.Count == 0)
            {
                continue;
            }

            // Everything that owns one of these nodes from outside has its rank, so the first cycle waits only for itself.
            var cycles = Cycles(stuck);
            if (cycles.Count > 1)
            {
                cycles.Reverse();
                cycles.ForEach(open.Push);
                continue;
            }

            top++;
            foreach (var first in FirstOfCycle(cycles[0]))
            {
                first.Rank = top;
                first.OwnersWithoutRank = 0;
                ready.Enqueue(first);
            }

            top = Propagate(ready, top);
            open.Push(stuck);
        }
    }

    /// <returns>The highest rank so far.</returns>
    private static int Propagate(Queue<ImageNode> ready, int top)
    {
        while (ready.TryDequeue(out var node))
        {
            top = Math.Max(top, node.Rank);
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

        return top;
    }

    // A cycle of owners exists if an index lists its own subject, so that each needs the other. First comes the manifest that no other one of
    // the cycle names. An index precedes the rest: ECR refuses to delete what a manifest list names.
    private static List<ImageNode> FirstOfCycle(List<ImageNode> cycle)
    {
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

    /// <summary>The nodes in their cycles, owners first; a node on no cycle is alone. Kosaraju's algorithm, in linear time.</summary>
    private static List<List<ImageNode>> Cycles(List<ImageNode> nodes)
    {
        var unseen = nodes.ToHashSet();
        var downwards = new List<ImageNode>(nodes.Count);
        foreach (var node in nodes)
        {
            Walk(node, unseen, next => next.Needs, downwards);
        }

        downwards.Reverse();
        unseen = nodes.ToHashSet();
        var cycles = new List<List<ImageNode>>();
        foreach (var node in downwards)
        {
            var cycle = new List<ImageNode>();
            Walk(node, unseen, next => next.Owners, cycle);
            if (cycle.Count > 0)
            {
                cycles.Add(cycle);
            }
        }

        return cycles;
    }

    private delegate ReadOnlySpan<ImageNode> Neighbours(ImageNode node);

    /// <summary>Visits what can be reached from a node, depth first.</summary>
    /// <param name="left">Receives each node after all that were reached from it.</param>
    private static void Walk(ImageNode start, HashSet<ImageNode> unseen, Neighbours neighbours, List<ImageNode> left)
    {
        if (!unseen.Remove(start))
        {
            return;
        }

        var path = new Stack<(ImageNode Node, int Next)>([(start, 0)]);
        while (path.TryPop(out var place))
        {
            var (node, next) = place;
            var others = neighbours(node);
            while (next < others.Length && !unseen.Contains(others[next]))
            {
                next++;
            }

            if (next == others.Length)
            {
                left.Add(node);
                continue;
            }

            unseen.Remove(others[next]);
            path.Push((node, next + 1));
            path.Push((others[next], 0));
        }
    }

    private static int ByRank(ImageNode left, ImageNode right) =>
        left.Rank != right.Rank ? left.Rank.CompareTo(right.Rank) : left.Digest.CompareTo(right.Digest);
}
