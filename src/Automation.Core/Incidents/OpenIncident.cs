namespace Automation.Core.Incidents;

/// <summary>An incident whose beginning was announced and whose end was not.</summary>
/// <param name="Name">The name of the execution that keeps it open.</param>
public sealed record OpenIncident(IncidentId Id, string Name, DateTimeOffset Since);
