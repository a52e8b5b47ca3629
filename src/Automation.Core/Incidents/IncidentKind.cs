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

    /// <summary>The promoted image has findings that the catalog asks to report.</summary>
    Vulnerable,

    /// <summary>The reconcile cannot read the image's facts.</summary>
    Unreadable,

    /// <summary>A Region that images are promoted to does not answer.</summary>
    RegionUnreadable,
}
