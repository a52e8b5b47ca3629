using Automation.Core;

namespace Automation.Cli.Reports;

/// <summary>A reason in the format of <c>--json</c>.</summary>
internal sealed record ReasonView(string Code, string Text)
{
    public static IReadOnlyList<ReasonView> From(IEnumerable<Reason> reasons) => [.. reasons.Select(reason => new ReasonView(reason.Code, reason.Text))];

    public static string Join(IEnumerable<ReasonView> reasons) => HumanText.Join(reasons.Select(reason => reason.Text));
}
