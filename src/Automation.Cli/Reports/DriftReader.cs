using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Workloads;

namespace Automation.Cli.Reports;

/// <summary>The status lines about floating tags that nothing runs yet.</summary>
internal sealed class DriftReader(Connection connection)
{
    private readonly Lock _once = new();
    private Task<(WorkloadAnswer Answer, bool IsNew)>? _reading;

    /// <summary>One note for each such tag, or a single note that says why usage is unknown.</summary>
    /// <param name="promoted">The current floating tags.</param>
    public async Task<IReadOnlyList<StatusNote>> ReadAsync(
        ImageSpec image, IReadOnlyList<PromotedTag> promoted, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        WorkloadAnswer answer;
        try
        {
            answer = (await ReadOnceAsync(now, cancellationToken)).Answer;
        }
        catch (TransientException e)
        {
            return [new StatusNote("what runs", null, $"unknown: {e.Message}")];
        }

        if (answer.Unknown is { } why)
        {
            return [new StatusNote("what runs", null, $"unknown: {why}")];
        }

        var digests = builds.Where(build => build.Digest is not null).ToLookup(build => build.Digest!, build => build.Version);
        return [.. promoted.Where(tag => tag is { Version: not null, NotPromoted: null }).GroupBy(tag => tag.Region).SelectMany(tags => RunningDrift.Of(
                tags.Key,
                tags.ToDictionary(tag => tag.Tag, tag => (Digest.Parse(tag.Digest), ImageVersion.Parse(tag.Version!)), StringComparer.Ordinal),
                digests,
                answer.Survey.In(tags.Key, image.Repository)))
            .Select(drift => new StatusNote($"{drift.Tag} in {drift.Region}", null, Text(drift, promoted, now)))];
    }

    // The images are read at the same time, and all need the same answer.
    private Task<(WorkloadAnswer Answer, bool IsNew)> ReadOnceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_once)
        {
            return _reading ??= connection.Workloads.ReadSharedAsync(now, cancellationToken);
        }
    }

    // promoted 12 days ago as 1.0.0/6, but service web of cluster prod, account 123456789012, eu-west-1 still runs 1.0.0/4
    private static string Text(RunningDrift drift, IReadOnlyList<PromotedTag> promoted, DateTimeOffset now)
    {
        var at = promoted.First(tag => tag.Tag == drift.Tag && tag.Region == drift.Region).PromotedAt;
        var (version, workload) = drift.Running[0];
        var more = drift.Running.Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $", and {HumanText.Of(drift.Running.Count - 1, "older build")} run too")
            : "";
        return $"is {drift.Promoted}{(at is { } time ? $", promoted {HumanText.Age(now - time)} ago" : "")}, but {workload.Where} still runs {version}{more}";
    }
}
