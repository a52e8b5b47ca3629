namespace Automation.Core.Ports;

/// <summary>What the automation reads of Systems Manager's Parameter Store, in its own Region. Failures are <see cref="AutomationException"/>s.</summary>
public interface IParameters
{
    /// <summary>Null when there is no such parameter.</summary>
    /// <exception cref="PermanentException">It may not be read, or its value is encrypted.</exception>
    Task<ParameterValue?> FindAsync(string nameOrArn, CancellationToken cancellationToken);
}

/// <param name="ChangedAt">When the value was written.</param>
public sealed record ParameterValue(string Value, DateTimeOffset ChangedAt);
