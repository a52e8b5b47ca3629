namespace Automation.Core.Builds;

/// <summary>Who is built on whom. An image has one base, so whoever is on a cycle comes back to itself on the way up. The tag does not matter,
/// because a promotion may write any tag of a repository.</summary>
/// <param name="parents">By the name of an image the name of the one whose repository its base is in.</param>
public sealed class ImageLineage(IReadOnlyDictionary<string, string> parents)
{
    /// <summary>One cycle of each knot, or none. Each starts and ends with the same name.</summary>
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

    /// <summary>The names on the cycle through the image, a base before what is built on it, the image itself first and last
    /// (<c>app, tool, app</c>); empty: none.</summary>
    public IReadOnlyList<string> CycleThrough(string image)
    {
        List<string> path = [image];
        var at = image;
        while (path.Count <= parents.Count && parents.TryGetValue(at, out var parent))
        {
            path.Add(parent);
            if (parent == image)
            {
                path.Reverse();
                return path;
            }

            at = parent;
        }

        return [];
    }
}
