namespace Automation.Functions;

/// <summary>The input of an execution of the state machine <c>Incidents</c>.</summary>
public sealed record IncidentText(string Image, string Kind, string Subject, string Message, IncidentDetail Detail);
