
namespace Automation.Functions.Triggers;

/// <param name="Subject">The subject: an image of the catalog, or the event's own.</param>
/// <param name="Decision">started, already-started, ended, no or not-ours; for a cached base: pulled or pull-failed.</param>
/// <param name="Execution">For started and already-started: the execution's name.</param>
public sealed record TriggerDecision(string Subject, string Decision, string? Execution, IReadOnlyList<ReasonText> Reasons);
