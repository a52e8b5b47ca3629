namespace Automation.Core.Workflow;

/// <param name="At">When the phase ended.</param>
/// <param name="WaitUntil">For version: until when the floating tags wait; null if they do not.</param>
/// <param name="Outcome">
/// <c>promoted</c>: all tags are on this build. <c>held</c> or <c>overtaken</c>: a hold or a newer build keeps a floating tag.
/// <c>rolled-back</c>: a person rolled the build back meanwhile. <c>running</c>: some tags were still to be written. <c>failed</c>:
/// the phase stopped.
/// </param>
/// <param name="Stopped">Whether the release must not continue.</param>
/// <param name="Reasons">Why it stopped; empty if it did not.</param>
public sealed record PromoteImageResult(
    string Phase, DateTimeOffset At, DateTimeOffset? WaitUntil, string Outcome, bool Stopped, IReadOnlyList<ReasonText> Reasons,
    IReadOnlyList<TagStepText> Steps);
