namespace Automation.Core.Workflow;

/// <summary>What people are told about an event, for chat channels: the stack's rule turns it into a custom notification.</summary>
/// <param name="NextSteps">What to do, in order; commands to copy among them.</param>
public sealed record AlertText(string Title, string Text, IReadOnlyList<string> NextSteps);
