using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Core;

namespace Automation.Cli.Reports;

/// <summary>How times, ages and reasons are written.</summary>
internal static class Words
{
    /// <summary>For <c>--json</c>: lower-case member names, times as ISO 8601, absent where nothing is known.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary><c>2026-01-31 03:00</c>, in UTC.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary><c>3 days</c>, <c>5 h</c>, <c>12 min</c>: one unit is enough.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalMinutes)} min"),
    };

    public static string Ago(DateTimeOffset time, DateTimeOffset now) => $"{Time(time)} ({Age(now - time)} ago)";

    public static string Join(IEnumerable<Reason> reasons) => Wording.Join(reasons.Select(reason => reason.Text));

    public static string Join(IEnumerable<ReasonView> reasons) => Wording.Join(reasons.Select(reason => reason.Text));
}

/// <summary>A reason as <c>--json</c> shows it.</summary>
internal sealed record ReasonView(string Code, string Text)
{
    public static IReadOnlyList<ReasonView> From(IEnumerable<Reason> reasons) => [.. reasons.Select(reason => new ReasonView(reason.Code, reason.Text))];
}
