namespace Automation.Core.Incidents;

/// <param name="Tell">False if the message about another incident replaces it.</param>
public sealed record IncidentEnd(OpenIncident Incident, bool Tell, Reason Why);
