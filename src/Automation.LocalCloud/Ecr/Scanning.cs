using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Vulnerability scans. Nothing is analysed: what a scan finds is ordered with <see cref="Rules"/>, nothing by default; when scans
/// run, what they announce and what they answer is the service's.
/// </summary>
internal sealed class Scanning
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    internal static readonly IReadOnlyList<string> Severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"];
    private readonly Cloud _cloud;
    private readonly EcrState _state;
    private readonly EcrEvents _events;
    private readonly Table<FindingsRow> _rules;

    public Scanning(Cloud cloud, EcrState state, EcrEvents events)
    {
        _cloud = cloud;
        _state = state;
        _events = events;
        _rules = new Table<FindingsRow>("ecr.findings", cloud.Store);

        // A restart does not lose a scan that was under way.
        foreach (var repository in state.All)
        {
            foreach (var image in repository.Images)
            {
                if (state.Scan(image) is { Status: "IN_PROGRESS" or "PENDING" })
                {
                    FinishLater(repository.Row.Key, image);
                }
            }
        }
    }

    /// <summary>Kept with the state: a scan that a restart interrupts finds what was ordered.</summary>
    public IReadOnlyList<FindingsRule> Rules
    {
        get => _rules.Find("rules")?.Rules ?? [];
        set => _rules.Set("rules", new FindingsRow(value));
    }

    /// <summary>Counts by severity; a severity without findings is absent.</summary>
    public static JsonObject SeverityCounts(IReadOnlyList<Finding> findings)
    {
        var counts = new JsonObject();
        foreach (var severity in Severities)
        {
            var count = findings.Count(finding => finding.Severity == severity);
            if (count > 0)
            {
                counts[severity] = count;
            }
        }

        return counts;
    }

    /// <summary>SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL, and the filters that made it so.</summary>
    public (string Frequency, IReadOnlyList<string> Filters) FrequencyOf(RepositoryRow repository)
    {
        var registry = _state.Registry(repository.Region);
        foreach (var rule in registry.ScanRules.OrderBy(rule => rule.Frequency == "CONTINUOUS_SCAN" ? 0 : 1))
        {
            var fitting = rule.Filters.Where(filter => Fits(filter, repository.Name)).ToList();
            if (fitting.Count > 0)
            {
                return (rule.Frequency, fitting);
            }
        }

        return (repository.ScanOnPush && registry.ScanType == "BASIC" ? "SCAN_ON_PUSH" : "MANUAL", []);
    }

    public bool IsEnhanced(RepositoryRow repository) => _state.Registry(repository.Region).ScanType == "ENHANCED";

    public void OnPush(RepositoryIndex repository, ImageRow image)
    {
        if (FrequencyOf(repository.Row).Frequency != "MANUAL" && MediaTypes.IsManifest(image.MediaType))
        {
            Start(repository, image);
        }
    }

    public ScanRow Start(RepositoryIndex repository, ImageRow image)
    {
        var enhanced = IsEnhanced(repository.Row);
        var scan = new ScanRow(image.Key, "IN_PROGRESS", _cloud.Clock.Now) { Enhanced = enhanced };
        if (!MediaTypes.IsImageConfig(image.ArtifactMediaType))
        {
            scan = scan with { Status = "UNSUPPORTED_IMAGE", Description = "UnsupportedImageError: the artifact is not a container image.", CompletedAt = _cloud.Clock.Now };
            _state.Put(scan);
            return scan;
        }

        _state.Put(scan);
        FinishLater(repository.Row.Key, image);
        return scan;
    }

    private static bool Fits(string filter, string name) => filter.Contains('*', StringComparison.Ordinal)
        ? Wildcard.Matches(filter, name)
        : name.Contains(filter, StringComparison.Ordinal); // a filter without a wildcard is a part of the name

    private void FinishLater(string repository, ImageRow image) =>
        _cloud.Clock.After(Duration, TimerKind.Work, $"Scan of {repository}@{image.Digest}", () => Finish(image));

    private void Finish(ImageRow started)
    {
        var image = _state.Find(started.Region, started.Repository)?.ByDigest(started.Digest);
        if (image is null || _state.Scan(image) is not { Status: "IN_PROGRESS" or "PENDING" } scan)
        {
            return;
        }

        var rule = Rules.FirstOrDefault(rule => rule.Fits(image));
        var status = rule?.Status ?? "COMPLETE";
        var done = status is "COMPLETE" or "ACTIVE";
        scan = scan with
        {
            Status = done && scan.Enhanced ? "ACTIVE" : status,
            Description = done
                ? scan.Enhanced ? "Continuous scan is selected for image." : "The scan was completed successfully."
                : "The scan did not complete.",
            CompletedAt = _cloud.Clock.Now,
            Findings = done ? rule?.Findings ?? [] : [],
        };
        _state.Put(scan);
        _events.Scanned(image, scan);
    }

    private sealed record FindingsRow(IReadOnlyList<FindingsRule> Rules);
}
