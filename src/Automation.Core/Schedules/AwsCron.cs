using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Automation.Core.Schedules;

/// <summary>Translates the six fields of an AWS cron expression for Cronos, which evaluates them.</summary>
/// <remarks>
/// <code>minutes hours day-of-month month day-of-week year
/// 0 3 ? * SUN *      0/15 8-18 ? * MON-FRI *      0 4 L * ? 2026-2030      0 4 ? * 6#2 *      0 4 15W * ? *</code>
/// Differences: weekdays count from 1 = SUN (Cronos: 0); exactly one of the two day fields must be '?'; a step in the weekday field is
/// expanded, because 7 would be Sunday again; Cronos has no year field.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
/// </remarks>
internal sealed partial record AwsCron
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private AwsCron(CronExpression expression, IReadOnlySet<int>? years)
    {
        Expression = expression;
        Years = years;
    }

    public CronExpression Expression { get; }

    /// <summary>The years in which it fires; null means every year.</summary>
    public IReadOnlySet<int>? Years { get; }

    public static ParseResult<AwsCron> Read(string text)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 6)
        {
            return Invalid($"a cron expression has six fields, not {fields.Length}");
        }

        if (fields[2] == "?" == (fields[4] == "?"))
        {
            return Invalid("exactly one of day-of-month and day-of-week must be '?'");
        }

        var minutes = ReadField("minutes", fields[0], 0, 59, []);
        var hours = ReadField("hours", fields[1], 0, 23, []);
        var dayOfMonth = ReadDayOfMonth(fields[2]);
        var months = ReadField("month", fields[3], 1, 12, Months);
        var dayOfWeek = ReadDayOfWeek(fields[4]);
        var (years, yearFault) = ReadList("year", fields[5], 1970, 2199, []);
        ParseResult<string>[] translated = [minutes, hours, dayOfMonth, months, dayOfWeek];
        if ((Array.Find(translated, field => field.Fault is not null)?.Fault ?? yearFault) is { } fault)
        {
            return Invalid(fault);
        }

        return CronExpression.TryParse(string.Join(' ', translated.Select(field => field.GetOrThrow())), CronFormat.Standard, out var cron)
            ? new ParseResult<AwsCron>.Valid(new AwsCron(cron, fields[5] == "*" ? null : years!.ToHashSet()))
            : Invalid($"'{text}' cannot be read");

        static ParseResult<AwsCron> Invalid(string why) => new ParseResult<AwsCron>.Invalid(why);
    }

    private static ParseResult<string> ReadField(string name, string field, int min, int max, string[] names) =>
        field == "*" ? new ParseResult<string>.Valid(field) : Joined(ReadList(name, field, min, max, names), value => value);

    private static ParseResult<string> Joined(ParseResult<SortedSet<int>> list, Func<int, int> translate) =>
        list is ParseResult<SortedSet<int>>.Valid(var values)
        ? new ParseResult<string>.Valid(string.Join(',', values.Select(translate)))
        : new ParseResult<string>.Invalid(list.Fault!);

    private static ParseResult<string> ReadDayOfMonth(string field)
    {
        if (field is "?" or "*" or "L" or "LW")
        {
            return new ParseResult<string>.Valid(field);
        }

        if (NearestWeekday().Match(field) is { Success: true } nearest)
        {
            return CheckRange("day-of-month", field, int.Parse(nearest.Groups[1].Value, CultureInfo.InvariantCulture), 1, 31) is { } fault
                ? new ParseResult<string>.Invalid(fault)
                : new ParseResult<string>.Valid(field);
        }

        return ReadField("day-of-month", field, 1, 31, []);
    }

    private static ParseResult<string> ReadDayOfWeek(string field)
    {
        if (field is "?" or "*")
        {
            return new ParseResult<string>.Valid(field);
        }

        if (field is "L")
        {
            return new ParseResult<string>.Valid("6");
        }

        // 6L: the last Friday of the month; 6#2: the second Friday.
        if (OneWeekday().Match(field) is { Success: true } one)
        {
            return ReadNumber(one.Groups["day"].Value, Days, 1) is { } day and >= 1 and <= 7
                ? new ParseResult<string>.Valid((day - 1).ToString(CultureInfo.InvariantCulture) + one.Groups["rest"].Value)
                : new ParseResult<string>.Invalid($"'{field}' is not a day-of-week");
        }

        return Joined(ReadList("day-of-week", field, 1, 7, Days), value => value - 1);
    }

    /// <summary>Expands comma-separated values, ranges and steps. A range may wrap around (FRI-MON).</summary>
    private static ParseResult<SortedSet<int>> ReadList(string name, string field, int min, int max, string[] names)
    {
        var values = new SortedSet<int>();
        foreach (var item in field.Split(','))
        {
            var match = Item().Match(item);
            if (!match.Success)
            {
                return Invalid($"'{item}' is not a valid {name} field");
            }

            var from = match.Groups["from"].Value is "*" ? min : ReadNumber(match.Groups["from"].Value, names, min);
            var hasStep = match.Groups["step"].Success;
            var to = match.Groups["to"].Success ? ReadNumber(match.Groups["to"].Value, names, min)
                : match.Groups["from"].Value is "*" || hasStep ? max
                : from;
            var step = hasStep ? ReadNumber(match.Groups["step"].Value, [], 0) : 1;
            if (from is null || to is null || step is null or 0)
            {
                return Invalid($"'{item}' is not a valid {name} field");
            }

            if ((CheckRange(name, item, from.Value, min, max) ?? CheckRange(name, item, to.Value, min, max)) is { } fault)
            {
                return Invalid(fault);
            }

            var end = to.Value >= from.Value ? to.Value : to.Value + (max - min + 1);
            if (end > max && name == "year")
            {
                return Invalid($"'{item}' runs backwards");
            }

            for (var value = from.Value; value <= end; value += step.Value)
            {
                values.Add(value > max ? value - (max - min + 1) : value);
            }
        }

        return new ParseResult<SortedSet<int>>.Valid(values);

        static ParseResult<SortedSet<int>> Invalid(string why) => new ParseResult<SortedSet<int>>.Invalid(why);
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
