using Automation.Core.Builds;
using Automation.Core.Workflow;

namespace Automation.Core.Incidents;

/// <summary>Maps the end of an execution to the incident that it begins or ends. The reconcile finds everything else that ends an incident.</summary>
/// <remarks>
/// <code>
/// outcome           of                           incident
/// failed            build                        build-not-started
/// build-failed      release of that build        build-failed; build-stuck if Automation does not retry it
/// blocked           release                      blocked
/// not-releasable    release, image missing       not-releasable
/// failed, and any   release                      release-failed if the build is marked as failed, else release-failing
/// other with a mark
/// failed            rollback                     release-failing
/// tags-unstable      any                          release-failing
/// prune-stopped     prune                        prune-stopped, unless only a usage is unknown
/// prune-failed      prune                        prune-failed
/// pruned            prune                        ends the prune's incidents
/// any other                                      none: it is announced each time
/// </code>
/// If a step fails because a Region does not answer, the incident names that Region.
/// </remarks>
public static class ExecutionObservations
{
    /// <returns>Null if it neither begins nor ends an incident.</returns>
    public static Observation? Of(Announcement announcement, LifecycleState state, string headline)
    {
        var image = state.Image ?? "";
        if (announcement.Outcome == Outcome.Pruned)
        {
            return new Observation.Healthy(image, IncidentArea.Prune, Reason.Read(announcement.Reasons[0]));
        }

        if (!announcement.Alert || KindOf(announcement, state) is not { } kind)
        {
            return null;
        }

        var id = kind switch
        {
            IncidentKind.BuildStuck => new IncidentId(image, kind, state.Release?.Version ?? state.Version ?? ""),
            IncidentKind.ReleaseFailing or IncidentKind.PruneFailed =>
                new IncidentId(
                    image, kind, state.Error?.Name == nameof(TransientException) ? ReconcileObservations.RegionIn(announcement.Reasons[0].Text) : ""),
            _ when kind.Area() == IncidentArea.Release => ReconcileObservations.OfRelease(image, kind, state.Release?.Version ?? state.Version),
            _ => new IncidentId(image, kind, ""),
        };
        return new Observation.Problem(
            new Incident(id, kind == IncidentKind.BuildStuck ? $"build-stuck: {image}" : headline, [.. announcement.Reasons.Select(Reason.Read)]));
    }

    /// <summary>Whether a person requested the execution and waits for its result. That person gets a message even if the incident is
    /// known already. Nobody waits for what the reconcile resumes.</summary>
    public static bool IsAnswer(LifecycleState state) =>
        state.Resume != true && (state.Explicit == true || state.Manual is not null || state.Delete is not null || state.Action == WorkflowActions.Rollback);

    private static IncidentKind? KindOf(Announcement announcement, LifecycleState state) => (announcement.Outcome, state.Action) switch
    {
        (Outcome.Failed, WorkflowActions.Build) => IncidentKind.BuildNotStarted,
        (Outcome.BuildFailed, WorkflowActions.Release) => announcement.Reasons.Any(reason => reason.Is(ReasonCode.NotRetried)) ? IncidentKind.BuildStuck
            : announcement.Reasons.Any(reason => reason.Is(ReasonCode.Retried)) ? IncidentKind.BuildFailed
            : null,
        (_, WorkflowActions.Release) when announcement.Release == ReleaseState.Blocked => IncidentKind.Blocked,
        (Outcome.NotReleasable, WorkflowActions.Release) when state.Release is { Outcome: "missing", Arn: not null } => IncidentKind.NotReleasable,

        // The outcome does not matter here, because the reconcile sees the same mark.
        (_, WorkflowActions.Release) when announcement.Release == ReleaseState.Failed => IncidentKind.ReleaseFailed,
        (Outcome.Failed or Outcome.TagsUnstable, WorkflowActions.Release or WorkflowActions.Rollback) => IncidentKind.ReleaseFailing,
        (Outcome.PruneStopped, _) => IncidentKind.PruneStopped,
        (Outcome.PruneFailed, _) => IncidentKind.PruneFailed,
        _ => null,
    };
}
