using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.Cli.Deployment;
using Automation.Cli.Executions;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Incidents;
using Automation.Core.Promotion;

namespace Automation.Cli.Reports;

/// <summary>The current state of an image, and what it waits for.</summary>
/// <param name="Newest">Null when it was never built.</param>
/// <param name="Build">Whether a build is due, according to the planner that the functions use.</param>
internal sealed record ImageStatus(
    string Image,
    string Repository,
    string? Base,
    string? BaseDigest,
    BuildView? Newest,
    IReadOnlyList<PromotedTag> Promoted,
    HoldView? Hold,
    DecisionView Build,
    IReadOnlyList<StatusNote> Waiting,
    IReadOnlyList<StatusNote> Blocked,
    IReadOnlyList<string> Running,
    IReadOnlyList<StatusNote> Behind)
{
    /// <summary>The open incidents.</summary>
    public IReadOnlyList<IncidentView> Incidents { get; init; } = [];

    /// <summary>The floating tags whose image runs nowhere yet, while older builds run.</summary>
    public IReadOnlyList<StatusNote> NotRunning { get; init; } = [];

    /// <summary>The Regions that do not respond now, with the error.</summary>
    public IReadOnlyList<StatusNote> Unread { get; init; } = [];

    /// <summary>The overall state in one word, worst first: unknown, no-pipeline, incident, blocked, drift, held, approval, overdue, not-running, waits,
    /// building, due, new or ok.</summary>
    public string State => Summary.Word;

    /// <summary>Whether it needs a person.</summary>
    public bool IsProblem => Summary.IsProblem;

    [JsonIgnore]
    public StatusSummary Summary => StatusSummary.Of(this);

    /// <summary>Why the image is overdue; null if it is not.</summary>
    public string? Overdue { get; init; }

    /// <summary>The status of an image that cannot be read. It must not hide the others.</summary>
    public static ImageStatus Unknown(ImageSpec image, AutomationException why) => Nothing(image, DecisionView.Unknown(why));

    public static ImageStatus WithoutPipeline(ImageSpec image, BuildDecision why) => Nothing(image, DecisionView.From(why));

    private static ImageStatus Nothing(ImageSpec image, DecisionView why) => new(image.Name, image.Repository, null, null, null, [], null, why, [], [], [], []);
}

internal sealed record BuildView(string Version, string State, DateTimeOffset CreatedAt, string? Release);

/// <param name="Version">Null if no known build has the digest.</param>
/// <param name="NotPromoted">Why the image under the tag is not promoted; null if it is promoted.</param>
internal sealed record PromotedTag(string Region, string Tag, string? Version, string Digest, DateTimeOffset? PromotedAt, string? NotPromoted = null);

/// <param name="Target">The build that a rollback holds the floating tags on.</param>
internal sealed record HoldView(string Why, string Scope, DateTimeOffset? Since, DateTimeOffset? Until, string? Target)
{
    public static HoldView Of(Hold hold) => new(hold.Why, hold.Scope.ToString().ToLowerInvariant(), hold.Since, hold.Until, hold.Target?.ToString());
}

/// <param name="Decision">start, not-yet or no; unknown for an image that cannot be read, with the reason.</param>
internal sealed record DecisionView(string Decision, DateTimeOffset? Until, string? Execution, IReadOnlyList<ReasonView> Reasons)
{
    private const string UnknownDecision = "unknown";

    public static DecisionView From(BuildDecision decision) => decision switch
    {
        BuildDecision.Start(var order, _) => new("start", null, order.ExecutionName, ReasonView.From(decision.Reasons)),
        BuildDecision.NotYet(var until, var order, _) => new("not-yet", until, order.ExecutionName, ReasonView.From(decision.Reasons)),
        _ => new("no", null, null, ReasonView.From(decision.Reasons)),
    };

    public static DecisionView Unknown(AutomationException why) => new(UnknownDecision, null, null, [new ReasonView("unreadable", why.Message)]);

    [JsonIgnore]
    public bool IsUnknown => Decision == UnknownDecision;

    [JsonIgnore]
    public bool HasNoPipeline => Reasons[0].Code == ReasonCode.PipelineMissing.Name();
}

/// <param name="Kind">Such as <c>not-releasable</c>.</param>
internal sealed record IncidentView(string Kind, DateTimeOffset Since, string Why)
{
    /// <param name="all">The open incidents of all images, with the inputs of their executions.</param>
    /// <param name="regions">The Regions that the image is promoted to.</param>
    public static IReadOnlyList<IncidentView> Of(string image, IReadOnlyList<string> regions, IEnumerable<(OpenIncident Incident, string? Input)> all) =>
        [.. all.Where(each => each.Incident.Id.Kind == IncidentKind.RegionUnreadable
            ? regions.Contains(each.Incident.Id.Image)
            : each.Incident.Id.Image == image).OrderBy(each => each.Incident.Since)
            .Select(each => new IncidentView(each.Incident.Id.Kind.Code(), each.Incident.Since, Reason(each.Input) ?? each.Incident.Name))];

    // {"image":"app","kind":"not-releasable",…,"detail":{…,"reasons":[{"code":"not-in-region","text":"…"}]}}
    private static string? Reason(string? input)
    {
        try
        {
            return input is null ? null : JsonNode.Parse(input)?["detail"]?["reasons"]?[0]?["text"]?.ToString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}

/// <param name="What">An execution or a build version.</param>
/// <param name="Approval">Whether it waits for the approval of a person.</param>
internal sealed record StatusNote(string What, DateTimeOffset? Until, string Why, bool Approval = false);

/// <summary>Reads <see cref="ImageStatus"/>.</summary>
internal sealed class StatusReader(Connection connection)
{
    private readonly DriftReader _drift = new(connection);

    public async Task<ImageStatus> ReadAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var now = connection.Clock.GetUtcNow();
        var facts = await connection.Fleet.Findings.WithFindingsAsync(
            await connection.Fleet.Builds.ReadAsync(image, null, now, cancellationToken), cancellationToken);
        if (!facts.Pipeline.Exists)
        {
            return ImageStatus.WithoutPipeline(image, BuildPlanner.Decide(facts));
        }

        var newest = facts.Builds.MaxBy(build => build.Version);
        var running = connection.RunningOf(image.Name).ToList();
        var decision = BuildPlanner.Decide(facts);

        var waiting = new List<StatusNote>();
        foreach (var execution in running)
        {
            var history = await connection.Executions.HistoryAsync(connection.ExecutionArn(execution), cancellationToken);
            if (WaitingNote.Of(execution, history) is { } note)
            {
                waiting.Add(new StatusNote(execution, note.Until, note.Why, note.IsApproval));
            }
        }

        if (decision is BuildDecision.NotYet(var until, var order, _) && !running.Contains(order.ExecutionName))
        {
            waiting.Add(new StatusNote("build", until, decision.Reasons[0].Text));
        }

        var unread = new Dictionary<string, string>(StringComparer.Ordinal);
        var promoted = await PromotedAsync(image, facts.Builds, now, unread, cancellationToken);
        var releases = await connection.Fleet.Releases.ReadAsync(facts, connection.Running, cancellationToken);
        foreach (var (region, fault) in releases.UnreadRegions)
        {
            unread.TryAdd(region, fault);
        }

        return new ImageStatus(
            image.Name,
            image.Repository,
            facts.Pipeline.ParentImage,
            facts.Base?.Digest?.Value,
            newest is null ? null : View(newest),
            promoted,
            facts.Pipeline.Hold is { } hold ? HoldView.Of(hold) : null,
            DecisionView.From(decision),
            waiting,
            [.. Blocked(facts, decision)],
            running,
            [.. TagDrift.Behind(releases).Select(tag => new StatusNote($"{tag.Tag} in {tag.Region}", null, tag.Reason.Text))])
        {
            NotRunning = await _drift.ReadAsync(image, promoted, facts.Builds, now, cancellationToken),
            Overdue = ImageAge.Of(image, facts.Builds, now)?.Reason.Text,
            Unread = [.. unread.OrderBy(region => region.Key, StringComparer.Ordinal).Select(region => new StatusNote(region.Key, null, region.Value))],
        };
    }

    internal static BuildView View(BuildRecord build) =>
        new(build.Version.ToString(), build.State.ToString().ToLowerInvariant(), build.CreatedAt,
            build.Release is { } mark ? BuildTags.ToTagValue(mark.State) : null);

    internal static string Short(string digest) => digest.StartsWith("sha256:", StringComparison.Ordinal) ? digest[7..19] : digest;

    private async Task<IReadOnlyList<PromotedTag>> PromotedAsync(
        ImageSpec image, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, Dictionary<string, string> unread, CancellationToken cancellationToken)
    {
        var promoted = new List<PromotedTag>();
        foreach (var region in connection.Fleet.RegionsOf(image))
        {
            try
            {
                promoted.AddRange(await PromotedAsync(image, region, builds, now, cancellationToken));
            }
            catch (TransientException e) when (Profiles.Expired(e, profile: null) is null)
            {
                // It does not hide the other Regions.
                unread[region] = e.Message;
            }
        }

        return promoted;
    }

    private async Task<IReadOnlyList<PromotedTag>> PromotedAsync(
        ImageSpec image, string region, IReadOnlyList<BuildRecord> builds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (image.Promote.FloatingTags.Count == 0)
        {
            return await VersionTagsAsync(image, region, builds, cancellationToken);
        }

        var (repository, versions) = await connection.Fleet.Releases.FloatingTagsAsync(image, region, builds, cancellationToken);
        return
        [
            .. repository.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag =>
            {
                var version = versions.GetValueOrDefault(tag.Value);
                var why = PromotionStatus.Of(new TagOwner(image, builds, version), tag.Value, now) switch
                {
                    PromotionStatus.NotPromoted no => no.Why,
                    PromotionStatus.Pending pending => pending.Why,
                    _ => null,
                };
                return new PromotedTag(
                    region, tag.Key, version?.ToString(), tag.Value.Value, builds.FirstOrDefault(build => build.Version == version)?.PromotedAt, why);
            }),
        ];
    }

    /// <summary>The version tags of the build promoted last, for an image without floating tags.</summary>
    private async Task<IReadOnlyList<PromotedTag>> VersionTagsAsync(
        ImageSpec image, string region, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        if (builds.Where(build => build is { PromotedAt: not null, Digest: not null }).MaxBy(build => build.PromotedAt) is not { } last)
        {
            return [];
        }

        var tags = image.Promote.VersionTags.Select(template => template.Render(last.Version, last.CreatedAt, last.Digest!)).ToList();
        var repository = await connection.Registry.ReadRepositoryAsync(region, image.Repository, tags, cancellationToken);
        return [.. repository.Tags.Where(tag => tag.Value == last.Digest)
            .Select(tag => new PromotedTag(region, tag.Key, last.Version.ToString(), tag.Value.Value, last.PromotedAt))];
    }

    /// <summary>The reason why the newest build is not promoted, or why the next one does not start.</summary>
    private static IEnumerable<StatusNote> Blocked(BuildFacts facts, BuildDecision decision)
    {
        var newest = facts.Builds.Where(build => build.State == BuildState.Available).MaxBy(build => build.Version);
        if (newest?.Release is
            {
                State: ReleaseState.Blocked or ReleaseState.Rejected or ReleaseState.Held or ReleaseState.Missing or ReleaseState.Failed
            or ReleaseState.RolledBack
            } mark && !(facts.Pipeline.Hold is not null && mark.State is ReleaseState.Held or ReleaseState.RolledBack))
        {
            yield return new StatusNote(newest.Version.ToString(), null, $"{BuildTags.ToTagValue(mark.State)}: {mark.Why ?? "no reason given"}");
        }

        var last = facts.Builds.MaxBy(build => build.CreatedAt);
        if (last is not null && last.State.WentWrong() && decision is BuildDecision.No)
        {
            yield return new StatusNote(
                last.Version.ToString(), null, $"{last.State.ToString().ToLowerInvariant()}: {last.FailureReason ?? "no reason given"}");
        }
    }
}
