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

    private ScheduleExpression(string text, AwsCron? cron, TimeSpan rate)
    {
        Text = text;
        _cron = cron?.Expression;
        _years = cron?.Years;
        _rate = rate;
    }

    public string Text { get; }

    /// <summary>Whether the slots depend on a time zone. The slots of a rate do not.</summary>
    public bool NeedsZone => _cron is not null;

    /// <exception cref="FormatException">The text is not a schedule; the message says which field is wrong.</exception>
    public static ScheduleExpression Parse(string text) => Read(text).GetOrThrow();

    public static ParseResult<ScheduleExpression> Read(string text)
    {
        if (Inside(text, "rate(") is { } rate)
        {
            return ReadRate(rate) switch
            {
                ParseResult<TimeSpan>.Valid(var span) => Valid(null, span),
                var invalid => Invalid(invalid.Fault!),
            };
        }

        if (Inside(text, "cron(") is { } fields)
        {
            return AwsCron.Read(fields) switch
            {
                ParseResult<AwsCron>.Valid(var cron) => Valid(cron, default),
                var invalid => Invalid(invalid.Fault!),
            };
        }

        return Invalid("expected cron(minutes hours day-of-month month day-of-week year) or rate(value unit)");

        ParseResult<ScheduleExpression> Valid(AwsCron? cron, TimeSpan rate) =>
            new ParseResult<ScheduleExpression>.Valid(new ScheduleExpression(text, cron, rate));

        ParseResult<ScheduleExpression> Invalid(string why) => new ParseResult<ScheduleExpression>.Invalid($"'{text}' is not a schedule: {why}.");
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
    private static ParseResult<TimeSpan> ReadRate(string text)
    {
        var parts = text.Split(' ');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || value is < 1 or > 1_000_000)
        {
            return new ParseResult<TimeSpan>.Invalid("a rate is a positive whole number and a unit, such as rate(12 hours)");
        }

        TimeSpan? unit = (parts[1], value == 1) switch
        {
            ("minute", true) or ("minutes", false) => TimeSpan.FromMinutes(1),
            ("hour", true) or ("hours", false) => TimeSpan.FromHours(1),
            ("day", true) or ("days", false) => TimeSpan.FromDays(1),
            _ => null,
        };
        return unit is { } length
            ? new ParseResult<TimeSpan>.Valid(length * value)
            : new ParseResult<TimeSpan>.Invalid(
                value == 1 ? "the unit of rate(1 ...) is minute, hour or day" : "the unit of a rate above 1 is minutes, hours or days");
    }

    private static long FloorDivide(long value, long divisor) => value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);

    private static DateTimeOffset StartOfYear(int year, TimeZoneInfo zone)
    {
        var local = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }
}
