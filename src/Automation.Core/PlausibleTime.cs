using System.Globalization;

namespace Automation.Core;

/// <summary>The range of accepted times: from 2000 to the end of 2199. Tags, events and inputs come from people and tools. A time outside the
/// range (<c>9999-12-31</c>, year 1) would overflow when hours are added to it.</summary>
public static class PlausibleTime
{
    // Only complete instants: ISO 8601 with an offset, or with none for UTC. A date alone or a time alone is ambiguous, and
    // DateTimeOffset.Parse would complete a time with today's date.
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ssK"];

    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Exclusive. AWS schedules also end with the year 2199.</summary>
    public static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Completes "… is not " in messages.</summary>
    public const string Expected = "a time between the years 2000 and 2200 such as 2026-01-31T03:00:00Z";

    public static bool IsPlausible(DateTimeOffset time) => time >= Earliest && time < Latest;

    /// <summary>Reads a time such as <c>2026-01-31T03:00:00Z</c>. A time without an offset is UTC.</summary>
    /// <returns>Null for any other text and for a time outside the range.</returns>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        && IsPlausible(time) ? time : null;

    /// <summary>Reads a time, or a date such as <c>2026-01-31</c>, which begins at midnight UTC.</summary>
    /// <inheritdoc cref="Read" path="/returns"/>
    public static DateTimeOffset? ReadTimeOrDay(string text) =>
        Read(DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? $"{text}T00:00:00Z" : text);

    /// <summary>The nearest time within the range.</summary>
    public static DateTimeOffset Clamp(DateTimeOffset time) => time < Earliest ? Earliest : time < Latest ? time : Latest.AddSeconds(-1);
}
