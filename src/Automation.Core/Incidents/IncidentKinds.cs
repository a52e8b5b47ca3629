namespace Automation.Core.Incidents;

public static class IncidentKinds
{
    /// <summary>The kind as written in execution names, events and subjects.</summary>
    public static string Code(this IncidentKind kind) => kind switch
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
        IncidentKind.Vulnerable => "vulnerable",
        IncidentKind.Unreadable => "unreadable",
        IncidentKind.RegionUnreadable => "region-unreadable",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static IncidentKind? Parse(string code) =>
        Enum.GetValues<IncidentKind>().Cast<IncidentKind?>().FirstOrDefault(kind => string.Equals(kind!.Value.Code(), code, StringComparison.Ordinal));

    public static IncidentArea Area(this IncidentKind kind) => kind switch
    {
        IncidentKind.PipelineMissing or IncidentKind.RecipeDiffers or IncidentKind.PipelineDisabled
            or IncidentKind.BuildNotStarted or IncidentKind.BuildFailed or IncidentKind.BuildStuck => IncidentArea.Build,
        IncidentKind.GateBypassed => IncidentArea.Distribution,
        IncidentKind.Blocked or IncidentKind.NotReleasable or IncidentKind.ReleaseFailing or IncidentKind.ReleaseFailed => IncidentArea.Release,
        IncidentKind.PruneStopped or IncidentKind.PruneFailed => IncidentArea.Prune,
        IncidentKind.Vulnerable => IncidentArea.Findings,
        IncidentKind.Unreadable => IncidentArea.Reconcile,
        IncidentKind.RegionUnreadable => IncidentArea.Region,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Whether Automation retries, so that the incident may end without a person.</summary>
    public static bool IsRetried(this IncidentKind kind) =>
        kind is IncidentKind.BuildNotStarted or IncidentKind.BuildFailed or IncidentKind.ReleaseFailing or IncidentKind.PruneFailed;
}
