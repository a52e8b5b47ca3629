using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Ecr;

/// <summary>Defines what scans find, for the control endpoint and tests. The first rule that matches an image applies.</summary>
/// <param name="Region">Null for every Region.</param>
/// <param name="Repository">A name with <c>*</c> wildcards, or null for every repository.</param>
/// <param name="Image">A tag or digest with <c>*</c> wildcards, or null for every image.</param>
/// <param name="Status">COMPLETE, or the final ScanStatus of these images' scans, such as FAILED.</param>
/// <param name="Delay">How long a finished scan shows no findings; null means ten seconds.</param>
public sealed record FindingsRule(
    string? Region, string? Repository, string? Image, IReadOnlyList<Finding> Findings, string Status = "COMPLETE", TimeSpan? Delay = null)
{
    internal bool Fits(ImageRow image) =>
        (Region is null || Region == image.Region)
        && (Repository is null || Wildcard.Matches(Repository, image.Repository))
        && (Image is null || Wildcard.Matches(Image, image.Digest) || image.Tags.Any(tag => Wildcard.Matches(Image, tag)));
}
