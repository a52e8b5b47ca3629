namespace Automation.Core.Workflow;

/// <summary>A build requested by a person.</summary>
/// <param name="By">The person, for the record.</param>
/// <param name="Id">Identifies the request: a repeated id means the same build.</param>
public sealed record ManualBuild(string? By, string? Id);
