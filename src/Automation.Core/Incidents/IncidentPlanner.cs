namespace Automation.Core.Incidents;

/// <summary>Decides what people are told: once when something goes wrong, once when it turns into something else that needs a person, and
/// once when it is over.</summary>
/// <remarks>
/// <code>
/// open in the area        found                           told
/// none                    wrong                           it begins
/// the same                wrong                           nothing: status and metrics show it; what else is open there ends without a mail
/// needs a person          wrong, and retried              nothing: the first still needs a person
/// any other               wrong                           the new one begins; the old one ends without a mail
/// any                     fine                            it is over
/// any                     unknown                         nothing
/// </code>
/// A prune that fails while the image's release fails for the same while is not told as well: both wait for the same Region. What fails because
/// a Region does not answer is not told as well as the Region.
/// </remarks>
public static class IncidentPlanner
{
    /// <param name="open">All open incidents; those of other images and areas do not matter.</param>
    public static IncidentPlan Decide(Observation observation, IEnumerable<OpenIncident> open)
    {
        var ofImage = open.Where(each => each.Id.Image == observation.Image).OrderBy(each => each.Since).ThenBy(each => each.Name, StringComparer.Ordinal).ToList();
        var here = ofImage.FindAll(each => each.Id.Kind.Area() == observation.Area);
        return observation switch
        {
            Observation.Wrong(var incident) when here.TrueForAll(each => each.Id != incident.Id) && WaitsForARegion(incident, open) => IncidentPlan.Nothing,
            Observation.Wrong(var incident) => Wrong(incident, here, ofImage),

            // Of several, which only a race can open, the first is told: they are one.
            Observation.Fine(_, _, var why) => new IncidentPlan(null, [.. here.Select((each, i) => new IncidentEnd(each, i == 0, why))]),
            _ => IncidentPlan.Nothing,
        };
    }

    /// <summary>The incidents of images that the catalog has no more, and of Regions that nothing is promoted to any more.</summary>
    /// <param name="catalog">Names of all images.</param>
    /// <param name="regions">All Regions that an image is promoted to.</param>
    public static IReadOnlyList<IncidentEnd> Forgotten(IEnumerable<string> catalog, IEnumerable<string> regions, IEnumerable<OpenIncident> open)
    {
        var images = catalog.ToHashSet(StringComparer.Ordinal);
        var promoted = regions.ToHashSet(StringComparer.Ordinal);
        return [.. open.Where(each => !(each.Id.Kind == IncidentKind.RegionUnreadable ? promoted : images).Contains(each.Id.Image))
            .Select(each => new IncidentEnd(each, true, new Reason(ReasonCode.NotInCatalog, $"The catalog does not list {each.Id.Image} any more.")))];
    }

    // The first reason is the error, which names the Region.
    private static bool WaitsForARegion(Incident incident, IEnumerable<OpenIncident> open) =>
        incident.Id.Kind is IncidentKind.ReleaseFailing or IncidentKind.PruneFailed
        && open.Any(each => each.Id.Kind == IncidentKind.RegionUnreadable && incident.Reasons[0].Text.Contains(each.Id.Image, StringComparison.Ordinal));

    private static IncidentPlan Wrong(Incident incident, List<OpenIncident> here, List<OpenIncident> ofImage)
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
