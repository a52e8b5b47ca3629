namespace Amazon.Lambda.Annotations.Schedule;

/// <summary>Runs the function on a schedule. The method takes <c>ScheduledEvent</c> and, optionally, the context.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class ScheduleEventAttribute : Attribute
{
    /// <param name="schedule"><c>rate(5 minutes)</c> or <c>cron(0 3 * * ? *)</c>.</param>
    public ScheduleEventAttribute(string schedule)
    {
        Schedule = schedule;
    }

    public string Schedule { get; set; }

    /// <summary>Name of the event in the template: letters and digits only. By default it is made from the expression.</summary>
    public string ResourceName { get; set; }

    public string Description { get; set; }

    /// <summary>JSON that the function receives instead of the event, or the path of a file that contains it.</summary>
    public string Input { get; set; }

    public bool Enabled { get; set; } = true;
}
