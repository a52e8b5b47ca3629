using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>Which tags a finished build gets, and under which conditions.</summary>
public sealed record PromotionRules
{
    /// <summary>Time for the work of a release, apart from its waits for scan, approval and soak.</summary>
    private static readonly TimeSpan ReleaseAllowance = TimeSpan.FromHours(2);

    /// <summary>Tags that name one build and never move.</summary>
    public IReadOnlyList<TagTemplate> VersionTags { get; init; } = [TagTemplate.Parse("{version}-{build}")];

    /// <summary>Tags that move forward from build to build.</summary>
    public IReadOnlyList<TagTemplate> FloatingTags { get; init; } = [];

    /// <summary>Null means that scan findings are ignored.</summary>
    public GateRules? Gate { get; init; }

    /// <summary>Findings of this severity or above on the promoted image are reported, once for each image and severity. Null means that the findings
    /// of a promoted image are not checked.</summary>
    public Severity? AlertOnFindings { get; init; }

    /// <summary>A person must approve within these hours, 1 to 672; null means no approval.</summary>
    public int? ApprovalHours { get; init; }

    /// <summary>How long the floating tags wait after the version tags, 0 to 672.</summary>
    public int SoakHours { get; init; }

    /// <summary>Whether a promotion writes a statement beside the image: what it was made from, and what it passed.</summary>
    public bool Statement { get; init; }

    /// <summary>An image without a promotion for more days than this raises an alarm, 1 to 3650; null means no limit.</summary>
    public int? MaxAgeDays { get; init; }

    /// <summary>The longest time that a release under these rules can take. Retention keeps a build during its release for that long.</summary>
    public TimeSpan MaxDuration => ReleaseAllowance + TimeSpan.FromMinutes(Gate?.WaitMinutes ?? 0) + TimeSpan.FromHours((ApprovalHours ?? 0) + SoakHours);
}
