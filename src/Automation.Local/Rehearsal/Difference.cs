namespace Automation.Local.Rehearsal;

/// <summary>What differs between the rehearsals of the deployed and of the changed catalog.</summary>
/// <param name="OnlyDeployed">Decisions that the changed catalog would not bring on that day.</param>
/// <param name="OnlyChanged">Decisions that only the changed catalog would bring on that day.</param>
internal sealed record Difference(IReadOnlyList<Decision> OnlyDeployed, IReadOnlyList<Decision> OnlyChanged)
{
    public bool IsEmpty => OnlyDeployed.Count == 0 && OnlyChanged.Count == 0;

    public static Difference Between(RehearsalResult deployed, RehearsalResult changed) =>
        new(Without(deployed.Decisions, changed.Decisions), Without(changed.Decisions, deployed.Decisions));

    private static List<Decision> Without(IReadOnlyList<Decision> all, IReadOnlyList<Decision> others)
    {
        var left = others.CountBy(decision => decision.Identity).ToDictionary();
        var only = new List<Decision>();
        foreach (var decision in all)
        {
            if (left.GetValueOrDefault(decision.Identity) is var count and > 0)
            {
                left[decision.Identity] = count - 1;
            }
            else
            {
                only.Add(decision);
            }
        }

        return only;
    }
}
