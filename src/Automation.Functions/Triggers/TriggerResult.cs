
namespace Automation.Functions.Triggers;

/// <summary>The decisions of a trigger, one per item, including each "no".</summary>
public sealed record TriggerResult(IReadOnlyList<TriggerDecision> Decisions);
