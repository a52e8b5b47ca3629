namespace Automation.Core.Catalog;

/// <summary>
/// Divides a catalog with more images than may build at once into <c>maxConcurrentBuilds</c> lanes. Each lane builds one image at a
/// time. A base with many dependants builds them in waves, and Automation never exceeds the quota of concurrent builds.
/// <code>
/// maxConcurrentBuilds 3    wave 1   wave 2   wave 3
///              lane 1   a        d        g
///              lane 2   b        e
///              lane 3   c        f
/// </code>
/// The catalog alone determines which images share a lane. Whether an image must wait is read from the current builds of its lane, so
/// no counter is kept anywhere. In a catalog that fits the quota each lane has one image and nothing waits.
/// </summary>
public sealed class BuildLanes
{
    private readonly List<ImageSpec> _images;
    private readonly int _lanes;

    /// <param name="lanes">How many images may build at once, at least 1.</param>
    public BuildLanes(IEnumerable<ImageSpec> images, int lanes)
    {
        // The dependants of one base are adjacent in this order, so they spread over as many lanes as there are.
        _images = [.. images.OrderBy(image => image.From?.ToString() ?? "", StringComparer.Ordinal).ThenBy(image => image.Name, StringComparer.Ordinal)];
        _lanes = lanes;
    }

    /// <summary>The images of the lane in order; only the image itself if the catalog fits the quota.</summary>
    public IReadOnlyList<ImageSpec> LaneOf(ImageSpec image)
    {
        var at = _images.FindIndex(other => other.Name == image.Name);
        return at < 0 ? [image] : [.. _images.Where((_, i) => i % _lanes == at % _lanes)];
    }
}
