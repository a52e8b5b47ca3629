namespace Automation.Core;

/// <summary>Why something is, is not, or is not yet done. Every answer of a planner carries at least one.</summary>
/// <param name="Code">Stable, kebab-case, for filters and tests: <c>new-base-digest</c>, <c>floating-tag</c>.</param>
/// <param name="Text">One sentence for people, with the facts it rests on (digests, times in UTC).</param>
public sealed record Reason(string Code, string Text)
{
    public override string ToString() => $"{Code}: {Text}";
}
