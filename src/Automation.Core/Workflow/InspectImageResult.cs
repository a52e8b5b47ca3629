namespace Automation.Core.Workflow;

/// <param name="Outcome">releasable; failed; cancelled; in-progress; missing (no such build, or its image is missing or different in a Region); changed
/// (the tag is on another image than the first inspection found); retired (DEPRECATED, DISABLED or DELETED in Image Builder); refused (a rollback to
/// a build that does not allow it); superseded (a resumed rollback that is over).</param>
/// <param name="Regions">Where the image is, and its digest, which is the same everywhere.</param>
/// <param name="ApprovalSeconds">How long a person may take to approve; null if no approval is needed.</param>
/// <param name="Explicit">As in the input. Copied here because the workflow's paths can name only members that always exist.</param>
/// <param name="Cleared">Whether to skip gate and approval: for a rollback, and for a resumed release whose digest passed both.</param>
/// <param name="Promoted">Whether the build was promoted before. It then stays promoted, whatever the outcome is.</param>
/// <param name="At">When the release began. A hold that is set later also stops an explicit promotion.</param>
/// <param name="Checks">The checks that the catalog required when the release began; null in an execution of an older version.</param>
public sealed record InspectImageResult(
    string Outcome,
    string? Arn,
    string Version,
    DateTimeOffset? BuiltAt,
    string Repository,
    IReadOnlyList<RegionDigest> Regions,
    int? ApprovalSeconds,
    bool Explicit,
    IReadOnlyList<ReasonText> Reasons,
    bool Cleared = false,
    bool Promoted = false,
    DateTimeOffset? At = null,
    string? Checks = null);
