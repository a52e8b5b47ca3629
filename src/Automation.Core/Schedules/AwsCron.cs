using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Automation.Core.Schedules;

/// <summary>Translates the six fields of an AWS cron expression for Cronos, which evaluates them.</summary>
/// <remarks>
/// <code>minutes hours day-of-month month day-of-week year
/// 0 3 ? * SUN *      0/15 8-18 ? * MON-FRI *      0 4 L * ? 2026-2030      0 4 ? * 6#2 *      0 4 15W * ? *</code>
/// Differences: weekdays count from 1 = SUN (Cronos: 0); exactly one of the two day fields must be '?'; a step in the weekday field is
/// expanded, because 7 would be Sunday again; the year field is returned separately.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
/// </remarks>
internal static partial class AwsCron
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    /// <summary>Returns null on success, otherwise what is wrong.</summary>
    public static string? Read(string text, out CronExpression? cron, out IReadOnlySet<int>? years)
    {
        cron = null;
        years = null;
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 6)
        {
            return $"a cron expression has six fields, not {fields.Length}";
        }

        if (fields[2] == "?" == (fields[4] == "?"))
        {
            return "exactly one of day-of-month and day-of-week must be '?'";
        }

        string?[] faults =
        [
            ReadList("minutes", fields[0], 0, 59, [], out var minutes),
            ReadList("hours", fields[1], 0, 23, [], out var hours),
            ReadDayOfMonth(fields[2], out var dayOfMonth),
            ReadList("month", fields[3], 1, 12, Months, out var months),
            ReadDayOfWeek(fields[4], out var dayOfWeek),
            ReadList("year", fields[5], 1970, 2199, [], out var yearList),
        ];
        if (Array.Find(faults, found => found is not null) is { } fault)
        {
            return fault;
        }

        years = fields[5] == "*" ? null : yearList.ToHashSet();
        var translated = $"{Join(fields[0], minutes)} {Join(fields[1], hours)} {dayOfMonth} {Join(fields[3], months)} {dayOfWeek}";
        return CronExpression.TryParse(translated, CronFormat.Standard, out cron) ? null : $"'{text}' cannot be read";
    }

    private static string Join(string field, IReadOnlyCollection<int> values) => field == "*" ? "*" : string.Join(',', values);

    private static string? ReadDayOfMonth(string field, out string translated)
    {
        translated = field;
        if (field is "?" or "*" or "L" or "LW")
        {
            return null;
        }

        if (NearestWeekday().Match(field) is { Success: true } nearest)
        {
            return CheckRange("day-of-month", field, int.Parse(nearest.Groups[1].Value, CultureInfo.InvariantCulture), 1, 31);
        }

        var fault = ReadList("day-of-month", field, 1, 31, [], out var values);
        translated = string.Join(',', values);
        return fault;
    }

    private static string? ReadDayOfWeek(string field, out string translated)
    {
        translated = field;
        if (field is "?" or "*")
        {
            return null;
        }

        if (field is "L")
        {
            translated = "6";
            return null;
        }

        // 6L: the last Friday of the month; 6#2: the second Friday.
        if (OneWeekday().Match(field) is { Success: true } one)
        {
            if (ReadNumber(one.Groups["day"].Value, Days, 1) is not { } day || day is < 1 or > 7)
            {
                return $"'{field}' is not a day-of-week";
            }

            translated = (day - 1).ToString(CultureInfo.InvariantCulture) + one.Groups["rest"].Value;
            return null;
        }

        var fault = ReadList("day-of-week", field, 1, 7, Days, out var values);
        translated = string.Join(',', values.Select(value => value - 1));
        return fault;
    }

    /// <summary>Expands comma-separated values, ranges and steps. A range may wrap around (FRI-MON).</summary>
    private static string? ReadList(string name, string field, int min, int max, string[] names, out SortedSet<int> values)
    {
        values = [];
        foreach (var item in field.Split(','))
        {
            var match = Item().Match(item);
            if (!match.Success)
            {
                return $"'{item}' is not a valid {name} field";
            }

            var from = match.Groups["from"].Value is "*" ? min : ReadNumber(match.Groups["from"].Value, names, min);
            var hasStep = match.Groups["step"].Success;
            var to = match.Groups["to"].Success ? ReadNumber(match.Groups["to"].Value, names, min)
                : match.Groups["from"].Value is "*" || hasStep ? max
                : from;
            var step = hasStep ? ReadNumber(match.Groups["step"].Value, [], 0) : 1;
            if (from is null || to is null || step is null or 0)
            {
                return $"'{item}' is not a valid {name} field";
            }

            if ((CheckRange(name, item, from.Value, min, max) ?? CheckRange(name, item, to.Value, min, max)) is { } fault)
            {
                return fault;
            }

            var end = to.Value >= from.Value ? to.Value : to.Value + (max - min + 1);
            if (end > max && name == "year")
            {
                return $"'{item}' runs backwards";
            }

            for (var value = from.Value; value <= end; value += step.Value)
            {
                values.Add(value > max ? value - (max - min + 1) : value);
            }
        }

        return null;
    }

    private static int? ReadNumber(string text, string[] names, int first) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : Array.FindIndex(names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) is var index and >= 0 ? index + first
        : null;

    private static string? CheckRange(string name, string item, int value, int min, int max) =>
        value < min || value > max
            ? string.Create(CultureInfo.InvariantCulture, $"'{item}' is outside the {name} range {min} to {max}")
            : null;

    [GeneratedRegex(@"^(?<from>\*|[0-9A-Za-z]+)(?:-(?<to>[0-9A-Za-z]+))?(?:/(?<step>[0-9]+))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Item();

    [GeneratedRegex(@"^([0-9]{1,2})W\z")]
    private static partial Regex NearestWeekday();

    [GeneratedRegex(@"^(?<day>[0-9]|[A-Za-z]{3})(?<rest>L|#[1-5])\z", RegexOptions.ExplicitCapture)]
    private static partial Regex OneWeekday();
}
