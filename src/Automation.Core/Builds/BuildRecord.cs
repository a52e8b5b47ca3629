using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>One build version of an image as Image Builder lists it, with what the automation wrote on it as tags
/// (<see cref="BuildTags"/>).</summary>
public sealed record BuildRecord
{
    private static readonly IReadOnlyDictionary<string, Digest> NothingWatched = new Dictionary<string, Digest>();

    public required ImageVersion Version { get; init; }

    public required string Arn { get; init; }

    public required BuildState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>For a build that went wrong: when its end was announced, which is soon after it. Image Builder itself does not say when a build
    /// ended. Null for other builds, and until then.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The digest of what was built, as the first inspection recorded it, the same in every Region; null before that. Another image under
    /// the build's tag is another image.</summary>
    public Digest? Digest { get; init; }

    /// <summary>The base's digest when the build was started, from the tag; null for builds the automation did not start.</summary>
    public Digest? BaseDigest { get; init; }

    /// <summary>By <see cref="WatchedTags.Id"/> the digest of the newest image under the watched tags when the build was started; only of those
    /// that could be read then, and none for builds the automation did not start.</summary>
    public IReadOnlyDictionary<string, Digest> Watched { get; init; } = NothingWatched;

    /// <summary><see cref="BuildCause.Key"/> of why it was started; null for builds the automation did not start.</summary>
    public string? Cause { get; init; }

    /// <summary>The deciding reason for starting it, as it was then; null for builds the automation did not start.</summary>
    public string? Why { get; init; }

    /// <summary>The schedule slot that the build covers.</summary>
    public DateTimeOffset? Slot { get; init; }

    public int Attempt { get; init; } = 1;

    public FailureKind FailureKind { get; init; }

    /// <summary>Untrusted text of the failed build.</summary>
    public string? FailureReason { get; init; }

    /// <summary>How far its release has come; null: none was begun.</summary>
    public ReleaseMark? Release { get; init; }

    /// <summary>When its release passed scan gate and approval; null: it has not, or a release began that must pass them again.</summary>
    public DateTimeOffset? ClearedAt { get; init; }

    /// <summary>The digest that passed scan gate and approval then; null where an older version did not write it.</summary>
    public Digest? ClearedDigest { get; init; }

    /// <summary>When its version tags stood in every Region for the first time: from it <c>soakHours</c> is counted.</summary>
    public DateTimeOffset? VersionTagsAt { get; init; }

    /// <summary>When its floating tags were set.</summary>
    public DateTimeOffset? PromotedAt { get; init; }

    /// <summary>When retention marked it; null: not marked.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <summary>Image Builder's own <c>deprecationTime</c>.</summary>
    public DateTimeOffset? DeprecatedAt { get; init; }

    /// <summary>Of its tags those that could not be understood, for people: <c>automation:release-at is '9999-…', which is not …</c>. They count as
    /// not written.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];
}

/// <summary>Image Builder's image states, drawn together to what matters here
/// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html).</summary>
public enum BuildState
{
    /// <summary>A state this code does not know: treated as in progress, so nothing is started or deleted over it.</summary>
    Unknown,

    /// <summary>PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, INTEGRATING.</summary>
    InProgress,

    Available,
    Failed,
    Cancelled,
    Deprecated,
    Disabled,

    /// <summary>The record is there, its outputs are gone.</summary>
    Deleted,
}

/// <summary>Whether building the same again can help; read from <c>failureContext</c> where the API gives it.</summary>
public enum FailureKind
{
    /// <summary>Not told: retried like a transient one, up to the same limit.</summary>
    Unknown,

    /// <summary>Capacity, timeouts, network, agent not reachable.</summary>
    Transient,

    /// <summary>The Dockerfile, a component or a test fails: the same input fails again.</summary>
    Permanent,
}

/// <summary>What the automation wrote on a build about its release.</summary>
/// <param name="Attempt">1 for the first execution that tried to release it.</param>
/// <param name="At">When the state was written.</param>
/// <param name="Why">The deciding reason; for <see cref="ReleaseState.Running"/> the execution's name.</param>
/// <param name="Explicit">A person asked for this release: it ends a hold that was set before it. On a promoted build: a person asked once more, at
/// <paramref name="At"/>, and has no answer yet.</param>
public sealed record ReleaseMark(ReleaseState State, int Attempt, DateTimeOffset At, string? Why = null, bool Explicit = false);

public enum ReleaseState
{
    /// <summary>An execution began and has not said how it ended.</summary>
    Running,

    /// <summary>Version and floating tags stand, or stood until a newer build took them over. The newest build with this mark owns the
    /// floating tags: it is written before the tags are read for the last time, so of two releases at once one sees the other's.</summary>
    Promoted,

    /// <summary>Version tags stand, the floating tags are held (rollback) until an explicit promote.</summary>
    Held,

    /// <summary>The gate said no; looked at again every <c>recheckHours</c> while it is the newest.</summary>
    Blocked,

    /// <summary>A person said no, or nobody answered in time. Only an explicit promote comes back to it.</summary>
    Rejected,

    /// <summary>The image is not in every Region; released as soon as it is, while it is the newest.</summary>
    Missing,

    /// <summary>A newer build was promoted first.</summary>
    Overtaken,

    /// <summary>A permanent error, such as an immutable tag on another digest: tried again when that is gone, while it is the newest. On a build that
    /// went wrong itself: its end has been announced.</summary>
    Failed,

    /// <summary>Of a build that a person cancelled: its end has been announced.</summary>
    Cancelled,

    /// <summary>It was promoted, and a person went back to an older build. Only an explicit promote comes back to it.</summary>
    RolledBack,
}

public static class BuildStates
{
    /// <summary>From the API's <c>status</c>.</summary>
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

    /// <summary>Whether an image came out of it, whatever became of it later.</summary>
    public static bool Succeeded(this BuildState state) =>
        state is BuildState.Available or BuildState.Deprecated or BuildState.Disabled or BuildState.Deleted;

    public static bool WentWrong(this BuildState state) => state is BuildState.Failed or BuildState.Cancelled;
}
