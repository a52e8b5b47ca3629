namespace Automation.Core.Workflow;

/// <summary>The name of an <see cref="Outcome"/> in states, events, logs and mails, and its meaning for a person who waits for it.</summary>
public static class Outcomes
{
    private static readonly string[] Names = KebabCase.NamesOf<Outcome>();

    /// <summary><c>rolled-back</c> for <see cref="Outcome.RolledBack"/>.</summary>
    public static string Name(this Outcome outcome) => Names[(int)outcome];

    /// <returns>Null if there is no such outcome.</returns>
    public static Outcome? Parse(string? name) => Array.IndexOf(Names, name) is var index and >= 0 ? (Outcome)index : null;

    /// <summary>Whether the execution has done what it was for.</summary>
    public static bool IsDone(this Outcome outcome) => outcome is Outcome.Promoted or Outcome.RolledBack or Outcome.Pruned;
}
