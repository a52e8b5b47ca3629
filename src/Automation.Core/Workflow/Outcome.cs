namespace Automation.Core.Workflow;

/// <summary>
/// How an execution of the workflow ended. People and programs filter by the names (<see cref="Outcomes.Name"/>). src/OPERATIONS.md prints this list; a
/// test compares the two.
/// </summary>
public enum Outcome
{
    /// <summary>All version tags and floating tags are on the build.</summary>
    Promoted,

    /// <summary>The floating tags are on the older build, and a hold keeps them there.</summary>
    RolledBack,

    /// <summary>The version tags exist; a hold keeps the floating tags where they are.</summary>
    Held,

    /// <summary>A newer build or a rollback owns the floating tags.</summary>
    Overtaken,

    /// <summary>Something keeps moving the tags; the next reconcile tries again.</summary>
    TagsUnstable,

    /// <summary>The scan gate found something, or got no result in time.</summary>
    Blocked,

    /// <summary>A person rejected the release, or nobody answered in time.</summary>
    Rejected,

    /// <summary>The rollback is not allowed.</summary>
    Refused,

    /// <summary>Another image is under the build's tag than the one that was inspected.</summary>
    DigestChanged,

    /// <summary>The build itself failed.</summary>
    BuildFailed,

    /// <summary>A person cancelled the build.</summary>
    Cancelled,

    /// <summary>The build is missing, differs between Regions, or was deprecated, disabled or deleted.</summary>
    NotReleasable,

    /// <summary>A step failed; the reasons name the error.</summary>
    Failed,

    /// <summary>The prune is done, as a report or with deletions.</summary>
    Pruned,

    /// <summary>The prune stopped at the deletion limit, or because a usage is unknown.</summary>
    PruneStopped,

    /// <summary>The prune failed, on its own or after a promotion.</summary>
    PruneFailed,
}
