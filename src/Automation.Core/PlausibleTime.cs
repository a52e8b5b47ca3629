using System.Globalization;

namespace Automation.Core;

/// <summary>The times that are believed: from 2000 to the end of 2199. Tags, events and inputs come from people and tools, and a time outside of it
/// (<c>9999-12-31</c>, year 1) would overflow as soon as hours are added to it.</summary>
public static class PlausibleTime
{
    // Only whole instants, ISO 8601 with an offset or Z. A date alone or a time alone is somebody's guess; DateTimeOffset.Parse would complete
    // the latter with today.
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ssK"];

    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Not included. The schedules of AWS end with the year 2199 as well.</summary>
    public static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>For messages: completes "… is not ".</summary>
    public const string Expected = "a time between the years 2000 and 2200 such as 2026-01-31T03:00:00Z";

    public static bool IsPlausible(DateTimeOffset time) => time >= Earliest && time < Latest;

    /// <summary>Reads a time such as <c>2026-01-31T03:00:00Z</c>; one without an offset is meant in UTC.</summary>
    /// <returns>Null for anything else, and for a time that is not plausible.</returns>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        && IsPlausible(time) ? time : null;

    /// <summary>The nearest time that is plausible.</summary>
    public static DateTimeOffset Clamp(DateTimeOffset time) => time < Earliest ? Earliest : time < Latest ? time : Latest.AddSeconds(-1);
}
