namespace Automation.Core.Workflow;

/// <param name="Action">supersede or delete.</param>
/// <param name="Applied">False in report mode.</param>
public sealed record PrunedItem(string Region, string Target, string Action, bool Applied, IReadOnlyList<ReasonText> Reasons);
