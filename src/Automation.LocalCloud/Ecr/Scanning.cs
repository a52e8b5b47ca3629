using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Vulnerability scans. Nothing is analysed: <see cref="Rules"/> sets the findings, and there are none by default. The timing of
/// scans, their events and their results are the service's.
/// </summary>
internal sealed class Scanning
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    /// <summary>How long a scan is reported as finished before its findings can be read. Users observed "some seconds"
    /// (https://github.com/aws/aws-sdk/issues/289); a rule may set more.</summary>
    private static readonly TimeSpan DefaultFindingsDelay = TimeSpan.FromSeconds(10);

    internal static readonly IReadOnlyList<string> Severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"];
    private readonly Engine _engine;
    private readonly EcrState _state;
    private readonly EcrEvents _events;
    private readonly Table<FindingsRow> _rules;

    public Scanning(Engine engine, EcrState state, EcrEvents events)
    {
        _engine = engine;
        _state = state;
        _events = events;
        _rules = new Table<FindingsRow>("ecr.findings", engine.Store, () => EcrJson.Default.FindingsRow);

        // A restart does not lose a running scan.
        foreach (var repository in state.All)
        {
            foreach (var image in repository.Images)
            {
                if (state.Scan(image) is { } scan)
                {
                    Resume(image, scan);
                }
            }
        }
    }

    /// <summary>Stored with the state, so that a scan interrupted by a restart has the configured findings.</summary>
    public IReadOnlyList<FindingsRule> Rules
    {
        get => _rules.Find("rules")?.Rules ?? [];
        set => _rules.Set("rules", new FindingsRow(value));
    }

    /// <summary>A number that changes whenever the rules change.</summary>
    public long Revision => _rules.Revision;

    /// <summary>The number of findings by severity; a severity without findings is absent.</summary>
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

    /// <summary>SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL, and the filters that decided it. If the registry has rules, only they decide.
    /// A repository's own scan on push applies only in a registry without rules.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html</summary>
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

        return (repository.ScanOnPush && registry is { ScanType: "BASIC", ScanRules.Count: 0 } ? "SCAN_ON_PUSH" : "MANUAL", []);
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
        var scan = new ScanRow(image.Key, "IN_PROGRESS", _engine.Clock.Now) { Enhanced = enhanced };
        if (!MediaTypes.IsImageConfig(image.ArtifactMediaType))
        {
            scan = scan with
            {
                Status = "UNSUPPORTED_IMAGE",
                Description = "UnsupportedImageError: the artifact is not a container image.",
                CompletedAt = _engine.Clock.Now
            };
            _state.Put(scan);
            return scan;
        }

        _state.Put(scan);
        Resume(image, scan);
        return scan;
    }

    private static bool Fits(string filter, string name) => filter.Contains('*', StringComparison.Ordinal)
        ? Wildcard.Matches(filter, name)
        : name.Contains(filter, StringComparison.Ordinal); // a filter without a wildcard is a part of the name

    private void Resume(ImageRow image, ScanRow scan)
    {
        var about = $"{image.Region}/{image.Repository}@{image.Digest}";
        if (scan.Status is "IN_PROGRESS" or "PENDING")
        {
            _engine.Clock.After(Duration, TimerKind.Work, $"Scan of {about}", () => Finish(image, scan.StartedAt));
        }
        else if (scan.FindingsPending)
        {
            var delay = Rules.FirstOrDefault(rule => rule.Fits(image))?.Delay ?? DefaultFindingsDelay;
            _engine.Clock.After(delay, TimerKind.Work, $"Findings of the scan of {about}", () => Show(image, scan.StartedAt));
        }
    }

    /// <summary>The scan has ended. The findings of a successful scan are not visible yet.</summary>
    private void Finish(ImageRow started, DateTimeOffset startedAt)
    {
        if (Find(started, startedAt) is not ({ } image, { Status: "IN_PROGRESS" or "PENDING" } scan))
        {
            return;
        }

        var status = Rules.FirstOrDefault(rule => rule.Fits(image))?.Status ?? "COMPLETE";
        var done = status is "COMPLETE" or "ACTIVE";
        scan = scan with
        {
            Status = done && scan.Enhanced ? "ACTIVE" : status,
            Description = done
                ? scan.Enhanced ? "Continuous scan is selected for image." : "The scan was completed successfully."
                : "The scan did not complete.",
            CompletedAt = _engine.Clock.Now,
            FindingsPending = done,
        };
        _state.Put(scan);
        if (done)
        {
            Resume(image, scan);
        }
        else
        {
            _events.Scanned(image, scan);
        }
    }

    private void Show(ImageRow started, DateTimeOffset startedAt)
    {
        if (Find(started, startedAt) is not ({ } image, { FindingsPending: true } scan))
        {
            return;
        }

        scan = scan with { FindingsPending = false, Findings = Rules.FirstOrDefault(rule => rule.Fits(image))?.Findings ?? [] };
        _state.Put(scan);
        _events.Scanned(image, scan);
    }

    /// <summary>The image and its scan, unless the image was deleted or scanned again since.</summary>
    private (ImageRow? Image, ScanRow? Scan) Find(ImageRow started, DateTimeOffset startedAt)
    {
        var image = _state.Find(started.Region, started.Repository)?.ByDigest(started.Digest);
        return image is not null && _state.Scan(image) is { } scan && scan.StartedAt == startedAt ? (image, scan) : (null, null);
    }

    /// <summary>The stored rules.</summary>
    internal sealed record FindingsRow(IReadOnlyList<FindingsRule> Rules);
}
