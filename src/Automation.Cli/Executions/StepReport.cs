using System.Globalization;
using System.Text.Json;
using Automation.Core;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>Renders the decision of a workflow step as lines for people.</summary>
internal static class StepReport
{
    /// <param name="output">The output state of the step.</param>
    public static IEnumerable<string> Of(string state, LifecycleState output) => (state, output) switch
    {
        (WorkflowStates.PlanBuild, { Plan: { } plan }) => Decision(plan.Decision, plan.Reasons),
        (WorkflowStates.StartBuild, { Build: { } build }) => [$"started {build.Version}; its release starts when it ends: {Join(build.Reasons)}"],
        (WorkflowStates.InspectImage, { Release: { } release }) => Decision(release.Outcome, release.Reasons),
        (WorkflowStates.CheckScan, { Scan: { } scan }) => [.. Decision(scan.Verdict, scan.Reasons), .. scan.ToUnblock.Select(step => $"to unblock: {step}")],
        (WorkflowStates.WaitForApproval, { Approval: { ValueKind: JsonValueKind.Object } approval }) => [$"approved by {By(approval)}"],
        (WorkflowStates.PromoteVersionTags, { VersionTags: { } tags }) => Tags(tags),
        (WorkflowStates.PromoteFloatingTags, { FloatingTags: { } tags }) => Tags(tags),
        (WorkflowStates.VerifyPromotion, { Verification: { } tags }) => Tags(tags),
        (WorkflowStates.PruneImage, { Prune: { } prune }) => Prune(prune),
        (WorkflowStates.Announce, { Announcement.Detail: { } detail }) =>
            [$"{detail.Outcome}{(detail.Tags.Count > 0 ? $" as {string.Join(", ", detail.Tags)}" : "")}: {Join(detail.Reasons)}"],
        _ => [],
    };

    private static IEnumerable<string> Decision(string decision, IReadOnlyList<ReasonText> reasons) => [$"{decision}: {Join(reasons)}"];

    private static IEnumerable<string> Tags(PromoteImageResult tags) =>
        tags.Stopped ? Decision(tags.Outcome, tags.Reasons) : tags.Steps.Select(step => $"{step.Action} {step.Tag} in {step.Region}: {step.Reason.Text}");

    private static IEnumerable<string> Prune(PruneResult prune)
    {
        foreach (var item in prune.Items)
        {
            yield return $"{(item.Applied ? "" : "would ")}{item.Action} {item.Target} in {item.Region}: {Join(item.Reasons)}";
        }

        var (verb, tally) = prune.Mode == "report" ? ("would be ", prune.Planned) : ("", prune.Applied);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{HumanText.Of(tally.Images, "image")} and {HumanText.Of(tally.Records, "record")} {verb}deleted, {tally.Superseded} superseded, {HumanText.Of(prune.ImagesKept, "image")} kept (mode {prune.Mode}, {HumanText.Of(prune.Calls.Values.Sum(), "call")})");
        if (prune.Kept is { Count: > 0 } kept)
        {
            yield return $"kept by reason: {string.Join(", ", kept.Select(count => $"{count.Key} {count.Value}"))}";
        }

        if ((prune.DeletionLimit ?? prune.Unknown) is { } why)
        {
            yield return $"stopped: {why}";
        }
    }

    private static string By(JsonElement approval) =>
        approval.TryGetProperty("by", out var by) && by.ValueKind == JsonValueKind.String ? by.GetString()! : "an unnamed person";

    private static string Join(IReadOnlyList<ReasonText> reasons) => HumanText.Join(reasons.Select(reason => reason.Text));
}
