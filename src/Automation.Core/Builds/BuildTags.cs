using System.Globalization;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The tags on Image Builder builds and pipelines that hold Automation's state. Anyone can read them in the console.</summary>
public static class BuildTags
{
    // On a build, written when it starts.
    public const string Image = "automation:image";
    public const string BaseDigest = "automation:base-digest";

    /// <summary>The base in words, for people, if the recipe names it by a parameter or an ARN.</summary>
    public const string Base = "automation:base";
    public const string Cause = "automation:cause";
    public const string Slot = "automation:slot";
    public const string Attempt = "automation:attempt";
    public const string Reason = "automation:reason";

    /// <summary>The key's prefix before <see cref="Images.WatchedTags.Id"/>. The value is the digest of the newest image under those tags at the
    /// start.</summary>
    public const string WatchedPrefix = "automation:watched-";

    // On a build, written later.
    public const string Digest = "automation:digest";
    public const string Release = "automation:release";
    public const string ReleaseAttempt = "automation:release-attempt";
    public const string ReleaseAt = "automation:release-at";
    public const string ReleaseReason = "automation:release-reason";
    public const string ReleaseExplicit = "automation:release-explicit";
    public const string ClearedAt = "automation:cleared-at";
    public const string ClearedDigest = "automation:cleared-digest";
    public const string ClearedBy = "automation:cleared-by";
    public const string VersionTagsAt = "automation:version-tags-at";
    public const string PromotedAt = "automation:promoted-at";
    public const string SupersededAt = "automation:superseded-at";

    // On a pipeline.
    public const string Hold = "automation:hold";
    public const string HoldScope = "automation:hold-scope";
    public const string HoldSince = "automation:hold-since";
    public const string HoldUntil = "automation:hold-until";

    /// <summary>For a rollback: the build to go back to, followed by the value of <see cref="HoldSince"/>, so that it applies only to that hold:
    /// <c>1.0.0/3 2026-01-31T03:00:00Z</c>.</summary>
    public const string HoldTarget = "automation:hold-target";

    /// <summary>For a rollback: the execution that last began to move the tags, and when.</summary>
    public const string HoldRun = "automation:hold-run";

    /// <summary>The maximum length of a tag value.</summary>
    public const int MaxValueLength = 256;

    /// <summary>The keys of a hold on a pipeline. Removing them ends the hold.</summary>
    public static IReadOnlyList<string> HoldKeys { get; } = [Hold, HoldScope, HoldSince, HoldUntil, HoldTarget, HoldRun];

    private static readonly string[] ReleaseStates =
        [.. Enum.GetValues<ReleaseState>().Select(state => state == ReleaseState.RolledBack ? "rolled-back" : state.ToString().ToLowerInvariant())];

    /// <summary>The highest attempt that is accepted from a tag. Counting on from it must not overflow.</summary>
    private const int MaxAttempt = 1_000_000;

    /// <summary>Adds the values of the tags to a record. Anybody may write tags: a missing or unreadable value leaves the member of
    /// <paramref name="record"/> as it is, and <see cref="BuildRecord.Unreadable"/> lists the unreadable ones.</summary>
    public static BuildRecord Read(BuildRecord record, IReadOnlyDictionary<string, string> tags)
    {
        var reader = new Reader(tags);
        var release = reader.State() is { } state
            ? new ReleaseMark(state, reader.Number(ReleaseAttempt) ?? 1, reader.Time(ReleaseAt) ?? record.CreatedAt,
                TagText.Get(tags, ReleaseReason), tags.GetValueOrDefault(ReleaseExplicit) == "yes")
            : record.Release;
        Dictionary<string, Digest>? watched = null;
        foreach (var key in tags.Keys)
        {
            if (key.StartsWith(WatchedPrefix, StringComparison.Ordinal) && reader.Digest(key) is { } other)
            {
                (watched ??= new(StringComparer.Ordinal))[key[WatchedPrefix.Length..]] = other;
            }
        }

        var (baseDigest, digest) = (reader.Digest(BaseDigest) ?? record.BaseDigest, reader.Digest(Digest) ?? record.Digest);
        return record with
        {
            BaseDigest = baseDigest,
            Digest = digest,
            Watched = watched ?? record.Watched,
            Cause = tags.GetValueOrDefault(Cause) ?? record.Cause,
            Why = TagText.Get(tags, Reason) ?? record.Why,
            Slot = reader.Time(Slot) ?? record.Slot,
            Attempt = reader.Number(Attempt) ?? record.Attempt,
            Release = release,
            FinishedAt = (record.State.WentWrong() ? release?.At : null) ?? record.FinishedAt,
            ClearedAt = tags.ContainsKey(ClearedAt) ? reader.Time(ClearedAt) : record.ClearedAt,
            ClearedDigest = reader.Digest(ClearedDigest) ?? record.ClearedDigest,
            ClearedBy = tags.GetValueOrDefault(ClearedBy) ?? record.ClearedBy,
            VersionTagsAt = reader.Time(VersionTagsAt) ?? record.VersionTagsAt,
            PromotedAt = reader.Time(PromotedAt) ?? record.PromotedAt,
            SupersededAt = reader.Time(SupersededAt) ?? record.SupersededAt,
            Unreadable = reader.Faults,
            IsReleaseUnreadable = release is null && reader.Has(Release),
            IsDigestUnreadable = digest is null && reader.Has(Digest),
        };
    }

    /// <summary>The text of a release state in tags and events: <c>promoted</c>, <c>rolled-back</c>.</summary>
    public static string ToTagValue(ReleaseState state) => ReleaseStates[(int)state];

    /// <summary>The tags that record a release state on its build. For a promotion they include <see cref="PromotedAt"/>.</summary>
    public static IReadOnlyDictionary<string, string> Write(ReleaseMark mark, Digest? digest = null)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Release] = ToTagValue(mark.State),
            [ReleaseAttempt] = mark.Attempt.ToString(CultureInfo.InvariantCulture),
            [ReleaseAt] = Format(mark.At),
            [ReleaseExplicit] = mark.Explicit ? "yes" : "no",
        };
        TagText.Put(tags, ReleaseReason, mark.Why ?? "-");
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

    /// <summary>The tags that record which digest passed scan gate and approval.</summary>
    /// <param name="checks">The checks that the catalog required, gate and approval; null if unknown.</param>
    public static IReadOnlyDictionary<string, string> Cleared(Digest digest, DateTimeOffset at, string? checks)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal) { [ClearedAt] = Format(at), [ClearedDigest] = digest.Value };
        if (checks is not null)
        {
            tags[ClearedBy] = checks;
        }

        return tags;
    }

    /// <summary>The tags that record a hold on a pipeline.</summary>
    public static IReadOnlyDictionary<string, string> Write(Hold hold)
    {
        var since = Format(hold.Since ?? DateTimeOffset.UnixEpoch);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Hold] = TagText.Encode(hold.Why),
            [HoldScope] = hold.Scope.ToString().ToLowerInvariant(),
            [HoldSince] = since,

            // Also without an end: the tag of an earlier hold may still be there.
            [HoldUntil] = hold.Until is { } until ? Format(until) : "-",
        };
        if (hold.Rollback is { } rollback)
        {
            tags[HoldTarget] = $"{rollback.Target} {since}";
            tags[HoldRun] = $"{rollback.Execution} {Format(rollback.BegunAt)}";
        }

        return tags;
    }

    /// <summary>The hold recorded on a pipeline, or null. An unreadable scope counts as <see cref="HoldScope.Everything"/>.</summary>
    public static Hold? ReadHold(IReadOnlyDictionary<string, string> tags)
    {
        if (Text(tags, Hold) is not { } why)
        {
            return null;
        }

        var reader = new Reader(tags);
        var scope = reader.Scope() ?? Builds.HoldScope.Everything;
        var since = reader.Time(HoldSince);
        return new Hold(why, scope, since, since is null ? null : ReadRollback(tags, since.Value))
        {
            Until = reader.Time(HoldUntil),
            Unreadable = reader.Faults,
        };
    }

    private static RollbackRecord? ReadRollback(IReadOnlyDictionary<string, string> tags, DateTimeOffset since)
    {
        if (tags.GetValueOrDefault(HoldTarget)?.Split(' ') is not [var text, var at] || !ImageVersion.TryParse(text, out var target) || at != Format(since))
        {
            return null;
        }

        return tags.GetValueOrDefault(HoldRun)?.Split(' ') is [var execution, var begun] && PlausibleTime.Read(begun) is { } time
            ? new RollbackRecord(target, execution, time)
            : new RollbackRecord(target, "-", since);
    }

    /// <summary>Formats a time for tags: <c>2026-01-31T03:00:00Z</c>.</summary>
    public static string Format(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, stackalloc char[32], $"{time.UtcDateTime:s}Z");

    /// <summary>Makes a key or a name a valid tag value: at most 256 characters, all of which every service accepts; any other character becomes '.'.
    /// A sentence is encoded instead (<see cref="TagText"/>).</summary>
    public static string Shorten(string text)
    {
        var value = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || " _.:/=+-@".Contains(c, StringComparison.Ordinal) ? c : '.')).Trim();
        return value.Length == 0 ? "-" : value.Length <= MaxValueLength ? value : value[..(MaxValueLength - 3)] + "...";
    }

    private static string? Text(IReadOnlyDictionary<string, string> tags, string key) =>
        tags.GetValueOrDefault(key) is { } value ? TagText.Decode(value) : null;

    /// <summary>Reads tag values and collects those it cannot read. The value <c>-</c> means that a value was removed.</summary>
    private sealed class Reader(IReadOnlyDictionary<string, string> tags)
    {
        private static readonly Dictionary<string, ReleaseState> States =
            Enum.GetValues<ReleaseState>().ToDictionary(ToTagValue, StringComparer.OrdinalIgnoreCase);

        private static readonly string ExpectedNumber = $"a number from 1 to {MaxAttempt}";
        private List<string>? _faults;

        public IReadOnlyList<string> Faults => _faults ?? (IReadOnlyList<string>)[];

        /// <summary>Whether a key has a value, readable or not.</summary>
        public bool Has(string key) => Text(key) is not null;

        public ReleaseState? State() => Value(Release, "the state of a release such as promoted",
            static text => States.TryGetValue(text, out var state) ? state : default(ReleaseState?));

        public HoldScope? Scope() => Value(HoldScope, "the scope of a hold such as promotion",
            static text => Enum.TryParse<HoldScope>(text, ignoreCase: true, out var scope) && Enum.IsDefined(scope) ? scope : default(HoldScope?));

        public Digest? Digest(string key) =>
            Text(key) is not { } text ? null : Images.Digest.TryParse(text, out var digest) ? digest : Fault<Digest>(key, text, "a digest sha256:…");

        public int? Number(string key) => Value<int>(key, ExpectedNumber, static text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MaxAttempt ? number : null);

        public DateTimeOffset? Time(string key) => Value(key, PlausibleTime.Expected, PlausibleTime.Read);

        private T? Value<T>(string key, string expected, Func<string, T?> read)
            where T : struct
        {
            if (Text(key) is not { } text)
            {
                return null;
            }

            var value = read(text);
            if (value is null)
            {
                Fault<object>(key, text, expected);
            }

            return value;
        }

        private string? Text(string key) => tags.TryGetValue(key, out var text) && text is not ("-" or "") ? text : null;

        private T? Fault<T>(string key, string text, string expected)
            where T : class
        {
            (_faults ??= []).Add($"{key} is '{text}', which is not {expected}");
            return null;
        }
    }
}
