namespace Automation.Core;

/// <summary>Why something happens, does not happen, or does not happen yet. Every answer of a planner carries at least one.</summary>
public sealed record Reason
{
    /// <param name="text">One sentence for people, with the facts behind it (digests, times in UTC).</param>
    public Reason(ReasonCode code, string text)
        : this(code.Name(), text)
    {
    }

    private Reason(string code, string text) => (Code, Text) = (code, text);

    /// <summary>The name of a <see cref="ReasonCode"/>, for filters and tests. After a failed workflow step: the name of its error.</summary>
    public string Code { get; }

    public string Text { get; init; }

    public bool Is(ReasonCode code) => string.Equals(Code, code.Name(), StringComparison.Ordinal);

    public override string ToString() => $"{Code}: {Text}";

    /// <summary>Restores a reason from the state of the workflow.</summary>
    internal static Reason Read(Workflow.ReasonText reason) => new(reason.Code, reason.Text);
}
