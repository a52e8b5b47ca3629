using System.Diagnostics.CodeAnalysis;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>What must stay together: an index with its children, a subject with its referrers (signatures, SBOMs).</summary>
/// <remarks>A referrer names its subject in the manifest (OCI 1.1) or, older, in its tag: <c>sha256-&lt;64 hex&gt;</c> with an optional
/// suffix such as <c>.sig</c> (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema).</remarks>
public sealed class ReferenceGraph
{
    private readonly Dictionary<Digest, StoredImage> _images;
    private readonly Dictionary<Digest, List<Digest>> _parents = [];
    private readonly Dictionary<Digest, List<Digest>> _referrers = [];
    private readonly Dictionary<Digest, Digest> _subjects = [];

    public ReferenceGraph(IEnumerable<StoredImage> images)
    {
        _images = [];
        foreach (var image in images)
        {
            _images.TryAdd(image.Digest, image);
        }

        foreach (var image in _images.Values)
        {
            foreach (var child in image.Children ?? [])
            {
                Add(_parents, child, image.Digest);
            }

            if (SubjectOf(image) is { } subject)
            {
                _subjects[image.Digest] = subject;
                Add(_referrers, subject, image.Digest);
            }
        }
    }

    public int Count => _images.Count;

    public IEnumerable<StoredImage> Images => _images.Values;

    public bool TryGet(Digest digest, [NotNullWhen(true)] out StoredImage? image) => _images.TryGetValue(digest, out image);

    /// <summary>What the image belongs to: the indexes here that list it, and its subject if that is here.</summary>
    public IEnumerable<Digest> OwnersOf(Digest digest)
    {
        var indexes = _parents.GetValueOrDefault(digest) ?? [];
        return SubjectHere(digest) is { } subject ? indexes.Append(subject) : indexes;
    }

    /// <summary>What a referrer belongs to; null for anything else, and when that is not here.</summary>
    public Digest? SubjectHere(Digest digest) =>
        _subjects.TryGetValue(digest, out var subject) && _images.ContainsKey(subject) ? subject : null;

    /// <summary>Whether it names a subject, here or not.</summary>
    public bool IsReferrer(Digest digest) => _subjects.ContainsKey(digest);

    /// <summary>Whether it stands for itself: no index lists it, and it refers to nothing that is here.</summary>
    public bool IsTop(Digest digest) => !_parents.ContainsKey(digest) && SubjectHere(digest) is null;

    /// <summary>Everything that the roots need, themselves included: children of children, referrers of any of them. Each with what it
    /// is needed by; null for the roots.</summary>
    public IReadOnlyDictionary<Digest, Digest?> Closure(IEnumerable<Digest> roots)
    {
        var needed = new Dictionary<Digest, Digest?>();
        var queue = new Queue<Digest>();
        foreach (var root in roots)
        {
            if (_images.ContainsKey(root) && needed.TryAdd(root, null))
            {
                queue.Enqueue(root);
            }
        }

        while (queue.TryDequeue(out var current))
        {
            foreach (var next in (_images[current].Children ?? []).Concat(_referrers.GetValueOrDefault(current) ?? []))
            {
                if (_images.ContainsKey(next) && needed.TryAdd(next, current))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return needed;
    }

    /// <summary>The order in which ECR lets them go and a retry can finish: what refers (index, signature) before what is referred to
    /// (child, subject); of one rank by digest.</summary>
    public IReadOnlyList<Digest> DeletionOrder(IReadOnlyCollection<Digest> doomed)
    {
        var waiting = doomed.ToDictionary(digest => digest, _ => 0);
        foreach (var target in doomed.SelectMany(References).Where(waiting.ContainsKey))
        {
            waiting[target]++;
        }

        var order = new List<Digest>(doomed.Count);
        var rank = waiting.Where(pair => pair.Value == 0).Select(pair => pair.Key).ToList();
        while (rank.Count > 0)
        {
            rank.Sort();
            order.AddRange(rank);
            var next = new List<Digest>();
            foreach (var target in rank.SelectMany(References))
            {
                if (waiting.TryGetValue(target, out var left))
                {
                    waiting[target] = left - 1;
                    if (left == 1)
                    {
                        next.Add(target);
                    }
                }
            }

            rank = next;
        }

        // Real manifests cannot refer to each other in a circle; facts that say so are deleted last, where ECR has the word.
        order.AddRange(waiting.Where(pair => pair.Value > 0).Select(pair => pair.Key).OrderBy(digest => digest));
        return order;
    }

    private static void Add(Dictionary<Digest, List<Digest>> map, Digest key, Digest value)
    {
        if (!map.TryGetValue(key, out var values))
        {
            map[key] = values = [];
        }

        values.Add(value);
    }

    private static Digest? SubjectOf(StoredImage image)
    {
        if (image.Subject is not null)
        {
            return image.Subject;
        }

        const int Length = 71; // sha256- and 64 digits
        foreach (var tag in image.Tags)
        {
            if (tag.Length >= Length && tag.StartsWith("sha256-", StringComparison.Ordinal)
                && (tag.Length == Length || tag[Length] == '.')
                && Digest.TryParse("sha256:" + tag[7..Length], out var subject))
            {
                return subject;
            }
        }

        return null;
    }

    private IEnumerable<Digest> References(Digest digest)
    {
        var children = _images[digest].Children ?? [];
        return _subjects.TryGetValue(digest, out var subject) ? children.Append(subject) : children;
    }
}
