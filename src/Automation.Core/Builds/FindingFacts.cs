using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The findings on the promoted image that have a fix and are severe enough to start a build.</summary>
/// <param name="Promoted">The build whose image has the findings.</param>
/// <param name="Severity">The limit that the catalog sets.</param>
/// <param name="Id">Identifies the set of findings, so that a build is started once for it; null if no finding has a fix.</param>
/// <param name="Text">Such as <c>2 findings of HIGH or above: CVE-2026-1, CVE-2026-2</c>.</param>
public sealed record FindingFacts(ImageVersion Promoted, Severity Severity, string? Id, string Text);
