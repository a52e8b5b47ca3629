using Automation.Core.Incidents;

namespace Automation.Core.Ports;

/// <summary>Keeps open incidents and announces them to people. Failures are <see cref="AutomationException"/>s.</summary>
public interface IIncidents
{
    /// <summary>All open incidents of all images, in any order.</summary>
    Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken);

    /// <summary>Opens an incident and mails its beginning.</summary>
    /// <param name="name">See <see cref="IncidentId.NameAt"/>.</param>
    /// <param name="input">The mail and the event, as JSON.</param>
    /// <returns>False if an incident of that name is open already, because a concurrent caller announced it.</returns>
    Task<bool> BeginAsync(string name, string input, CancellationToken cancellationToken);

    /// <summary>Closes an open incident.</summary>
    /// <param name="output">The mail and the event, as JSON.</param>
    /// <returns>False if its beginning has not been mailed yet; the caller retries later.</returns>
    Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken);
}
