namespace Automation.Functions;

/// <summary>All metric names. Alarms and the dashboard refer to them.</summary>
public static class MetricNames
{
    /// <summary>Releases with their floating tags in place, including rollbacks. Written by Announce.</summary>
    public const string Promoted = nameof(Promoted);

    /// <summary>Releases and prunes that a rule or a person stopped: gate, rejection, hold, deletion limit. Written by Announce.</summary>
    public const string Blocked = nameof(Blocked);

    /// <summary>Failed builds, and executions that failed. Written by Announce.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>Deleted images and records. Written by Prune.</summary>
    public const string Deleted = nameof(Deleted);

    /// <summary>Images without a promotion for longer than their <c>maxAgeDays</c>. Written by Reconcile.</summary>
    public const string OverdueImages = nameof(OverdueImages);

    /// <summary>Announced incidents that are still open. Written by Reconcile.</summary>
    public const string OpenIncidents = nameof(OpenIncidents);

    /// <summary>Promoted images with findings that were reported. Written by Reconcile.</summary>
    public const string VulnerableImages = nameof(VulnerableImages);

    /// <summary>The age of the most overdue image in days; 0 if there is none. Written by Reconcile.</summary>
    public const string OldestOverdueDays = nameof(OldestOverdueDays);
}
