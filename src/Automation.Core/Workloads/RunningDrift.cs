using Automation.Core.Images;

namespace Automation.Core.Workloads;

/// <summary>A floating tag whose image no workload runs, while workloads run older builds of the same image.</summary>
/// <param name="Running">The builds that run, with one workload of each.</param>
public sealed record RunningDrift(string Region, string Tag, ImageVersion Promoted, IReadOnlyList<(ImageVersion Version, Workload Workload)> Running)
{
    /// <summary>Compares the floating tags of one Region with what runs there.</summary>
    /// <param name="tags">The builds that the floating tags are on.</param>
    /// <param name="builds">The images of all builds. Two builds may have the same image.</param>
    /// <remarks>A digest of no build may be a child of the promoted index. Where one runs, nothing is certain, and there is no drift.</remarks>
    public static IReadOnlyList<RunningDrift> Of(
        string region, IReadOnlyDictionary<string, (Digest Digest, ImageVersion Version)> tags, ILookup<Digest, ImageVersion> builds,
        IEnumerable<ImageInUse> inUse)
    {
        var running = inUse.Where(image => image.Workloads.Any(workload => workload.Runs)).ToList();
        if (running.Count == 0 || running.Exists(image => image.Digest is null || !builds.Contains(image.Digest)))
        {
            return [];
        }

        var versions =
            running.Select(image => (Version: builds[image.Digest!].Max()!, Workload: image.Workloads.First(workload => workload.Runs), image.Digest))
            .OrderByDescending(each => each.Version).ToList();
        return [.. tags.OrderBy(tag => tag.Key, StringComparer.Ordinal)
            .Where(tag => versions.TrueForAll(each => each.Digest != tag.Value.Digest))
            .Select(tag => new RunningDrift(region, tag.Key, tag.Value.Version, [.. versions.Select(each => (each.Version, each.Workload))]))];
    }
}
