using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Which build record an image of the repository belongs to.</summary>
/// <remarks>By the recorded digest; for a build without one by the tag that Image Builder gave it (<c>1.0.0-3</c>) as it stands now. An
/// output URI of an old record is never followed: its <c>latest</c> belongs to another image by now.</remarks>
internal sealed class BuildLinks
{
    private readonly Dictionary<string, Digest> _images = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, List<BuildRecord>> _records = [];

    public BuildLinks(ReferenceGraph graph, IEnumerable<BuildRecord> builds)
    {
        foreach (var image in graph.Images)
        {
            foreach (var tag in image.Tags)
            {
                Tags.TryAdd(tag, image.Digest);
            }
        }

        Builds = [.. builds.DistinctBy(build => build.Arn).OrderBy(build => build.Version).ThenBy(build => build.Arn, StringComparer.Ordinal)];
        foreach (var build in Builds)
        {
            var digest = build.Digest is { } recorded ? (graph.TryGet(recorded, out _) ? recorded : null) : Tags.GetValueOrDefault(build.Version.Tag);
            if (digest is null)
            {
                continue;
            }

            _images[build.Arn] = digest;
            if (!_records.TryGetValue(digest, out var records))
            {
                _records[digest] = records = [];
            }

            records.Add(build);
        }
    }

    /// <summary>Oldest version first.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; }

    public Dictionary<string, Digest> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>The build's image here; null when it has none (failed, deleted, another Region).</summary>
    public Digest? ImageOf(BuildRecord build) => _images.GetValueOrDefault(build.Arn);

    /// <summary>More than one when two builds came out with the same bytes.</summary>
    public IReadOnlyList<BuildRecord> RecordsOf(Digest digest) => _records.GetValueOrDefault(digest) ?? [];
}
