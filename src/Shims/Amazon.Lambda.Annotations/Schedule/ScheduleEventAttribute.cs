namespace Amazon.Lambda.Annotations.Schedule;

/// <summary>Runs the function on a schedule. The method takes <c>ScheduledEvent</c> and, if wanted, the context.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class ScheduleEventAttribute : Attribute
{
    /// <param name="schedule"><c>rate(5 minutes)</c> or <c>cron(0 3 * * ? *)</c>.</param>
    public ScheduleEventAttribute(string schedule)
    {
        Schedule = schedule;
    }

    public string Schedule { get; set; }

    /// <summary>Name of the event in the template: letters and digits only. Default: from the expression.</summary>
    public string ResourceName { get; set; }

    public string Description { get; set; }

    /// <summary>JSON handed to the function instead of the event, or the path of a file that holds it.</summary>
    public string Input { get; set; }

    public bool Enabled { get; set; } = true;
}
