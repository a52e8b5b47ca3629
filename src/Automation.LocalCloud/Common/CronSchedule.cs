using System.Globalization;
using Cronos;

namespace Automation.LocalCloud.Common;

/// <summary>
/// The six fields <c>minutes hours day-of-month month day-of-week year</c>. Cronos evaluates five of them; the differences are translated:
/// AWS counts weekdays from SUN=1, requires <c>?</c> in exactly one of the two day fields, and has years.
/// <para>
/// Daylight saving time follows the Scheduler's documentation: an occurrence in skipped time is skipped, and one in repeated time happens
/// once. Therefore Cronos works on wall-clock time, and only the result is converted to the zone.
/// </para>
/// </summary>
internal sealed class CronSchedule : ScheduleExpression
{
    private const int FirstYear = 1970;
    private const int LastYear = 2199;

    private readonly CronExpression _expression;
    private readonly SortedSet<int> _years;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(CronExpression expression, SortedSet<int> years, TimeZoneInfo zone)
    {
        _expression = expression;
        _years = years;
        _zone = zone;
    }

    internal static CronSchedule ParseFields(string fields, TimeZoneInfo zone)
    {
        var parts = fields.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 6)
        {
            throw Invalid($"a cron expression has six fields (minutes hours day-of-month month day-of-week year), '{fields}' has {parts.Length}.");
        }

        var (dayOfMonth, dayOfWeek) = (parts[2], parts[4]);
        if ((dayOfMonth == "?") == (dayOfWeek == "?"))
        {
            throw Invalid("exactly one of day-of-month and day-of-week must be '?'.");
        }

        if (new[] { parts[0], parts[1], parts[3], parts[5] }.Any(part => part.Contains('?', StringComparison.Ordinal)))
        {
            throw Invalid("'?' is allowed in day-of-month and day-of-week only.");
        }

        // Cronos accepts H, a spread over the range; AWS refuses it.
        if (parts.SelectMany(part => part.Split(',')).FirstOrDefault(item => item.StartsWith('H')) is { } hash)
        {
            throw Invalid($"'{hash}' is not a value of a cron field.");
        }

        try
        {
            var expression = CronExpression.Parse($"{parts[0]} {parts[1]} {dayOfMonth} {parts[3]} {DayOfWeek(dayOfWeek)}");
            return new CronSchedule(expression, Years(parts[5]), zone);
        }
        catch (CronFormatException e)
        {
            throw Invalid($"'{fields}': {e.Message}");
        }
    }

    internal override DateTimeOffset? Next(DateTimeOffset after)
    {
        var wall = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(after, _zone).DateTime, DateTimeKind.Utc);
        while (true)
        {
            if (_expression.GetNextOccurrence(wall) is not { } found || found.Year > LastYear)
            {
                return null;
            }

            if (!_years.Contains(found.Year))
            {
                if (_years.GetViewBetween(found.Year, LastYear).FirstOrDefault() is var year && year == 0)
                {
                    return null;
                }

                wall = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(-1);
                continue;
            }

            wall = found;
            var local = DateTime.SpecifyKind(found, DateTimeKind.Unspecified);
            if (_zone.IsInvalidTime(local))
            {
                continue;
            }

            var offset = _zone.IsAmbiguousTime(local) ? _zone.GetAmbiguousTimeOffsets(local).Max() : _zone.GetUtcOffset(local);
            var instant = new DateTimeOffset(local, offset).ToUniversalTime();
            if (instant > after)
            {
                return instant;
            }
        }
    }

    /// <summary>Changes day numbers 1–7 to Cronos' 0–6 in lists, ranges, <c>5L</c> and <c>3#2</c>, but not the n of <c>#n</c> and of steps.</summary>
    private static string DayOfWeek(string field)
    {
        if (field == "L")
        {
            return "6";
        }

        return string.Join(',', field.Split(',').Select(item =>
        {
            var stepAt = item.IndexOfAny(['/', '#']);
            var (days, step) = stepAt < 0 ? (item, "") : (item[..stepAt], item[stepAt..]);
            if (step.StartsWith('/') && days != "*" && !days.Contains('-', StringComparison.Ordinal))
            {
                // 2/2 ends with the week: MON, WED, FRI. Cronos continues to 7, which is Sunday again.
                days += "-7";
            }

            return string.Join('-', days.Split('-').Select(Shift)) + step;
        }));

        static string Shift(string day)
        {
            var digits = day.TrimEnd('L');
            if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            {
                return day;
            }

            return int.TryParse(digits, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 7
                ? (number - 1).ToString(CultureInfo.InvariantCulture) + day[digits.Length..]
                : throw Invalid($"day-of-week '{day}' is not between 1 (Sunday) and 7 (Saturday).");
        }
    }

    private static SortedSet<int> Years(string field)
    {
        var years = new SortedSet<int>();
        foreach (var item in field.Split(','))
        {
            var stepParts = item.Split('/');
            var bounds = stepParts[0].Split('-');
            var step = stepParts.Length == 2 ? Number(stepParts[1], 1) : 1;
            var first = bounds[0] == "*" ? FirstYear : Number(bounds[0], FirstYear);
            var last = bounds.Length == 2 ? Number(bounds[1], FirstYear)
                : bounds[0] == "*" || stepParts.Length == 2 ? LastYear
                : first;
            if (stepParts.Length > 2 || bounds.Length > 2 || last > LastYear || last < first)
            {
                throw Invalid($"year '{item}' is not within {FirstYear}-{LastYear}.");
            }

            for (var year = first; year <= last; year += step)
            {
                years.Add(year);
            }
        }

        return years;

        static int Number(string text, int least) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= LastYear
                ? number
                : throw Invalid($"year '{text}' is not within {FirstYear}-{LastYear}.");
    }
}
