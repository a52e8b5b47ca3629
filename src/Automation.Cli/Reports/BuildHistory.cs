using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Cli.Reports;

/// <summary>The history of an image from its builds and the executions of the last 90 days, newest first.</summary>
internal sealed record BuildHistory(string Image, HoldView? Hold, IReadOnlyList<PastBuild> Builds, IReadOnlyList<PastExecution> Rollbacks)
{
    /// <exception cref="PermanentException">The image's pipeline does not exist, or builds no container.</exception>
    public static async Task<(BuildHistory History, IReadOnlyList<BuildRecord> Builds)> ReadAsync(
        Connection connection, ImageSpec image, CancellationToken cancellationToken)
    {
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var executions =
            await connection.Executions.ListAsync(connection.StateMachineArn, name => ExecutionNames.ImageIn(name) == image.Name, cancellationToken);
        var past = executions.Select(execution => new PastExecution(execution.Name, execution.Status.ToLowerInvariant(), execution.StartedAt));
        return (Of(image.Name, pipeline.Hold, builds, [.. past]), builds);
    }

    public static BuildHistory Of(string image, Hold? hold, IReadOnlyCollection<BuildRecord> builds, IReadOnlyList<PastExecution> executions)
    {
        var releases = executions.Where(execution => ReleaseName.VersionIn(image, execution.Name, builds) is not null)
            .ToLookup(execution => ReleaseName.VersionIn(image, execution.Name, builds)!);
        return new BuildHistory(
            image,
            hold is null ? null : HoldView.Of(hold),
            [.. builds.OrderByDescending(build => build.CreatedAt).ThenByDescending(build => build.Version)
                .Select(build => PastBuild.Of(image, build, [.. releases[build.Version]]))],
            [.. executions.Where(execution => execution.Name.StartsWith($"rollback-{image}_", StringComparison.Ordinal))]);
    }
}

/// <param name="Trigger">Null if Automation did not start the build.</param>
/// <param name="Watched">The digests of the watched images at the time of the build.</param>
/// <param name="Executions">The executions that released it, or tried to.</param>
internal sealed record PastBuild(
    string Version,
    string State,
    DateTimeOffset StartedAt,
    string? Trigger,
    int Attempt,
    string? Why,
    string? Base,
    IReadOnlyList<string> Watched,
    string? Digest,
    string? Failure,
    PastRelease? Release,
    IReadOnlyList<PastExecution> Executions,
    DateTimeOffset? PromotedAt,
    DateTimeOffset? SupersededAt,
    DateTimeOffset? DeprecatedAt)
{
    public static PastBuild Of(string image, BuildRecord build, IReadOnlyList<PastExecution> executions) => new(
        build.Version.ToString(),
        build.State.ToString().ToLowerInvariant(),
        build.CreatedAt,
        build.Cause is { } cause ? TriggerOf(cause) : null,
        build.Attempt,
        build.Why,
        build.BaseDigest?.Value,
        [.. build.Watched.Values.Select(watched => watched.Value).Distinct().Order(StringComparer.Ordinal)],
        build.Digest?.Value,
        build.FailureReason is { } failure ? $"{failure} ({build.FailureKind.ToString().ToLowerInvariant()})" : null,
        build.Release is { } mark ? new PastRelease(BuildTags.ToTagValue(mark.State), mark.At, mark.Attempt, mark.Why) : null,
        executions.Count > 0 || build.Release is null ? executions
            : [new PastExecution(ReleaseName.Running(image, build) ?? ReleaseName.For(image, build.Version, build.Release.Attempt), null, build.Release.At)],
        build.PromotedAt,
        build.SupersededAt,
        build.DeprecatedAt);

    // base:sha256:7f5b…, watched:sha256:3f2a…, slot:2026-01-11T03:00:00Z, recipe:1.1.0, manual:anna-20260105T080000, first
    private static string TriggerOf(string cause) => cause.Split(':', 2) switch
    {
        ["base", _] => "a new base digest",
        ["watched", _] => "another image under watched tags",
        ["slot", var time] => $"schedule of {time}",
        ["recipe", var version] => $"recipe {version}",
        ["manual", var id] => $"request {id}",
        ["first"] => "first build",
        _ => cause,
    };
}

internal sealed record PastRelease(string State, DateTimeOffset At, int Attempt, string? Why);

/// <param name="Status">Null if Step Functions no longer lists it; then its name follows from the build.</param>
internal sealed record PastExecution(string Name, string? Status, DateTimeOffset At);
