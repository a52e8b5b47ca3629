namespace Automation.Testing;

/// <summary>A call that a function or the workflow makes.</summary>
/// <param name="Function">The function and the number of its invocation; null for the workflow.</param>
internal sealed record AutomationCall(string Service, string Operation, string Region, (string Name, long Invocation)? Function);
