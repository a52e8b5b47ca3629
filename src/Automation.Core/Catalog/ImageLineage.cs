namespace Automation.Core.Catalog;

/// <summary>Which image is built from which. Tags do not matter, because a promotion may write any tag of a repository.</summary>
/// <param name="parents">For each image, the images that publish to the repositories of its base and its watched images.</param>
public sealed class ImageLineage(IReadOnlyDictionary<string, IReadOnlyList<string>> parents)
{
    /// <summary>One cycle for each image that is on a cycle, unless an earlier result contains the image. Each starts and ends with the same name.</summary>
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

    /// <summary>The names on a shortest cycle through the image, each parent before its dependant, with the image itself first and last
    /// (<c>app, tool, app</c>); empty if there is none.</summary>
    public IReadOnlyList<string> CycleThrough(string image)
    {
        // Maps each name to the dependant through which the search reached it.
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
