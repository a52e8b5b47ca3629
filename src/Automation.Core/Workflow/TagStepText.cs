namespace Automation.Core.Workflow;

/// <param name="Action">put, present, held, not-forward, …: as the planner names it.</param>
public sealed record TagStepText(string Region, string Tag, string Action, string? From, string To, ReasonText Reason);
