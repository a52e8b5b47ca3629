namespace Automation.Core.Workflow;

/// <summary>A <see cref="Reason"/> as it travels through the workflow's state.</summary>
/// <param name="Code">The name of a <see cref="ReasonCode"/>, or of the error that a step failed with.</param>
public sealed record ReasonText(string Code, string Text)
{
    public static ReasonText Of(ReasonCode code, string text) => new(code.Name(), text);

    public bool Is(ReasonCode code) => string.Equals(Code, code.Name(), StringComparison.Ordinal);

    public static IReadOnlyList<ReasonText> From(IEnumerable<Reason> reasons) => [.. reasons.Select(reason => new ReasonText(reason.Code, reason.Text))];
}
