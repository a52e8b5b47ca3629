namespace Automation.Core.Incidents;

/// <summary>Decides what people hear about incidents: when one begins, when it turns into another one that needs a person, and
/// when it ends.</summary>
/// <remarks>
/// <code>
/// open in the area        observed                        effect
/// none                    problem                         announces the beginning
/// the same                problem                         announces nothing (status and metrics show it); ends others there silently
/// needs a person          problem that is retried         announces nothing: the first still needs a person
/// any other               problem                         announces the new one; ends the old one silently
/// any                     healthy                         announces the end
/// any                     unknown                         announces nothing
/// </code>
/// While the image's release fails, a failing prune is not announced as well. One mail reports that a Region does not respond: the mail of the
/// Region's own incident, or of the first release that failed because of it.
/// </remarks>
public static class IncidentPlanner
{
    /// <param name="open">All open incidents. Those of other images and areas are ignored.</param>
    public static IncidentPlan Decide(Observation observation, IEnumerable<OpenIncident> open)
    {
        var ofImage = open.Where(each => each.Id.Image == observation.Image).OrderBy(each => each.Since)
            .ThenBy(each => each.Name, StringComparer.Ordinal).ToList();
        var here = ofImage.FindAll(each => each.Id.Kind.Area() == observation.Area);
        return observation switch
        {
            Observation.Problem(var incident) when here.TrueForAll(each => each.Id != incident.Id) && WaitsForARegion(incident, open) => IncidentPlan.Nothing,
            Observation.Problem(var incident) => OfProblem(incident, here, ofImage),

            // Only a race can open several; announce just the end of the first.
            Observation.Healthy(_, _, var why) => new IncidentPlan(null, [.. here.Select((each, i) => new IncidentEnd(each, i == 0, why))]),
            _ => IncidentPlan.Nothing,
        };
    }

    /// <summary>The incidents of images that the catalog no longer lists, and of Regions that no image is promoted to any more.</summary>
    /// <param name="catalog">The names of all images.</param>
    /// <param name="regions">All Regions that images are promoted to.</param>
    public static IReadOnlyList<IncidentEnd> Forgotten(IEnumerable<string> catalog, IEnumerable<string> regions, IEnumerable<OpenIncident> open)
    {
        var images = catalog.ToHashSet(StringComparer.Ordinal);
        var promoted = regions.ToHashSet(StringComparer.Ordinal);
        return [.. open.Where(each => !(each.Id.Kind == IncidentKind.RegionUnreadable ? promoted : images).Contains(each.Id.Image))
            .Select(each => new IncidentEnd(each, true, new Reason(ReasonCode.NotInCatalog, $"The catalog no longer lists {each.Id.Image}.")))];
    }

    private static bool WaitsForARegion(Incident incident, IEnumerable<OpenIncident> open) =>
        RegionOf(incident.Id) is { Length: > 0 } region
        && open.Any(each => RegionOf(each.Id) == region && (each.Id.Kind != IncidentKind.PruneFailed || incident.Id.Kind == IncidentKind.PruneFailed));

    private static string RegionOf(IncidentId id) => id.Kind switch
    {
        IncidentKind.RegionUnreadable => id.Image,
        IncidentKind.ReleaseFailing or IncidentKind.PruneFailed => id.About,
        _ => "",
    };

    private static IncidentPlan OfProblem(Incident incident, List<OpenIncident> here, List<OpenIncident> ofImage)
    {
        var why = new Reason(ReasonCode.Replaced, $"It turned into {incident.Headline}.");
        if (here.Find(each => each.Id == incident.Id) is { } known)
        {
            return new IncidentPlan(null, [.. here.Where(each => each != known).Select(each => new IncidentEnd(each, false, why))]);
        }

        if ((incident.Id.Kind.IsRetried() && here.Exists(each => !each.Id.Kind.IsRetried()))
            || (incident.Id.Kind == IncidentKind.PruneFailed && ofImage.Exists(each => each.Id.Kind == IncidentKind.ReleaseFailing)))
        {
            return IncidentPlan.Nothing;
        }

        return new IncidentPlan(incident, [.. here.Select(each => new IncidentEnd(each, false, why))]);
    }
}
