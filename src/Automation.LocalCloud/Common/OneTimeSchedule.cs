namespace Automation.LocalCloud.Common;

/// <summary><c>at(…)</c>: once.</summary>
internal sealed class OneTimeSchedule(DateTimeOffset at) : ScheduleExpression
{
    internal DateTimeOffset At => at;

    internal override DateTimeOffset? Next(DateTimeOffset after) => at > after ? at : null;
}
