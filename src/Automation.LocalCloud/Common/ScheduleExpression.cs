using System.Globalization;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// A schedule in the notation that EventBridge rules, EventBridge Scheduler and Image Builder pipelines share:
/// <c>rate(5 minutes)</c>, <c>cron(0 10 ? * MON-FRI *)</c>, and for the Scheduler <c>at(2026-01-05T08:00:00)</c>.
/// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
/// </summary>
internal abstract class ScheduleExpression
{
    /// <param name="text">A cron expression may have <c>cron(…)</c> around its fields or not, because Image Builder accepts both.</param>
    /// <param name="zone">The time zone of cron and at; it does not affect rates.</param>
    /// <exception cref="AwsException">ValidationException: the text is not a schedule expression; the message says why.</exception>
    internal static ScheduleExpression Parse(string text, TimeZoneInfo zone)
    {
        if (Inner(text, "rate") is { } rate)
        {
            return RateSchedule.ParseInner(rate);
        }

        if (Inner(text, "at") is { } at)
        {
            return DateTime.TryParseExact(at, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
                ? new OneTimeSchedule(ToInstant(local, zone))
                : throw Invalid($"'{at}' does not have the form yyyy-mm-ddThh:mm:ss.");
        }

        return CronSchedule.ParseFields(Inner(text, "cron") ?? text, zone);
    }

    /// <exception cref="AwsException">ValidationException: the time zone does not exist.</exception>
    internal static TimeZoneInfo Zone(string? ianaName) =>
        ianaName is null or "UTC" ? TimeZoneInfo.Utc
        : TimeZoneInfo.TryFindSystemTimeZoneById(ianaName, out var zone) ? zone
        : throw new AwsException("ValidationException", $"Invalid Schedule Expression Timezone '{ianaName}'.");

    /// <summary>The first occurrence strictly after an instant; null if there is none.</summary>
    internal abstract DateTimeOffset? Next(DateTimeOffset after);

    /// <summary>Like <see cref="Next(DateTimeOffset)"/>, for a schedule that began at <paramref name="anchor"/>: rates count from there.</summary>
    internal virtual DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset anchor) => Next(after);

    internal static AwsException Invalid(string reason) => new("ValidationException", $"Parameter ScheduleExpression is not valid. Reason: {reason}");

    /// <summary>A local time that does not exist in spring moves forward by the length of the gap. Of two equal local times in autumn, the first
    /// applies.</summary>
    private static DateTimeOffset ToInstant(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
        {
            return new DateTimeOffset(local, zone.GetUtcOffset(local.AddDays(-1))).ToUniversalTime();
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private static string? Inner(string text, string kind) =>
        text.StartsWith(kind + "(", StringComparison.Ordinal) && text.EndsWith(')') ? text[(kind.Length + 1)..^1] : null;
}
