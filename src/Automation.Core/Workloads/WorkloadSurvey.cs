using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Workloads;

/// <summary>Collects which images of the catalog's repositories workloads use. It keeps each image once, with a limited number of
/// workloads, so that its size depends on the images in use and not on the number of tasks.</summary>
/// <param name="account">The account whose registries hold the images.</param>
/// <param name="repositories">The repositories of the catalog's images; everything else is passed over.</param>
public sealed class WorkloadSurvey(string account, IReadOnlySet<string> repositories)
{
    /// <summary>How many workloads one image lists; further ones are counted.</summary>
    private const int MaxWorkloads = 25;

    private readonly Dictionary<(string Region, string Repository), Dictionary<string, Entry>> _images = [];

    /// <summary>Adds one container of a workload.</summary>
    /// <param name="image">As the workload names it: <c>123456789012.dkr.ecr.eu-west-1.amazonaws.com/images/app:latest</c>.</param>
    /// <param name="digest">What the service says that it runs; null if it does not say.</param>
    public void Add(string? image, string? digest, Workload workload)
    {
        if (Read(image) is not { } reference)
        {
            return;
        }

        var known = Digest.TryParse(digest, out var resolved) ? resolved : reference.Digest;
        var of = (reference.Region!, reference.Repository);
        if (!_images.TryGetValue(of, out var images))
        {
            _images[of] = images = new(StringComparer.Ordinal);
        }

        var key = known?.Value ?? reference.EffectiveTag!;
        if (!images.TryGetValue(key, out var entry))
        {
            images[key] = entry = new Entry(known, known is null ? key : null);
        }

        entry.Add(workload);
    }

    /// <summary>Whether the image is one of the catalog's.</summary>
    public bool Takes(string? image) => Read(image) is not null;

    // Most images of an account are not ours. The first check costs nothing, and parsing does.
    private ImageReference? Read(string? image) =>
        image is not null && image.StartsWith(account, StringComparison.Ordinal)
        && ImageReference.TryParse(image, out var reference) && reference.AccountId == account && repositories.Contains(reference.Repository)
            ? reference
            : null;

    /// <summary>The images of one repository in use, in a stable order.</summary>
    public IReadOnlyList<ImageInUse> In(string region, string repository) =>
        [.. (_images.GetValueOrDefault((region, repository)) ?? []).OrderBy(image => image.Key, StringComparer.Ordinal).Select(image => image.Value.Result)];

    private sealed class Entry(Digest? digest, string? tag)
    {
        private readonly Dictionary<(UsageKind, string Account, string Region, string Name, bool Runs), Workload> _workloads = [];
        private int _more;
        private bool _runs;

        public ImageInUse Result => new(
            digest,
            tag,
            [.. _workloads.Values.OrderBy(workload => !workload.Runs).ThenBy(workload => workload.Kind)
                .ThenBy(workload => workload.Account, StringComparer.Ordinal)
                .ThenBy(workload => workload.Region, StringComparer.Ordinal).ThenBy(workload => workload.Name, StringComparer.Ordinal)],
            IsUncertain: digest is null && _runs,
            _more);

        public void Add(Workload workload)
        {
            _runs |= workload.Runs;
            var key = (workload.Kind, workload.Account, workload.Region, workload.Name, workload.Runs);
            if (_workloads.TryGetValue(key, out var same))
            {
                _workloads[key] = same with
                {
                    Count = same.Count + workload.Count,
                    Since = same.Since is null || workload.Since < same.Since ? workload.Since ?? same.Since : same.Since,
                };
            }
            else if (_workloads.Count < MaxWorkloads)
            {
                _workloads.Add(key, workload);
            }
            else
            {
                _more++;
            }
        }
    }
}
