using System.Diagnostics.CodeAnalysis;

namespace Automation.Core.Builds;

/// <summary>An AWS schedule, <c>cron(0 3 ? * SUN *)</c> or <c>rate(12 hours)</c>, that says which slots it has
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html).</summary>
/// <remarks>A rate has no beginning in AWS (it counts from when a rule was made); here its slots are the multiples of the rate since
/// 1970-01-01T00:00Z, so that anyone can compute them from the text alone.</remarks>
public sealed record ScheduleExpression
{
    private ScheduleExpression(string text) => Text = text;

    public string Text { get; }

    public static ScheduleExpression Parse(string text) =>
        TryParse(text, out var schedule, out var fault) ? schedule : throw new FormatException(fault);

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ScheduleExpression? schedule, out string? fault)
    {
        fault = null;
        schedule = new ScheduleExpression(text ?? "");
        throw new NotImplementedException();
    }

    /// <summary>The newest slot at or before the time; null if there never was one.</summary>
    public DateTimeOffset? LastAtOrBefore(DateTimeOffset now, TimeZoneInfo zone) => throw new NotImplementedException(Text);

    /// <summary>The first slot after the time; null if there will be none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now, TimeZoneInfo zone) => throw new NotImplementedException(Text);

    public override string ToString() => Text;
}
