namespace Automation.Core.Ports;

/// <summary>Systems Manager's Parameter Store in the stack's own Region, as far as Automation reads it. Failures are
/// <see cref="AutomationException"/>s.</summary>
public interface IParameters
{
    /// <summary>The value of a parameter; null if the parameter does not exist.</summary>
    /// <exception cref="PermanentException">Access is denied, or the value is encrypted.</exception>
    Task<ParameterValue?> FindAsync(string nameOrArn, CancellationToken cancellationToken);
}
