namespace Automation.Core.Workflow;

/// <param name="Decision">start, not-yet or no.</param>
/// <param name="Asked">When this execution first asked. The pauses between its checks grow from then.</param>
/// <param name="Until">For not-yet: when to check again. For start: when to check again if there is no room for the build, or another execution
/// was faster.</param>
/// <param name="Since">For not-yet, if another image of the lane goes first: since when this image has waited for it.</param>
/// <param name="Order">For start: what to start.</param>
public sealed record PlanBuildResult(
    string Decision, DateTimeOffset Asked, DateTimeOffset? Until, DateTimeOffset? Since, IReadOnlyList<ReasonText> Reasons, BuildOrderText? Order);
