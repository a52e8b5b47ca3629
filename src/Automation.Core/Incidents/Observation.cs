namespace Automation.Core.Incidents;

/// <summary>What somebody who looked at an area of an image found.</summary>
public abstract record Observation(string Image, IncidentArea Area)
{
    public sealed record Wrong(Incident Incident) : Observation(Incident.Id.Image, Incident.Id.Kind.Area());

    /// <summary>Nothing is wrong: an open incident has ended.</summary>
    /// <param name="Why">Why it has ended, for people.</param>
    public sealed record Fine(string Image, IncidentArea Area, Reason Why) : Observation(Image, Area);

    /// <summary>It cannot be told yet, because work is under way: an open incident stays open.</summary>
    public sealed record Unknown(string Image, IncidentArea Area) : Observation(Image, Area);
}

/// <summary>What is to be told.</summary>
/// <param name="Begin">Null: nothing new.</param>
public sealed record IncidentPlan(Incident? Begin, IReadOnlyList<IncidentEnd> End)
{
    public static IncidentPlan Nothing { get; } = new(null, []);
}

/// <param name="Tell">False where the mail about another incident says more.</param>
public sealed record IncidentEnd(OpenIncident Incident, bool Tell, Reason Why);
