namespace Automation.Functions;

/// <summary>The output that ends the execution's wait.</summary>
/// <param name="Tell">Whether the end is mailed.</param>
public sealed record IncidentEndText(bool Tell, string Subject, string Message, IncidentDetail Detail);
