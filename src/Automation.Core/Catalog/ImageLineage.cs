namespace Automation.Core.Catalog;

/// <summary>Who is made from whom. The tag does not matter, because a promotion may write any tag of a repository.</summary>
/// <param name="parents">By the name of an image the names of those in whose repositories its base and what it watches are.</param>
public sealed class ImageLineage(IReadOnlyDictionary<string, IReadOnlyList<string>> parents)
{
    /// <summary>Of each image that is on a cycle one, unless it is on one of those before; or none. Each starts and ends with the same name.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles()
    {
        var cycles = new List<IReadOnlyList<string>>();
        foreach (var image in parents.Keys.Order(StringComparer.Ordinal))
        {
            if (!cycles.Exists(cycle => cycle.Contains(image)) && CycleThrough(image) is { Count: > 0 } cycle)
            {
                cycles.Add(cycle);
            }
        }

        return cycles;
    }

    /// <summary>The names on a shortest cycle through the image, a parent before what is made from it, the image itself first and last
    /// (<c>app, tool, app</c>); empty: none.</summary>
    public IReadOnlyList<string> CycleThrough(string image)
    {
        // By each name on the way up the one through which it was reached.
        var reachedFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var next = new Queue<string>([image]);
        while (!reachedFrom.ContainsKey(image) && next.TryDequeue(out var at))
        {
            foreach (var parent in parents.GetValueOrDefault(at, []))
            {
                if (reachedFrom.TryAdd(parent, at))
                {
                    next.Enqueue(parent);
                }
            }
        }

        if (!reachedFrom.TryGetValue(image, out var child))
        {
            return [];
        }

        List<string> path = [image];
        for (; child != image; child = reachedFrom[child])
        {
            path.Add(child);
        }

        path.Add(image);
        return path;
    }
}
