using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Ecr;

/// <summary>Orders what scans find; for the control endpoint and tests. The first rule that fits an image counts.</summary>
/// <param name="Region">Null for every Region.</param>
/// <param name="Repository">A name with <c>*</c> wildcards, or null for every repository.</param>
/// <param name="Image">A tag or digest with <c>*</c> wildcards, or null for every image.</param>
/// <param name="Status">COMPLETE, or the ScanStatus with which scans of these images end, such as FAILED.</param>
/// <param name="Delay">How long a finished scan shows no findings; null: ten seconds.</param>
public sealed record FindingsRule(
    string? Region, string? Repository, string? Image, IReadOnlyList<Finding> Findings, string Status = "COMPLETE", TimeSpan? Delay = null)
{
    internal bool Fits(ImageRow image) =>
        (Region is null || Region == image.Region)
        && (Repository is null || Wildcard.Matches(Repository, image.Repository))
        && (Image is null || Wildcard.Matches(Image, image.Digest) || image.Tags.Any(tag => Wildcard.Matches(Image, tag)));
}
