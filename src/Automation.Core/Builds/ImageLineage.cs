using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Who builds on whom: an edge from each image to the images made from its repository, whatever the tag, because a promotion
/// may write any of its tags.</summary>
public sealed class ImageLineage
{
    private readonly Dictionary<string, List<string>> _children = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<string>> _cycles = [];
    private readonly List<string> _order = [];

    /// <param name="parents">Bases as the container recipes say them now, by image name; they go before the catalog's
    /// <c>from</c>, because an adopted pipeline may have changed.</param>
    public ImageLineage(IEnumerable<ImageSpec> images, IReadOnlyDictionary<string, ImageReference>? parents = null)
    {
        var all = images.ToList();
        foreach (var image in all)
        {
            _children.TryAdd(image.Name, []);
        }

        foreach (var image in all.OrderBy(image => image.Name, StringComparer.Ordinal))
        {
            var parent = parents?.GetValueOrDefault(image.Name) ?? image.From;
            foreach (var builder in all.Where(builder => parent is { IsEcr: true } && parent.Repository == builder.Repository))
            {
                _children[builder.Name].Add(image.Name);
            }
        }

        Walk();
    }

    /// <summary>One cycle of each knot, or none. Each starts and ends with the same name.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles => _cycles;

    /// <summary>Bases before what is built on them; images of one rank by name.</summary>
    public IReadOnlyList<string> Order => _order;

    /// <summary>The images built on this one, by name.</summary>
    public IReadOnlyList<string> ChildrenOf(string image) => _children.GetValueOrDefault(image) ?? [];

    /// <summary>The names on a shortest cycle through the image, itself first and last (<c>app, runtime, app</c>); empty: none.</summary>
    public IReadOnlyList<string> CycleThrough(string image)
    {
        var cameFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var queue = new Queue<string>([image]);
        while (queue.TryDequeue(out var current))
        {
            foreach (var child in ChildrenOf(current))
            {
                if (child == image)
                {
                    return PathTo(image, current, cameFrom);
                }

                if (cameFrom.TryAdd(child, current))
                {
                    queue.Enqueue(child);
                }
            }
        }

        return [];
    }

    private static List<string> PathTo(string image, string last, Dictionary<string, string> cameFrom)
    {
        List<string> path = [image];
        for (var at = last; at != image; at = cameFrom[at])
        {
            path.Add(at);
        }

        path.Add(image);
        path.Reverse();
        return path;
    }

    private void Walk()
    {
        // Kahn's algorithm, smallest name first; what is left over sits on a cycle or behind one.
        var waiting = _children.Keys.ToDictionary(name => name, _ => 0, StringComparer.Ordinal);
        foreach (var child in _children.Values.SelectMany(children => children))
        {
            waiting[child]++;
        }

        var ready = new SortedSet<string>(waiting.Where(pair => pair.Value == 0).Select(pair => pair.Key), StringComparer.Ordinal);
        while (ready.Min is { } name)
        {
            ready.Remove(name);
            _order.Add(name);
            foreach (var child in _children[name])
            {
                if (--waiting[child] == 0)
                {
                    ready.Add(child);
                }
            }
        }

        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in _children.Keys.Except(_order).Order(StringComparer.Ordinal))
        {
            if (!told.Contains(name) && CycleThrough(name) is { Count: > 0 } cycle)
            {
                _cycles.Add(cycle);
                told.UnionWith(cycle);
            }

            _order.Add(name);
        }
    }
}
