using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>Which builds are kept. Any rule that keeps a build prevents its deletion.</summary>
public sealed record RetentionRules
{
    public RetentionMode Mode { get; init; } = RetentionMode.Report;

    /// <summary>The number of newest builds to keep, 1 to 1000. Failed, cancelled, blocked, rejected and rolled-back builds do not count.</summary>
    public int KeepLast { get; init; } = 5;

    /// <summary>Keeps builds younger than this, counted from promotion; 0 to 3650.</summary>
    public int KeepDays { get; init; } = 30;

    /// <summary>Keeps images pulled within these days, 0 (ignored) to 3650.</summary>
    public int KeepPulledDays { get; init; } = 30;

    /// <summary>The grace period between the mark as superseded and the deletion, 0 to 3650.</summary>
    public int GraceDays { get; init; } = 7;

    /// <summary>How long failed and cancelled builds stay available for inspection, 0 to 3650.</summary>
    public int FailedDays { get; init; } = 14;

    /// <summary>The deletion limit: a prune stops if it would delete more than this percentage of a repository's images, 1 to 100.</summary>
    public int MaxDeletePercent { get; init; } = 50;

    public IReadOnlyList<TagPattern> ProtectedTags { get; init; } = [];

    public ForeignTags ForeignTags { get; init; }

    /// <summary>Earlier templates of version and floating tags. Tags that match them count as Automation's own.</summary>
    public IReadOnlyList<TagTemplate> FormerTags { get; init; } = [];
}
