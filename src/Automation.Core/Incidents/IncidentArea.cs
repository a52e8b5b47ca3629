namespace Automation.Core.Incidents;

/// <summary>The part of an image's life cycle that an incident stops. An image has at most one open incident in each.</summary>
public enum IncidentArea
{
    Build,
    Distribution,
    Release,
    Prune,

    /// <summary>The vulnerabilities of the promoted image.</summary>
    Findings,
    Reconcile,

    /// <summary>A whole Region, with all images that are promoted to it.</summary>
    Region,
}
