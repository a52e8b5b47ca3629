namespace Automation.Core.Builds;

public enum ReleaseState
{
    /// <summary>An execution began and has not recorded its end.</summary>
    Running,

    /// <summary>Version and floating tags are set, or were until a newer build took them over. The newest build with this mark owns the
    /// floating tags. The mark is written before the tags are read for the last time, so of two concurrent releases one sees the other's mark.</summary>
    Promoted,

    /// <summary>The version tags exist; a hold (rollback) keeps the floating tags away until an explicit promote.</summary>
    Held,

    /// <summary>The gate blocked it. While it is the newest build, it is checked again every <c>recheckHours</c>.</summary>
    Blocked,

    /// <summary>A person rejected it, or nobody answered in time. Run <c>automation promote</c> to retry it.</summary>
    Rejected,

    /// <summary>The image is missing in a Region. While it is the newest build, its release continues once the image is everywhere.</summary>
    Missing,

    /// <summary>A newer build was promoted first.</summary>
    Overtaken,

    /// <summary>A permanent error, such as an immutable tag on another digest. While it is the newest build, it is retried once the obstacle is removed. On a
    /// failed build: its end has been announced.</summary>
    Failed,

    /// <summary>A person cancelled the build, and its end has been announced.</summary>
    Cancelled,

    /// <summary>It was promoted, and a person rolled back to an older build. Run <c>automation promote</c> to promote it again.</summary>
    RolledBack,
}
