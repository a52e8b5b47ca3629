using System.Diagnostics.CodeAnalysis;

namespace Automation.Core.Schedules;

/// <summary>The time zone of a schedule's cron fields, by its IANA name.</summary>
/// <remarks>A catalog holds only the name; <see cref="Find"/> looks it up on use. Lambda's <c>provided.al2023</c> came without time
/// zone data (https://github.com/aws/aws-lambda-dotnet/issues/1620), and one image's zone must not stop the functions for all images.</remarks>
public sealed record ScheduleZone
{
    // Aliases of UTC in the time zone database (its file "backward"). They resolve without data that a machine may not have.
    private static readonly HashSet<string> NamesOfUtc = new(StringComparer.OrdinalIgnoreCase)
    {
        "UTC", "UCT", "Universal", "Zulu", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu",
        "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Etc/GMT", "Etc/GMT0", "Etc/GMT+0", "Etc/GMT-0", "Etc/Greenwich",
    };

    private readonly Func<string, TimeZoneInfo?> _find;
    private TimeZoneInfo? _found;

    private ScheduleZone(string id, Func<string, TimeZoneInfo?> find)
    {
        Id = id;
        _find = find;
    }

    public static ScheduleZone Utc { get; } = new("UTC", FindOnMachine);

    /// <summary>As written in the catalog, such as <c>Europe/Zurich</c>.</summary>
    public string Id { get; }

    /// <summary>Checks the form of the name only. <see cref="Find"/> says whether the zone exists.</summary>
    /// <param name="find">Looks up a name; null means the machine's time zone data.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ScheduleZone? zone, Func<string, TimeZoneInfo?>? find = null)
    {
        zone = text is { Length: >= 1 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+')
            ? new ScheduleZone(text, find ?? FindOnMachine)
            : null;
        return zone is not null;
    }

    /// <summary>Null if this machine does not know the zone. Every machine knows UTC.</summary>
    public TimeZoneInfo? Find() => _found ??= NamesOfUtc.Contains(Id) ? TimeZoneInfo.Utc : _find(Id);

    public bool Equals(ScheduleZone? other) => other is not null && string.Equals(Id, other.Id, StringComparison.Ordinal);

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Id;

    private static TimeZoneInfo? FindOnMachine(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;
}
