using System.Globalization;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The tags in which the automation remembers, on Image Builder images and pipelines. Anyone can read them in the console.</summary>
public static class BuildTags
{
    // On an image build, given when it is started.
    public const string Image = "automation:image";
    public const string BaseDigest = "automation:base-digest";
    public const string Cause = "automation:cause";
    public const string Slot = "automation:slot";
    public const string Attempt = "automation:attempt";
    public const string Reason = "automation:reason";

    /// <summary>What precedes <see cref="Images.WatchedTags.Id"/>; the value is the digest of the newest image under those tags at the start.</summary>
    public const string WatchedPrefix = "automation:watched-";

    // On an image build, written later.
    public const string Digest = "automation:digest";
    public const string Release = "automation:release";
    public const string ReleaseAttempt = "automation:release-attempt";
    public const string ReleaseAt = "automation:release-at";
    public const string ReleaseReason = "automation:release-reason";
    public const string ReleaseExplicit = "automation:release-explicit";
    public const string ClearedAt = "automation:cleared-at";
    public const string ClearedDigest = "automation:cleared-digest";
    public const string VersionTagsAt = "automation:version-tags-at";
    public const string PromotedAt = "automation:promoted-at";
    public const string SupersededAt = "automation:superseded-at";

    // On a pipeline.
    public const string Hold = "automation:hold";
    public const string HoldScope = "automation:hold-scope";
    public const string HoldSince = "automation:hold-since";

    /// <summary>Of a rollback: the build to go back to, and <see cref="HoldSince"/> again, so that it counts with no other hold:
    /// <c>1.0.0/3 2026-01-31T03:00:00Z</c>.</summary>
    public const string HoldTarget = "automation:hold-target";

    /// <summary>Of a rollback: the execution that last began to move the tags, and when.</summary>
    public const string HoldRun = "automation:hold-run";

    /// <summary>Of a tag's value.</summary>
    public const int LongestValue = 256;

    /// <summary>Everything that a hold writes on a pipeline: removing it ends the hold.</summary>
    public static IReadOnlyList<string> HoldKeys { get; } = [Hold, HoldScope, HoldSince, HoldTarget, HoldRun];

    /// <summary>A record with everything that its tags say; what is missing or unreadable stays as it is in <paramref name="record"/>.</summary>
    public static BuildRecord Read(BuildRecord record, IReadOnlyDictionary<string, string> tags)
    {
        var release = ReadState(tags.GetValueOrDefault(Release)) is { } state
            ? new ReleaseMark(state, Number(tags, ReleaseAttempt) ?? 1, Time(tags, ReleaseAt) ?? record.CreatedAt,
                tags.GetValueOrDefault(ReleaseReason), tags.GetValueOrDefault(ReleaseExplicit) == "yes")
            : record.Release;
        return record with
        {
            BaseDigest = DigestOf(tags, BaseDigest) ?? record.BaseDigest,
            Digest = DigestOf(tags, Digest) ?? record.Digest,
            Watched = ReadWatched(tags) is { Count: > 0 } watched ? watched : record.Watched,
            Cause = tags.GetValueOrDefault(Cause) ?? record.Cause,
            Why = tags.GetValueOrDefault(Reason) ?? record.Why,
            Slot = Time(tags, Slot) ?? record.Slot,
            Attempt = Number(tags, Attempt) ?? record.Attempt,
            Release = release,
            FinishedAt = (record.State.WentWrong() ? release?.At : null) ?? record.FinishedAt,
            ClearedAt = tags.ContainsKey(ClearedAt) ? Time(tags, ClearedAt) : record.ClearedAt,
            ClearedDigest = DigestOf(tags, ClearedDigest) ?? record.ClearedDigest,
            VersionTagsAt = Time(tags, VersionTagsAt) ?? record.VersionTagsAt,
            PromotedAt = Time(tags, PromotedAt) ?? record.PromotedAt,
            SupersededAt = Time(tags, SupersededAt) ?? record.SupersededAt,
        };
    }

    /// <summary>A release's state in tags and events: <c>promoted</c>, <c>rolled-back</c>.</summary>
    public static string Word(ReleaseState state) => state == ReleaseState.RolledBack ? "rolled-back" : state.ToString().ToLowerInvariant();

    /// <summary>The tags that write a release's state on its build. Promoted adds <see cref="PromotedAt"/>.</summary>
    public static IReadOnlyDictionary<string, string> Write(ReleaseMark mark, Digest? digest = null)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Release] = Word(mark.State),
            [ReleaseAttempt] = mark.Attempt.ToString(CultureInfo.InvariantCulture),
            [ReleaseAt] = Format(mark.At),
            [ReleaseReason] = Shorten(mark.Why ?? "-"),
            [ReleaseExplicit] = mark.Explicit ? "yes" : "no",
        };
        if (digest is not null)
        {
            tags[Digest] = digest.Value;
        }

        if (mark.State == ReleaseState.Promoted)
        {
            tags[PromotedAt] = Format(mark.At);
        }

        return tags;
    }

    /// <summary>The tags that write which digest passed scan gate and approval.</summary>
    public static IReadOnlyDictionary<string, string> Cleared(Digest digest, DateTimeOffset at) =>
        new Dictionary<string, string>(StringComparer.Ordinal) { [ClearedAt] = Format(at), [ClearedDigest] = digest.Value };

    /// <summary>The tags that write a hold on a pipeline.</summary>
    public static IReadOnlyDictionary<string, string> Write(Hold hold)
    {
        var since = Format(hold.Since ?? DateTimeOffset.UnixEpoch);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Hold] = Shorten(hold.Why),
            [HoldScope] = hold.Scope.ToString().ToLowerInvariant(),
            [HoldSince] = since,
        };
        if (hold.Rollback is { } rollback)
        {
            tags[HoldTarget] = $"{rollback.Target} {since}";
            tags[HoldRun] = $"{rollback.Execution} {Format(rollback.BegunAt)}";
        }

        return tags;
    }

    /// <summary>The hold written on a pipeline, or null. A scope that cannot be read holds everything.</summary>
    public static Hold? ReadHold(IReadOnlyDictionary<string, string> tags)
    {
        if (tags.GetValueOrDefault(Hold) is not { } why)
        {
            return null;
        }

        var scope = tags.GetValueOrDefault(HoldScope) is { } text && Enum.TryParse<HoldScope>(text, ignoreCase: true, out var known)
            && Enum.IsDefined(known) ? known : Builds.HoldScope.Everything;
        var since = Time(tags, HoldSince);
        return new Hold(why, scope, since, since is null ? null : ReadRollback(tags, since.Value));
    }

    private static RollbackOrder? ReadRollback(IReadOnlyDictionary<string, string> tags, DateTimeOffset since)
    {
        if (tags.GetValueOrDefault(HoldTarget)?.Split(' ') is not [var text, var at] || !ImageVersion.TryParse(text, out var target) || at != Format(since))
        {
            return null;
        }

        return tags.GetValueOrDefault(HoldRun)?.Split(' ') is [var execution, var begun] && ReadTime(begun) is { } time
            ? new RollbackOrder(target, execution, time)
            : new RollbackOrder(target, "-", since);
    }

    /// <summary>Times in tags: <c>2026-01-31T03:00:00Z</c>.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>At most 256 characters, and only those that tag values of every service may contain: commas and semicolons become
    /// dashes, so that a reason can still be read, and others '.'.</summary>
    public static string Shorten(string text)
    {
        var value = Plain(text);
        return value.Length == 0 ? "-" : value.Length <= LongestValue ? value : value[..(LongestValue - 3)] + "...";
    }

    /// <summary>The same in full length.</summary>
    public static string Plain(string text) => string.Concat(
        text.Replace(", ", " - ", StringComparison.Ordinal).Replace("; ", " - ", StringComparison.Ordinal)
            .Select(c => char.IsAsciiLetterOrDigit(c) || " _.:/=+-@".Contains(c, StringComparison.Ordinal) ? c : '.')).Trim();

    private static ReleaseState? ReadState(string? text) =>
        Enum.GetValues<ReleaseState>().Cast<ReleaseState?>().FirstOrDefault(state => Word(state!.Value).Equals(text, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, Digest> ReadWatched(IReadOnlyDictionary<string, string> tags)
    {
        var watched = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var key in tags.Keys.Where(key => key.StartsWith(WatchedPrefix, StringComparison.Ordinal)))
        {
            if (DigestOf(tags, key) is { } digest)
            {
                watched[key[WatchedPrefix.Length..]] = digest;
            }
        }

        return watched;
    }

    private static Digest? DigestOf(IReadOnlyDictionary<string, string> tags, string key) =>
        Images.Digest.TryParse(tags.GetValueOrDefault(key), out var digest) ? digest : null;

    private static int? Number(IReadOnlyDictionary<string, string> tags, string key) =>
        int.TryParse(tags.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static DateTimeOffset? Time(IReadOnlyDictionary<string, string> tags, string key) =>
        ReadTime(tags.GetValueOrDefault(key));

    private static DateTimeOffset? ReadTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
