namespace Automation.Core.Ports;

/// <summary>The waits of releases for a scan. Failures are <see cref="AutomationException"/>s.</summary>
public interface IScanWaits
{
    /// <summary>Ends every running wait for a scan in the repository, so that its release checks again at once.</summary>
    /// <returns>The names of the ended waits.</returns>
    Task<IReadOnlyList<string>> EndAsync(string repository, CancellationToken cancellationToken);
}
