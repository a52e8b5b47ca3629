namespace Automation.Core.Incidents;

/// <summary>What to announce.</summary>
/// <param name="Begin">Null if no incident begins.</param>
public sealed record IncidentPlan(Incident? Begin, IReadOnlyList<IncidentEnd> End)
{
    public static IncidentPlan Nothing { get; } = new(null, []);
}
