namespace Automation.Core.Incidents;

/// <summary>What is wrong with an image until it is resolved.</summary>
public enum IncidentKind
{
    /// <summary>The pipeline that the catalog names does not exist or builds no container.</summary>
    PipelineMissing,

    /// <summary>The adopted pipeline builds another recipe than the catalog names.</summary>
    RecipeDiffers,

    /// <summary>Image Builder disabled the pipeline after too many consecutive failures.</summary>
    PipelineDisabled,

    /// <summary>A build cannot be started, because the service rejects the call or is unreachable.</summary>
    BuildNotStarted,

    /// <summary>A build failed and Automation retries it.</summary>
    BuildFailed,

    /// <summary>A build failed and needs a person.</summary>
    BuildStuck,

    /// <summary>The distribution of an adopted pipeline moves a floating tag before any gate.</summary>
    GateBypassed,

    /// <summary>The scan gate blocks a build.</summary>
    Blocked,

    /// <summary>The image of the newest build is missing in a Region, or differs between Regions.</summary>
    NotReleasable,

    /// <summary>A release or rollback fails and Automation retries it.</summary>
    ReleaseFailing,

    /// <summary>A release failed and needs a person.</summary>
    ReleaseFailed,

    /// <summary>A prune exceeded the deletion limit and stopped.</summary>
    PruneStopped,

    /// <summary>A prune failed.</summary>
    PruneFailed,

    /// <summary>The reconcile cannot read the image's facts.</summary>
    Unreadable,

    /// <summary>A Region that images are promoted to does not answer.</summary>
    RegionUnreadable,
}

/// <summary>The part of an image's life cycle that an incident stops. An image has at most one open incident in each.</summary>
public enum IncidentArea
{
    Build,
    Distribution,
    Release,
    Prune,
    Reconcile,

    /// <summary>Of a Region, with all images that are promoted to it.</summary>
    Region,
}

public static class IncidentKinds
{
    /// <summary>The kind as written in names, events and subjects.</summary>
    public static string Word(this IncidentKind kind) => kind switch
    {
        IncidentKind.PipelineMissing => "pipeline-missing",
        IncidentKind.RecipeDiffers => "recipe-differs",
        IncidentKind.PipelineDisabled => "pipeline-disabled",
        IncidentKind.BuildNotStarted => "build-not-started",
        IncidentKind.BuildFailed => "build-failed",
        IncidentKind.BuildStuck => "build-stuck",
        IncidentKind.GateBypassed => "gate-bypassed",
        IncidentKind.Blocked => "blocked",
        IncidentKind.NotReleasable => "not-releasable",
        IncidentKind.ReleaseFailing => "release-failing",
        IncidentKind.ReleaseFailed => "release-failed",
        IncidentKind.PruneStopped => "prune-stopped",
        IncidentKind.PruneFailed => "prune-failed",
        IncidentKind.Unreadable => "unreadable",
        IncidentKind.RegionUnreadable => "region-unreadable",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static IncidentKind? Parse(string word) =>
        Enum.GetValues<IncidentKind>().Cast<IncidentKind?>().FirstOrDefault(kind => string.Equals(kind!.Value.Word(), word, StringComparison.Ordinal));

    public static IncidentArea Area(this IncidentKind kind) => kind switch
    {
        IncidentKind.PipelineMissing or IncidentKind.RecipeDiffers or IncidentKind.PipelineDisabled
            or IncidentKind.BuildNotStarted or IncidentKind.BuildFailed or IncidentKind.BuildStuck => IncidentArea.Build,
        IncidentKind.GateBypassed => IncidentArea.Distribution,
        IncidentKind.Blocked or IncidentKind.NotReleasable or IncidentKind.ReleaseFailing or IncidentKind.ReleaseFailed => IncidentArea.Release,
        IncidentKind.PruneStopped or IncidentKind.PruneFailed => IncidentArea.Prune,
        IncidentKind.Unreadable => IncidentArea.Reconcile,
        IncidentKind.RegionUnreadable => IncidentArea.Region,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Whether Automation retries, so that the incident may end without a person.</summary>
    public static bool IsRetried(this IncidentKind kind) =>
        kind is IncidentKind.BuildNotStarted or IncidentKind.BuildFailed or IncidentKind.ReleaseFailing or IncidentKind.PruneFailed;
}
