using System.Collections.Concurrent;

namespace Automation.Aws.Workloads;

/// <param name="Name">As the service names it; null if the service does not.</param>
/// <param name="Digest">The digest that the service gives for the name; null if it gives none.</param>
internal sealed record ContainerImage(string? Name, string? Digest);

/// <summary>Keeps the images of resources that never change: a function's revision, a task definition, a service revision. A warm
/// process asks for each only once.</summary>
internal sealed class KnownImages
{
    /// <summary>About 200 bytes each. When the limit is reached, all entries are dropped and read again.</summary>
    private const int MaxEntries = 50_000;

    private readonly ConcurrentDictionary<string, IReadOnlyList<ContainerImage>> _images = new(StringComparer.Ordinal);

    /// <param name="id">Identifies the content, not only the resource.</param>
    public async Task<IReadOnlyList<ContainerImage>> GetAsync(string id, Func<Task<IReadOnlyList<ContainerImage>>> read)
    {
        if (_images.TryGetValue(id, out var known))
        {
            return known;
        }

        var images = await read();
        Add(id, images);
        return images;
    }

    public bool TryGet(string id, out IReadOnlyList<ContainerImage> images) => _images.TryGetValue(id, out images!);

    public void Add(string id, IReadOnlyList<ContainerImage> images)
    {
        if (_images.Count >= MaxEntries)
        {
            _images.Clear();
        }

        _images[id] = images;
    }
}
