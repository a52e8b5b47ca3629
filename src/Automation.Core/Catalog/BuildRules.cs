using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Catalog;

/// <summary>When an image is built.</summary>
public sealed record BuildRules
{
    /// <summary>AWS <c>cron(…)</c> or <c>rate(…)</c>; null means that only changes start builds.</summary>
    public ScheduleExpression? Schedule { get; init; }

    /// <summary>Watched images besides the base: a new image under a matching tag starts a build. They are in the account's
    /// own registry, in the stack's Region.</summary>
    public IReadOnlyList<WatchedTags> Watch { get; init; } = [];

    /// <summary>Time zone of the schedule.</summary>
    public ScheduleZone TimeZone { get; init; } = ScheduleZone.Utc;

    /// <summary>The time zone for finding the slots of the schedule; null if the machine does not know it and so cannot find the slots.</summary>
    public TimeZoneInfo? SlotZone => Schedule?.NeedsZone == true ? TimeZone.Find() : TimeZoneInfo.Utc;

    /// <summary>Builds per cause before a person must act, 1 to 10.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Minutes between the first failure and the retry, 1 to 1440. The pause doubles after each further failure, up to a day.</summary>
    public int RetryAfterMinutes { get; init; } = 15;

    /// <summary>How long a base must stay unchanged before a build starts, 0 to 1440.</summary>
    public int QuietMinutes { get; init; }

    /// <summary>The longest delay that a changing base can cause, counted from its first unbuilt push; 0 to 10080, and at least
    /// <see cref="QuietMinutes"/>.</summary>
    public int MaxWaitMinutes { get; init; } = 60;

    /// <summary>Findings on the base that prevent a build; null means that the findings of the base are ignored.</summary>
    public GateRules? BaseGate { get; init; }

    /// <summary>Findings of this severity or above on the promoted image start a build, if a fix exists; null means that findings start none.</summary>
    public Severity? RebuildOnFindings { get; init; }

    /// <summary>The minimum age of a base, 0 to 672. Only a requested build ignores it.</summary>
    public int MinParentAgeHours { get; init; }
}
