namespace Automation.Core.Workflow;

/// <summary>The alert about an event, for chat channels: a rule of the stack turns it into a custom notification.</summary>
/// <param name="NextSteps">What to do, in order; commands to copy among them.</param>
public sealed record AlertText(string Title, string Text, IReadOnlyList<string> NextSteps);
