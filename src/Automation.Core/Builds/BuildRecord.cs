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

    /// <summary>The checks that the digest passed: gate, approval, both or none; null if an older version of Automation did not record them.</summary>
    public string? ClearedBy { get; init; }

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

    /// <summary>Whether the state of its release is recorded and cannot be read. It may be promoted, rejected or rolled back: only a person knows.</summary>
    public bool IsReleaseUnreadable { get; init; }

    /// <summary>Whether its digest is recorded and cannot be read.</summary>
    public bool IsDigestUnreadable { get; init; }
}
