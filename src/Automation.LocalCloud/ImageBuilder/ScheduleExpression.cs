using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// A pipeline's schedule: <c>cron(minute hour day-of-month month day-of-week year)</c> (the year may be left out) or
/// <c>rate(1 day)</c>. Days of the week count from 1 = Sunday. https://docs.aws.amazon.com/imagebuilder/latest/userguide/cron-expressions.html
/// </summary>
internal sealed partial class ScheduleExpression
{
    private const int LastYear = 2199;
    private readonly CronExpression? _cron;
    private readonly HashSet<int>? _years;
    private readonly TimeSpan _rate;
    private readonly TimeZoneInfo _zone;

    private ScheduleExpression(CronExpression? cron, HashSet<int>? years, TimeSpan rate, TimeZoneInfo zone)
    {
        _cron = cron;
        _years = years;
        _rate = rate;
        _zone = zone;
    }

    /// <exception cref="FormatException">The expression or the time zone cannot be understood.</exception>
    public static ScheduleExpression Parse(string expression, string? timezone)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timezone ?? "UTC", out var zone))
        {
            throw new FormatException($"'{timezone}' is not a time zone.");
        }

        if (RatePattern().Match(expression) is { Success: true } rate)
        {
            var count = int.Parse(rate.Groups["count"].Value, CultureInfo.InvariantCulture);
            var unit = rate.Groups["unit"].Value switch
            {
                "minute" => TimeSpan.FromMinutes(1),
                "hour" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromDays(1),
            };
            return count > 0 ? new ScheduleExpression(null, null, unit * count, zone) : throw new FormatException("A rate must be positive.");
        }

        var fields = CronPattern().Match(expression).Groups["fields"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is not (5 or 6))
        {
            throw new FormatException($"'{expression}' is neither cron(…) with five or six fields nor rate(…).");
        }

        if (fields[2] is not ("?" or "*") && fields[4] is not ("?" or "*"))
        {
            throw new FormatException("Only one of day-of-month and day-of-week can be given; the other must be '?'.");
        }

        fields[4] = FromSunday(fields[4]);
        try
        {
            return new ScheduleExpression(CronExpression.Parse(string.Join(' ', fields[..5])), fields.Length == 6 ? Years(fields[5]) : null, default, zone);
        }
        catch (CronFormatException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>The first time after <paramref name="instant"/>; null when there is none any more.</summary>
    public DateTimeOffset? Next(DateTimeOffset instant)
    {
        if (_cron is null)
        {
            return instant + _rate;
        }

        while (_cron.GetNextOccurrence(instant, _zone) is { } next)
        {
            if (_years is null || _years.Contains(next.Year))
            {
                return next.ToUniversalTime();
            }

            if (_years.All(year => year < next.Year))
            {
                return null;
            }

            // No occurrence of this year counts: go on just before the next year that does.
            var start = new DateTime(_years.Where(year => year > next.Year).Min(), 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
            instant = new DateTimeOffset(start, _zone.GetUtcOffset(start)).AddTicks(-1);
        }

        return null;
    }

    // «2-6», «6#3», «5L», «1,7», «*/2»: AWS counts days from 1 = Sunday, Cronos from 0.
    private static string FromSunday(string field) => string.Join(',', field.Split(',').Select(part =>
    {
        var end = part.IndexOfAny(['#', '/']);
        var (days, rest) = end < 0 ? (part, "") : (part[..end], part[end..]);
        return DayNumber().Replace(days, day => day.Value is [>= '1' and <= '7']
            ? ((char)(day.Value[0] - 1)).ToString()
            : throw new FormatException($"'{day.Value}' is not a day of the week; days are 1 (Sunday) to 7.")) + rest;
    }));

    // «2026», «2026-2028», «2026,2028», «2026/2», «*»
    private static HashSet<int>? Years(string field)
    {
        if (field is "*" or "?")
        {
            return null;
        }

        var years = new HashSet<int>();
        foreach (var part in field.Split(','))
        {
            var match = YearPattern().Match(part);
            if (!match.Success)
            {
                throw new FormatException($"'{part}' is not a year.");
            }

            var first = match.Groups["first"].Value is "*" ? 1970 : Number(match.Groups["first"]);
            var step = match.Groups["step"].Success ? Number(match.Groups["step"]) : 1;
            var last = match.Groups["last"].Success ? Number(match.Groups["last"])
                : match.Groups["step"].Success || match.Groups["first"].Value is "*" ? LastYear : first;
            for (var year = first; year <= Math.Min(last, LastYear); year += Math.Max(step, 1))
            {
                years.Add(year);
            }
        }

        return years;

        static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^rate\((?<count>[0-9]{1,6}) (?<unit>minute|hour|day)s?\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RatePattern();

    [GeneratedRegex(@"^cron\((?<fields>[^()]+)\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex CronPattern();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex DayNumber();

    [GeneratedRegex(@"^(?<first>\*|[0-9]{4})(-(?<last>[0-9]{4}))?(/(?<step>[0-9]{1,3}))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex YearPattern();
}
