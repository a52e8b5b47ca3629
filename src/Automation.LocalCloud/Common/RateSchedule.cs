using System.Globalization;

namespace Automation.LocalCloud.Common;

/// <summary><c>rate(value unit)</c>: a fixed interval of elapsed time.</summary>
internal sealed class RateSchedule : ScheduleExpression
{
    private RateSchedule(TimeSpan period, bool unitAgrees)
    {
        Period = period;
        HasMatchingUnit = unitAgrees;
    }

    internal TimeSpan Period { get; }

    /// <summary>Whether the unit is singular exactly for 1, which rules require and the Scheduler does not.</summary>
    internal bool HasMatchingUnit { get; }

    /// <summary>As recorded, EventBridge refuses spaces beside the one between value and unit.</summary>
    internal static RateSchedule ParseInner(string inner)
    {
        var parts = inner.Split(' ');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
        {
            throw Invalid($"'rate({inner})' needs a positive whole number and a unit.");
        }

        TimeSpan? unit = parts[1] switch
        {
            "minute" or "minutes" => TimeSpan.FromMinutes(1),
            "hour" or "hours" => TimeSpan.FromHours(1),
            "day" or "days" => TimeSpan.FromDays(1),
            _ => null,
        };
        return unit is null
            ? throw Invalid($"'{parts[1]}' must be minute(s), hour(s) or day(s).")
            : new RateSchedule(unit.Value * value, (value == 1) != parts[1].EndsWith('s'));
    }

    internal override DateTimeOffset? Next(DateTimeOffset after) => after + Period;

    internal override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset anchor) =>
        after < anchor ? anchor : anchor + (Period * (((after - anchor).Ticks / Period.Ticks) + 1));
}
