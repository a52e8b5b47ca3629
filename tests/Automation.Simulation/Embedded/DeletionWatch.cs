using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.Simulation.Checks;

namespace Automation.Simulation.Embedded;

/// <summary>What retention must never delete: what a service runs, and what carries a foreign tag.</summary>
internal sealed class DeletionWatch
{
    private readonly Fleet _fleet;
    private readonly EmbeddedNames _names;
    private readonly Interruptions _interruptions;
    private readonly Dictionary<string, Workloads> _workloads = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Image, string Region), string> _running = [];
    private readonly Dictionary<(string Image, string Region), string> _new = [];

    public DeletionWatch(Fleet fleet, EmbeddedNames names, Interruptions interruptions)
    {
        (_fleet, _names, _interruptions) = (fleet, names, interruptions);
        fleet.Cloud.OnJournal(Check);
    }

    private bool _wasUnreadable;

    public Violation? Broken { get; private set; }

    /// <summary>A person lets the service of an image run a build.</summary>
    public async Task DeployAsync(string image, string region, string digest)
    {
        if (!_workloads.TryGetValue(region, out var workloads))
        {
            _workloads[region] = workloads = new Workloads(_fleet.Cloud, region);
        }

        var reference = $"{_names.Repository(image)}@{digest}";
        var isFirst = !_running.ContainsKey((image, region)) && !_new.ContainsKey((image, region));
        await (isFirst ? workloads.CreateServiceAsync(image, reference) : workloads.UpdateServiceAsync(image, reference));
        _running.Remove((image, region));
        _new[(image, region)] = digest;
    }

    /// <summary>Every running image still exists. One that was deployed in the middle of a prune counts from the next check on, because the prune may
    /// have read the workloads before.</summary>
    public async Task CheckAsync()
    {
        foreach (var ((image, region), digest) in _running)
        {
            if (!await ExistsAsync(image, region, digest))
            {
                Broken ??= new Violation(
                    "deleted-running", $"{image} {Digest.Parse(digest).Short12} in {region} was deleted, which a service runs", await _fleet.Cloud.NowAsync());
            }
        }

        foreach (var (place, digest) in _new)
        {
            if (await ExistsAsync(place.Image, place.Region, digest))
            {
                _running[place] = digest;
            }
        }

        _new.Clear();
    }

    /// <summary>A person may have deleted what runs.</summary>
    public async Task ForgetAsync()
    {
        foreach (var (place, digest) in _running.ToList())
        {
            if (!await ExistsAsync(place.Image, place.Region, digest))
            {
                _running.Remove(place);
            }
        }
    }

    private async Task<bool> ExistsAsync(string image, string region, string digest) =>
        (await _fleet.ImagesAsync(_names.Repository(image), region)).Any(each => each.ImageDigest == digest);

    private void Check(JournalEntry entry, string? function)
    {
        // A prune reads the workloads when it begins, and again right before it deletes.
        _wasUnreadable = entry is { Source: "lambda", Kind: "function-invoked" } ? _interruptions.IsUsageUnreadable : _wasUnreadable && _interruptions.IsUsageUnreadable;
        if (function == "Prune" && !_interruptions.ByHand && entry is { Source: "ecr", Kind: "image-deleted" } && _wasUnreadable)
        {
            Broken ??= new Violation(
                "deleted-unknown-use", $"{entry.Text}, although nothing shows which images run", entry.Time);
        }

        if (function == "Prune" && !_interruptions.ByHand && entry is { Source: "ecr", Kind: "image-deleted" } && entry.Data.GetValueOrDefault("tag") is { } tag
            && !Invariants.IsVersionTag(tag) && !ImageVersion.TryParse(tag, out _))
        {
            Broken ??= new Violation(
                "deleted-tagged", $"the tag {tag} of {entry.Data["repository"]} in {entry.Data["region"]} was deleted by a prune", entry.Time);
        }
    }
}
