
namespace Automation.Core.Catalog;

/// <summary>
/// Waves: a catalog with more images than may be built at once is dealt into <c>maxConcurrentBuilds</c> lanes, and in each lane one image
/// is built at a time. So a base with many children builds them wave by wave, and the quota of concurrent builds is never run into by us.
/// <code>
/// maxConcurrentBuilds 3    wave 1   wave 2   wave 3
///                 lane 1   a        d        g
///                 lane 2   b        e
///                 lane 3   c        f
/// </code>
/// Who waits for whom is a fact of the catalog alone; whether somebody has to wait is read from the builds of the lane at that moment
/// (the lane facts of a build), so no count must be kept anywhere. A catalog that fits the quota has lanes of one: nothing is asked.
/// </summary>
public sealed class BuildLanes
{
    private readonly List<ImageSpec> _images;
    private readonly int _lanes;

    /// <param name="lanes">How many images may be built at once, at least 1.</param>
    public BuildLanes(IEnumerable<ImageSpec> images, int lanes)
    {
        // The children of one base stand side by side, so they are spread over as many lanes as there are.
        _images = [.. images.OrderBy(image => image.From?.ToString() ?? "", StringComparer.Ordinal).ThenBy(image => image.Name, StringComparer.Ordinal)];
        _lanes = lanes;
    }

    /// <summary>The images of the lane, the first one first; only the image itself where the catalog fits.</summary>
    public IReadOnlyList<ImageSpec> LaneOf(ImageSpec image)
    {
        var at = _images.FindIndex(other => other.Name == image.Name);
        return at < 0 ? [image] : [.. _images.Where((_, i) => i % _lanes == at % _lanes)];
    }
}
