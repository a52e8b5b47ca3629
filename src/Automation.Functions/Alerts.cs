using System.Text;
using Automation.Core;
using Automation.Core.Incidents;

namespace Automation.Functions;

/// <summary>Writes what a chat channel shows about an outcome or an incident, with what to do next.</summary>
internal static class Alerts
{
    /// <summary>The maximum length of a description in a custom notification is 8,000 characters, of which a channel shows about this much.
    /// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html</summary>
    private const int MaxText = 3_000;

    public static AlertText Of(Announcement announcement, LifecycleState state, string title)
    {
        var image = state.Image ?? "";
        var version = state.Release?.Version ?? state.Version;
        var steps = announcement.Reasons.Where(reason => reason.Is(ReasonCode.ToUnblock)).Select(reason => reason.Text).Concat(announcement.Outcome switch
        {
            Outcome.BuildFailed => [$"Fix the failure, then run: automation build {image} --watch"],
            Outcome.PruneStopped => [$"Read what would go: automation plan {image}"],
            Outcome.RolledBack => [$"When a fixed build is ready: automation promote {image}"],
            Outcome.DigestChanged => [$"Build the image again: automation build {image}"],
            _ => Array.Empty<string>(),
        });
        return new AlertText(title, Lines(announcement.Reasons.Where(reason => !reason.Is(ReasonCode.ToUnblock)).Select(reason => reason.Text)),
            [.. steps, Why(image, version)]);
    }

    public static AlertText Of(IncidentId id, string title, IEnumerable<Reason> reasons)
    {
        var steps = id.Kind switch
        {
            IncidentKind.PipelineMissing => "Create the pipeline, or correct the catalog and deploy.",
            IncidentKind.RecipeDiffers => "Correct the pipeline, or \"recipe\" in the catalog.",
            IncidentKind.PipelineDisabled => "Fix the failure, then enable the pipeline in Image Builder.",
            IncidentKind.BuildFailed => "Nothing yet: the build is retried.",
            IncidentKind.BuildStuck => $"Fix the failure, then run: automation build {id.Image} --watch",
            IncidentKind.GateBypassed => "Remove the tag from containerTags of the distribution, or from floatingTags in the catalog.",
            IncidentKind.Blocked => "Fix the finding in a new build, or add an entry to promote.gate.allow and deploy.",
            IncidentKind.NotReleasable => $"Build the image again: automation build {id.Image} --watch",
            IncidentKind.ReleaseFailed => "Remove the obstacle that the reason names; the reconcile continues.",
            IncidentKind.PruneStopped => $"Read what would go: automation plan {id.Image}",
            IncidentKind.RegionUnreadable => "Wait, or take the Region from the catalog.",
            IncidentKind.Unreadable => "Read the reason: usually a permission or a wrong tag value.",
            _ => "Nothing if it passes; otherwise read the reason.",
        };
        return new AlertText(title, Lines(reasons.Select(reason => reason.Text)),
            [steps, id.Kind == IncidentKind.RegionUnreadable ? "automation status --only problems" : $"automation status {id.Image}"]);
    }

    public static AlertText Approval(string title, string sentence, IReadOnlyList<ReasonText> reasons, IReadOnlyList<string> steps) =>
        new(title, $"{sentence}\n{Lines(reasons.Select(reason => reason.Text))}", steps);

    public static AlertText Over(IncidentId id, string title, Reason why) =>
        new(title, Lines([why.Text]), [$"Nothing to do. Its state: automation status {id.Image}"]);

    private static string Why(string image, string? version) => version is null ? $"automation status {image}" : $"automation why {image}";

    private static string Lines(IEnumerable<string> reasons)
    {
        var text = new StringBuilder();
        foreach (var reason in reasons)
        {
            if (text.Length + reason.Length > MaxText)
            {
                text.Append(text.Length == 0 ? reason[..MaxText] : "").Append("\n…");
                break;
            }

            text.Append(text.Length > 0 ? "\n" : "").Append("- ").Append(reason);
        }

        return text.Length > 0 ? text.ToString() : "-";
    }
}
