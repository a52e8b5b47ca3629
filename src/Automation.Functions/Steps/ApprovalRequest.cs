using System.Globalization;
using System.Text;
using Automation.Core;

namespace Automation.Functions.Steps;

/// <summary>Asks a person for an approval: a mail, and an event for programs and chat channels.</summary>
internal static class ApprovalRequest
{
    /// <summary>The mail. The workflow appends the task's token on the last line, because only the workflow knows it.</summary>
    /// <param name="seconds">How long a person may take, in seconds.</param>
    /// <param name="passed">The gate's reasons.</param>
    public static string Text(Step step, int seconds, IReadOnlyList<ReasonText> passed)
    {
        var release = step.Release;
        var text = new StringBuilder();
        text.AppendLine(Sentence(step, seconds)).AppendLine();
        foreach (var reason in release.Reasons.Concat(passed))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {reason.Text}");
        }

        foreach (var place in release.Regions)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {place.Region} {place.Digest}");
        }

        return text.AppendLine()
            .AppendLine(Approve(step))
            .AppendLine(CultureInfo.InvariantCulture, $"{Reject(step)} --reason \"...\"").AppendLine()
            .AppendLine("The task token, for programs:").ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The event. It does not include the token, because a reader of the event must not be able to approve.</summary>
    public static ApprovalDetail Detail(Step step, int seconds, IReadOnlyList<ReasonText> passed)
    {
        var release = step.Release;
        IReadOnlyList<ReasonText> reasons = [.. release.Reasons, .. passed];
        var alert = Alerts.Approval(
            $"approval needed: {step.State.Image} {release.Version}",
            Sentence(step, seconds),
            reasons,
            [$"Read what would change: {Approve(step)} --show", Approve(step), $"{Reject(step)} --reason \"...\""]);
        return new ApprovalDetail(step.State.Image!, release.Version, release.Regions, step.Now.AddSeconds(seconds), reasons, step.Execution, alert);
    }

    private static string Sentence(Step step, int seconds) =>
        $"{step.State.Image} {step.Release.Version} waits for your approval until {HumanText.At(step.Now.AddSeconds(seconds))}; without an answer the release is rejected.";

    private static string Approve(Step step) => $"automation approve {step.Execution}";

    private static string Reject(Step step) => $"automation reject {step.Execution}";
}
