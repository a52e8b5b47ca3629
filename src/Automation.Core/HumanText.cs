using System.Globalization;

namespace Automation.Core;

/// <summary>Formats counts, times, ages and lists of reasons for people. All times are in UTC.</summary>
public static class HumanText
{
    /// <summary><c>1 day</c>, <c>2 days</c>.</summary>
    /// <param name="one">A noun whose plural ends in -s.</param>
    public static string Of(int count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");

    /// <summary><c>2026-01-05</c>.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary><c>2026-01-05 08:21Z</c>.</summary>
    public static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>3 days</c>, <c>5 h</c>, <c>12 min</c>: the largest unit with a count of at least two.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalMinutes)} min"),
    };

    /// <summary><c>2026-01-05 08:21Z (3 days ago)</c>.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => $"{At(time)} ({Age(now - time)} ago)";

    /// <summary>Removes the full stop, so that the sentence can become a clause. An ellipsis stays.</summary>
    public static string Clause(string text) => text.EndsWith('.') && !text.EndsWith("..", StringComparison.Ordinal) ? text[..^1] : text;

    /// <summary><c>the one; the other</c>.</summary>
    public static string Join(IEnumerable<string> texts)
    {
        var all = texts.ToList();
        return string.Join("; ", all.Select((text, i) => i == all.Count - 1 ? text : Clause(text)));
    }

    /// <summary>A clause as the beginning of a sentence.</summary>
    public static string Sentence(string clause) => $"{char.ToUpperInvariant(clause[0])}{clause[1..]}";

    public static string Join(IEnumerable<Reason> reasons) => Join(reasons.Select(reason => reason.Text));
}
