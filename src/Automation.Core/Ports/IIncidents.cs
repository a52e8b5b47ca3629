using Automation.Core.Incidents;

namespace Automation.Core.Ports;

/// <summary>Where open incidents are kept, and people are told. Failures are <see cref="AutomationException"/>s.</summary>
public interface IIncidents
{
    /// <summary>Every incident that is open, of all images, in no particular order.</summary>
    Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken);

    /// <summary>Opens an incident and mails its beginning.</summary>
    /// <param name="name">See <see cref="IncidentId.NameAt"/>.</param>
    /// <param name="input">What is mailed and published, as JSON.</param>
    /// <returns>False when one of that name was there already: somebody else told it a moment ago.</returns>
    Task<bool> BeginAsync(string name, string input, CancellationToken cancellationToken);

    /// <summary>Closes an open incident.</summary>
    /// <param name="output">What is mailed and published, as JSON.</param>
    /// <returns>False when it cannot be closed now, because its beginning has not been mailed yet: to be tried again later.</returns>
    Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken);
}
