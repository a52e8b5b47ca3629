using System.Globalization;
using System.Text;
using Automation.Core;

namespace Automation.Functions.Steps;

/// <summary>The message that asks a person for an approval. The workflow appends the task's token on the last line, because only the
/// workflow knows it.</summary>
internal static class ApprovalRequest
{
    /// <param name="seconds">How long a person may take, in seconds.</param>
    /// <param name="passed">The gate's reasons.</param>
    public static string Text(Step step, int seconds, IReadOnlyList<ReasonText> passed)
    {
        var release = step.Release;
        var until = HumanText.At(step.Now.AddSeconds(seconds));
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{step.State.Image} {release.Version} waits for your approval until {until}; without an answer the release is rejected.").AppendLine();
        foreach (var reason in release.Reasons.Concat(passed))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {reason.Text}");
        }

        foreach (var place in release.Regions)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {place.Region} {place.Digest}");
        }

        return text.AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"automation approve {step.Execution}")
            .AppendLine(CultureInfo.InvariantCulture, $"automation reject {step.Execution} --reason \"...\"").AppendLine()
            .AppendLine("The task token, for programs:").ToString().ReplaceLineEndings("\n");
    }
}
