namespace Automation.Core.Retention;

/// <summary>An image's daily prune.</summary>
/// <param name="ExecutionName"><c>prune-app_20260131</c>: Step Functions accepts only the first of several starts for one day.</param>
public sealed record PruneOrder(string ExecutionName, Reason Reason);
