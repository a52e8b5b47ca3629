using System.Globalization;

namespace Automation.Core;

/// <summary>How numbers, times and joined reasons are written for people.</summary>
public static class Wording
{
    /// <summary><c>1 day</c>, <c>2 days</c>.</summary>
    /// <param name="one">A noun whose plural ends in -s.</param>
    public static string Of(int count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");

    /// <summary><c>2026-01-05 08:21Z</c>.</summary>
    public static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <summary>A sentence as a part of another one: without its full stop. Texts of services and people end in one or do not; three dots stay.</summary>
    public static string Clause(string text) => text.EndsWith('.') && !text.EndsWith("..", StringComparison.Ordinal) ? text[..^1] : text;

    /// <summary><c>the one; the other</c>.</summary>
    public static string Join(IEnumerable<string> texts)
    {
        var all = texts.ToList();
        return string.Join("; ", all.Select((text, i) => i == all.Count - 1 ? text : Clause(text)));
    }
}
