namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The contents of one repository, indexed by every key that requests use, so that only a list reads all images.
/// It is derived from the rows: <see cref="EcrState"/>, its only writer, rebuilds it at the start and keeps it up to date.
/// </summary>
internal sealed class RepositoryIndex(RepositoryRow row)
{
    private readonly Dictionary<string, ImageRow> _images = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, string> _order = [];
    private readonly Dictionary<string, string> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LayerRow> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<long>> _layerUsers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<long>> _parents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<long>> _referrers = new(StringComparer.Ordinal);
    private List<long>? _sequences;

    public RepositoryRow Row { get; set; } = row;

    public int ImageCount => _images.Count;

    public IReadOnlyCollection<LayerRow> Layers => _layers.Values;

    /// <summary>All images in the order of their arrival.</summary>
    public int Count => _images.Count;

    public IEnumerable<ImageRow> Images => _order.Values.Select(digest => _images[digest]);

    public IReadOnlyCollection<string> Tags => _tags.Keys;

    public ImageRow? ByDigest(string digest) => _images.GetValueOrDefault(digest);

    public ImageRow? ByTag(string tag) => _tags.TryGetValue(tag, out var digest) ? _images[digest] : null;

    /// <summary>The images that arrived after <paramref name="sequence"/>. The cost of a page depends on its own length, not on the repository's.</summary>
    public IEnumerable<ImageRow> ImagesAfter(long sequence)
    {
        // Removed images stay in the list until they are the majority, so that deleting page by page takes linear time.
        if (_sequences is null || _sequences.Count > (2 * _order.Count) + 100)
        {
            _sequences = [.. _order.Keys];
        }

        var start = _sequences.BinarySearch(sequence + 1);
        for (var i = start < 0 ? ~start : start; i < _sequences.Count; i++)
        {
            if (_order.TryGetValue(_sequences[i], out var digest))
            {
                yield return _images[digest];
            }
        }
    }

    public LayerRow? Layer(string digest) => _layers.GetValueOrDefault(digest);

    public bool IsLayerUsed(string digest) => _layerUsers.ContainsKey(digest);

    /// <summary>The first image with this layer or config.</summary>
    public ImageRow? UserOf(string digest) => _layerUsers.TryGetValue(digest, out var users) ? _images[_order[users.Min]] : null;

    /// <summary>The indexes and manifest lists that contain the image.</summary>
    public IReadOnlyList<string> ParentsOf(string digest) => Resolve(_parents, digest);

    /// <summary>The artifacts that have the digest as their subject, whether or not that image exists.</summary>
    public IEnumerable<ImageRow> ReferrersOf(string digest) => Resolve(_referrers, digest).Select(referrer => _images[referrer]);

    internal void Put(ImageRow image)
    {
        if (_images.TryGetValue(image.Digest, out var old))
        {
            foreach (var tag in old.Tags)
            {
                _tags.Remove(tag);
            }
        }
        else
        {
            _order.Add(image.Sequence, image.Digest);
            if (_sequences is { } sequences && (sequences.Count == 0 || sequences[^1] < image.Sequence))
            {
                sequences.Add(image.Sequence);
            }
            else
            {
                _sequences = null;
            }

            Link(_layerUsers, image.Blobs, image.Sequence);
            Link(_parents, image.Children, image.Sequence);
            Link(_referrers, image.Subject is null ? [] : [image.Subject], image.Sequence);
        }

        _images[image.Digest] = image;
        foreach (var tag in image.Tags)
        {
            _tags[tag] = image.Digest;
        }
    }

    internal void Remove(ImageRow image)
    {
        _images.Remove(image.Digest);
        _order.Remove(image.Sequence);
        foreach (var tag in image.Tags)
        {
            _tags.Remove(tag);
        }

        Unlink(_layerUsers, image.Blobs, image.Sequence);
        Unlink(_parents, image.Children, image.Sequence);
        Unlink(_referrers, image.Subject is null ? [] : [image.Subject], image.Sequence);
    }

    internal void Put(LayerRow layer) => _layers[layer.Digest] = layer;

    internal void Remove(LayerRow layer) => _layers.Remove(layer.Digest);

    private List<string> Resolve(Dictionary<string, SortedSet<long>> links, string digest) =>
        links.TryGetValue(digest, out var sequences) ? [.. sequences.Select(sequence => _order[sequence])] : [];

    private static void Link(Dictionary<string, SortedSet<long>> links, IReadOnlyList<string> targets, long source)
    {
        foreach (var target in targets)
        {
            if (!links.TryGetValue(target, out var sources))
            {
                links[target] = sources = [];
            }

            sources.Add(source);
        }
    }

    private static void Unlink(Dictionary<string, SortedSet<long>> links, IReadOnlyList<string> targets, long source)
    {
        foreach (var target in targets)
        {
            if (links.TryGetValue(target, out var sources) && sources.Remove(source) && sources.Count == 0)
            {
                links.Remove(target);
            }
        }
    }
}
