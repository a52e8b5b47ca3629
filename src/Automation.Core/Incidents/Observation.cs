namespace Automation.Core.Incidents;

/// <summary>The state of one area of an image.</summary>
public abstract record Observation(string Image, IncidentArea Area)
{
    public sealed record Problem(Incident Incident) : Observation(Incident.Id.Image, Incident.Id.Kind.Area());

    /// <summary>There is no problem, so an open incident ends.</summary>
    /// <param name="Why">Why it ends, for people.</param>
    public sealed record Healthy(string Image, IncidentArea Area, Reason Why) : Observation(Image, Area);

    /// <summary>Work is in progress, so the state is not known yet and an open incident stays open.</summary>
    public sealed record Unknown(string Image, IncidentArea Area) : Observation(Image, Area);
}
