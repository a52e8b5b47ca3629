
namespace Automation.Functions.Triggers;

/// <summary>What a trigger decided, item by item, the "no" included.</summary>
public sealed record TriggerResult(IReadOnlyList<TriggerDecision> Decisions);

/// <param name="Subject">What it is about: an image of the catalog, or what came in.</param>
/// <param name="Decision">started, already-started, no or not-ours; of a cached base: pulled or pull-failed.</param>
/// <param name="Execution">For started and already-started: the execution's name.</param>
public sealed record TriggerDecision(string Subject, string Decision, string? Execution, IReadOnlyList<ReasonText> Reasons);
