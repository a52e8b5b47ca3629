using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>
/// In which order images are deleted: closure by closure, and in each closure the owner before what hangs on it: a subject before its
/// signatures, an index before its children.
/// </summary>
/// <remarks>
/// So at every moment whatever is still there has all that it needs, wherever the deletion is cut off, and a tag that somebody puts on an
/// image while the deletion runs saves the image together with its signatures and children. ECR allows this order: it refuses only to delete
/// what a manifest list names (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html). What a cut-off run leaves
/// of a closure belongs to no image any more, and the next run finds it by itself.
/// </remarks>
internal static class DeletionOrder
{
    /// <summary>So many closures fill one call of the registry's API with roots, and the calls after it with what hangs on them.</summary>
    private const int ClosuresPerGroup = 100;

    /// <summary>What is to be deleted, in groups that have nothing to do with each other. Within a group owners come first.</summary>
    public static IEnumerable<List<ImageNode>> Groups(List<ImageNode> nodes)
    {
        var closures = Closures(nodes);

        // The deepest first: a group of equals fills its calls best.
        closures.Sort((left, right) => left[^1].Rank != right[^1].Rank ? right[^1].Rank.CompareTo(left[^1].Rank) : left[0].Digest.CompareTo(right[0].Digest));
        foreach (var some in closures.Chunk(ClosuresPerGroup))
        {
            var group = some.SelectMany(closure => closure).ToList();
            group.Sort(ByRank);
            yield return group;
        }
    }

    /// <summary>Images of <see cref="Groups"/> that must be gone before the image is deleted.</summary>
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

    /// <summary>What hangs together, each with its ranks given and its first root in front.</summary>
    private static List<List<ImageNode>> Closures(List<ImageNode> nodes)
    {
        var closures = new List<List<ImageNode>>();
        foreach (var node in nodes)
        {
            if (node is { WillBeDeleted: true, Rank: ImageNode.NoRank })
            {
                var closure = Closure(node);
                GiveRanks(closure);
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

    private static void GiveRanks(List<ImageNode> closure)
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

        Propagate(ready);
        while (closure.FindAll(node => node.OwnersWithoutRank > 0) is { Count: > 0 } stuck)
        {
            var rank = closure.Max(node => node.Rank) + 1;
            foreach (var first in FirstOfCircle(stuck))
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
                // A node that broke a circle has its rank already.
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

    // A circle of owners exists where an index lists its own subject: each needs the other. The circle that no other circle owns comes first,
    // and in it what no other manifest of the circle names, an index before the rest: ECR refuses to delete what a manifest list names.
    private static List<ImageNode> FirstOfCircle(List<ImageNode> stuck)
    {
        var circle = CircleWithoutOwner(stuck);
        var named = new HashSet<ImageNode>();
        foreach (var node in circle)
        {
            foreach (var target in node.References)
            {
                named.Add(target);
            }
        }

        var free = circle.FindAll(node => !named.Contains(node));
        var lists = free.FindAll(node => node.Image.Children is { Count: > 0 });
        return lists.Count > 0 ? lists : free.Count > 0 ? free : circle;
    }

    // Walks from each node down to what it needs. The node from which the last walk starts is on a circle without an owner outside it, so
    // its owners are that circle.
    private static List<ImageNode> CircleWithoutOwner(List<ImageNode> stuck)
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

        var circle = new HashSet<ImageNode>();
        Walk(last, circle, next => next.Owners);
        return [.. circle];
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
