using System.Globalization;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>Findings in the order and words of all messages.</summary>
internal static class FindingList
{
    private const int MaxNamed = 4;

    /// <summary>The findings of a severity or above, the worst first.</summary>
    public static IOrderedEnumerable<Finding> From(IEnumerable<Finding> findings, Severity severity) => findings.Where(finding => finding.Severity >= severity)
        .OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Id, StringComparer.Ordinal)
        .ThenBy(finding => finding.Package, StringComparer.Ordinal);

    /// <summary>The ids of the first findings, as the end of a message: <c>: CVE-2026-1, CVE-2026-2 and 3 more</c>. Empty without findings.</summary>
    public static string Ids(IEnumerable<Finding> findings)
    {
        var ids = findings.Select(finding => finding.Id).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return (ids.Count == 0 ? "" : $": {string.Join(", ", ids.Take(MaxNamed))}")
            + (ids.Count > MaxNamed ? string.Create(CultureInfo.InvariantCulture, $" and {ids.Count - MaxNamed} more") : "");
    }
}
