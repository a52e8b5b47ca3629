using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>One build version of an image as Image Builder lists it, with the tags that Automation wrote on it
/// (<see cref="BuildTags"/>).</summary>
public sealed record BuildRecord
{
    private static readonly IReadOnlyDictionary<string, Digest> NothingWatched = new Dictionary<string, Digest>();

    public required ImageVersion Version { get; init; }

    public required string Arn { get; init; }

    public required BuildState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the end of a failed or cancelled build was announced, shortly after it. Image Builder does not say when a build ended.
    /// Null for other builds, and before the announcement.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The digest of the image as the first inspection recorded it, the same in every Region; null before that. If the build's tag
    /// moves to another digest, this property still names the original image.</summary>
    public Digest? Digest { get; init; }

    /// <summary>The base's digest when the build started, from the tag; null for builds that Automation did not start.</summary>
    public Digest? BaseDigest { get; init; }

    /// <summary>The digest of the newest watched image when the build started, by <see cref="WatchedTags.Id"/>. Contains only those
    /// that could be read then, and nothing for builds that Automation did not start.</summary>
    public IReadOnlyDictionary<string, Digest> Watched { get; init; } = NothingWatched;

    /// <summary>The <see cref="BuildCause.Key"/> of the build; null for builds that Automation did not start.</summary>
    public string? Cause { get; init; }

    /// <summary>The deciding reason when the build started; null for builds that Automation did not start.</summary>
    public string? Why { get; init; }

    /// <summary>The schedule slot that the build covers.</summary>
    public DateTimeOffset? Slot { get; init; }

    public int Attempt { get; init; } = 1;

    public FailureKind FailureKind { get; init; }

    /// <summary>Untrusted text from the failed build.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The state of the build's release; null if none has begun.</summary>
    public ReleaseMark? Release { get; init; }

    /// <summary>When the release passed scan gate and approval; null if it has not, or if a later release must pass them again.</summary>
    public DateTimeOffset? ClearedAt { get; init; }

    /// <summary>The digest that passed scan gate and approval; null if an older version of Automation did not record it.</summary>
    public Digest? ClearedDigest { get; init; }

    /// <summary>When the version tags first existed in every Region. <c>soakHours</c> counts from then.</summary>
    public DateTimeOffset? VersionTagsAt { get; init; }

    /// <summary>When the build was promoted.</summary>
    public DateTimeOffset? PromotedAt { get; init; }

    /// <summary>When retention marked the build as superseded; null if it is not marked.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <summary>Image Builder's own <c>deprecationTime</c>.</summary>
    public DateTimeOffset? DeprecatedAt { get; init; }

    /// <summary>Tags that could not be read, as messages: <c>automation:release-at is '9999-…', which is not …</c>. They count as
    /// missing.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];
}

/// <summary>Image Builder's image states, reduced to the distinctions that matter here
/// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html).</summary>
public enum BuildState
{
    /// <summary>A state that this code does not know. It counts as in progress, so nothing starts or gets deleted meanwhile.</summary>
    Unknown,

    /// <summary>PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, INTEGRATING.</summary>
    InProgress,

    Available,
    Failed,
    Cancelled,
    Deprecated,
    Disabled,

    /// <summary>The record exists, but its outputs are deleted.</summary>
    Deleted,
}

/// <summary>Whether a retry of a failed build can help, from <c>failureContext</c> if the API gives it.</summary>
public enum FailureKind
{
    /// <summary>Not known: retried like a transient failure, up to the same limit.</summary>
    Unknown,

    /// <summary>Capacity, time-outs, network, or an unreachable agent.</summary>
    Transient,

    /// <summary>The Dockerfile, a component or a test failed. The same input would fail again.</summary>
    Permanent,
}

/// <summary>The state of a build's release, as written on the build.</summary>
/// <param name="Attempt">1 for the first execution that tried to release it.</param>
/// <param name="At">When the state was written.</param>
/// <param name="Why">The deciding reason; for <see cref="ReleaseState.Running"/> the execution's name.</param>
/// <param name="Explicit">Whether a person requested this release; it then ends a hold that was set before it. On a promoted build: a person requested
/// it again at <paramref name="At"/> and has not been answered yet.</param>
public sealed record ReleaseMark(ReleaseState State, int Attempt, DateTimeOffset At, string? Why = null, bool Explicit = false);

public enum ReleaseState
{
    /// <summary>An execution began and has not recorded its end.</summary>
    Running,

    /// <summary>Version and floating tags are set, or were until a newer build took them over. The newest build with this mark owns the
    /// floating tags. The mark is written before the tags are read for the last time, so of two concurrent releases one sees the other's mark.</summary>
    Promoted,

    /// <summary>The version tags exist; a hold (rollback) keeps the floating tags away until an explicit promote.</summary>
    Held,

    /// <summary>The gate blocked it. While it is the newest build, it is checked again every <c>recheckHours</c>.</summary>
    Blocked,

    /// <summary>A person rejected it, or nobody answered in time. Run <c>automation promote</c> to retry it.</summary>
    Rejected,

    /// <summary>The image is missing in a Region. While it is the newest build, its release continues once the image is everywhere.</summary>
    Missing,

    /// <summary>A newer build was promoted first.</summary>
    Overtaken,

    /// <summary>A permanent error, such as an immutable tag on another digest. While it is the newest build, it is retried once the obstacle is removed. On a
    /// failed build: its end has been announced.</summary>
    Failed,

    /// <summary>A person cancelled the build, and its end has been announced.</summary>
    Cancelled,

    /// <summary>It was promoted, and a person rolled back to an older build. Run <c>automation promote</c> to promote it again.</summary>
    RolledBack,
}

public static class BuildStates
{
    /// <summary>Parses the API's <c>status</c>.</summary>
    public static BuildState Parse(string? status) => status switch
    {
        "PENDING" or "CREATING" or "BUILDING" or "TESTING" or "DISTRIBUTING" or "INTEGRATING" => BuildState.InProgress,
        "AVAILABLE" => BuildState.Available,
        "FAILED" => BuildState.Failed,
        "CANCELLED" => BuildState.Cancelled,
        "DEPRECATED" => BuildState.Deprecated,
        "DISABLED" => BuildState.Disabled,
        "DELETED" => BuildState.Deleted,
        _ => BuildState.Unknown,
    };

    public static bool IsRunning(this BuildState state) => state is BuildState.InProgress or BuildState.Unknown;

    /// <summary>Whether the build produced an image, even if that was deleted later.</summary>
    public static bool Succeeded(this BuildState state) =>
        state is BuildState.Available or BuildState.Deprecated or BuildState.Disabled or BuildState.Deleted;

    public static bool WentWrong(this BuildState state) => state is BuildState.Failed or BuildState.Cancelled;
}
