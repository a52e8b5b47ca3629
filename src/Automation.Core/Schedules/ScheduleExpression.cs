using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cronos;

namespace Automation.Core.Schedules;

/// <summary>An AWS schedule, <c>cron(0 3 ? * SUN *)</c> or <c>rate(12 hours)</c>, and its slots
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html).</summary>
/// <remarks>In AWS a rate counts from the creation of its rule. Here its slots are the multiples of the rate since
/// 1970-01-01T00:00Z, so the text alone determines them. <see cref="AwsCron"/> translates cron fields and Cronos evaluates them,
/// daylight saving included. Cronos has no year field; this class applies it.</remarks>
public sealed record ScheduleExpression
{
    private readonly CronExpression? _cron;
    private readonly IReadOnlySet<int>? _years;
    private readonly TimeSpan _rate;

    private ScheduleExpression(string text, CronExpression? cron, IReadOnlySet<int>? years, TimeSpan rate)
    {
        Text = text;
        _cron = cron;
        _years = years;
        _rate = rate;
    }

    public string Text { get; }

    /// <summary>Whether the slots depend on a time zone. The slots of a rate do not.</summary>
    public bool NeedsZone => _cron is not null;

    /// <exception cref="FormatException">The text is not a schedule; the message says which field is wrong.</exception>
    public static ScheduleExpression Parse(string text) =>
        TryParse(text, out var schedule, out var fault) ? schedule : throw new FormatException(fault);

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ScheduleExpression? schedule, out string? fault)
    {
        schedule = null;
        if (text is not null && Inside(text, "rate(") is { } rate)
        {
            fault = ReadRate(rate, out var span);
            schedule = fault is null ? new ScheduleExpression(text, null, null, span) : null;
        }
        else if (text is not null && Inside(text, "cron(") is { } fields)
        {
            fault = AwsCron.Read(fields, out var cron, out var years);
            schedule = fault is null ? new ScheduleExpression(text, cron, years, default) : null;
        }
        else
        {
            fault = "expected cron(minutes hours day-of-month month day-of-week year) or rate(value unit)";
        }

        fault = fault is null ? null : $"'{text}' is not a schedule: {fault}.";
        return schedule is not null;
    }

    /// <summary>The latest slot at or before the time; null if there is none.</summary>
    public DateTimeOffset? LastAtOrBefore(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (_cron is null)
        {
            var since = now - DateTimeOffset.UnixEpoch;
            return DateTimeOffset.UnixEpoch + new TimeSpan(FloorDivide(since.Ticks, _rate.Ticks) * _rate.Ticks);
        }

        var from = now;
        var inclusive = true;
        while (_cron.GetPreviousOccurrence(from, zone, inclusive) is { } found)
        {
            // For a local time that a clock change skips, Cronos returns the moment just before the change here, but the change itself in NextAfter.
            var slot = found.Second == 0 ? found : found.AddSeconds(60 - found.Second);
            var year = TimeZoneInfo.ConvertTime(slot, zone).Year;
            if (_years is null || _years.Contains(year))
            {
                return slot.ToUniversalTime();
            }

            var earlier = _years.Where(candidate => candidate < year).DefaultIfEmpty(0).Max();
            if (earlier == 0)
            {
                return null;
            }

            from = StartOfYear(earlier + 1, zone);
            inclusive = false;
        }

        return null;
    }

    /// <summary>The first slot after the time; null if there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (_cron is null)
        {
            return LastAtOrBefore(now, zone) + _rate;
        }

        var from = now;
        var inclusive = false;
        while (_cron.GetNextOccurrence(from, zone, inclusive) is { } slot)
        {
            var year = TimeZoneInfo.ConvertTime(slot, zone).Year;
            if (_years is null || _years.Contains(year))
            {
                return slot.ToUniversalTime();
            }

            var later = _years.Where(candidate => candidate > year).DefaultIfEmpty(0).Min();
            if (later == 0)
            {
                return null;
            }

            from = StartOfYear(later, zone);
            inclusive = true;
        }

        return null;
    }

    public bool Equals(ScheduleExpression? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static string? Inside(string text, string opening) =>
        text.StartsWith(opening, StringComparison.Ordinal) && text.EndsWith(')') ? text[opening.Length..^1] : null;

    // "5 minutes": AWS requires the singular for 1 and the plural otherwise.
    private static string? ReadRate(string text, out TimeSpan rate)
    {
        rate = default;
        var parts = text.Split(' ');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || value is < 1 or > 1_000_000)
        {
            return "a rate is a positive whole number and a unit, such as rate(12 hours)";
        }

        TimeSpan? unit = (parts[1], value == 1) switch
        {
            ("minute", true) or ("minutes", false) => TimeSpan.FromMinutes(1),
            ("hour", true) or ("hours", false) => TimeSpan.FromHours(1),
            ("day", true) or ("days", false) => TimeSpan.FromDays(1),
            _ => null,
        };
        if (unit is null)
        {
            return value == 1 ? "the unit of rate(1 ...) is minute, hour or day" : "the unit of a rate above 1 is minutes, hours or days";
        }

        rate = unit.Value * value;
        return null;
    }

    private static long FloorDivide(long value, long divisor) => value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);

    private static DateTimeOffset StartOfYear(int year, TimeZoneInfo zone)
    {
        var local = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }
}
