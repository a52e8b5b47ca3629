using System.Globalization;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>
/// Why a finding does not block although its severity would: it has no fix, its CVSS or EPSS score is low, its vulnerability is new, or the allow
/// list accepts it. If a score, the publication date or the existence of a fix is unknown, the severity decides.
/// </summary>
internal static class FindingTolerance
{
    /// <returns>Null if the finding blocks.</returns>
    public static Reason? Of(Finding finding, GateRules rules, DateTimeOffset now)
    {
        if (AllowanceOf(finding, rules) is { } allowed && DateOnly.FromDateTime(now.UtcDateTime) <= allowed.Until)
        {
            return new Reason(ReasonCode.FindingAllowed, $"{finding.Text} is allowed until {HumanText.Day(allowed.Until)}: {allowed.Reason}");
        }

        var grace = rules.GraceDays.TryGetValue(finding.Severity, out var days) ? days : (int?)null;
        if (finding.IsFixable == false && (rules.OnlyFixable || grace is not null))
        {
            return new Reason(ReasonCode.FindingNotFixable, $"{finding.Text} does not block: it has no fix");
        }

        if (finding.Cvss < rules.Cvss)
        {
            return new Reason(ReasonCode.FindingScoreLow, string.Create(CultureInfo.InvariantCulture,
                $"{finding.Text} does not block: its CVSS score {finding.Cvss:0.0} is below {rules.Cvss:0.0}"));
        }

        if (finding.Epss < rules.Epss)
        {
            return new Reason(ReasonCode.FindingUnlikely, string.Create(CultureInfo.InvariantCulture,
                $"{finding.Text} does not block: its EPSS score {finding.Epss:0.#####} is below {rules.Epss:0.#####}"));
        }

        return finding.PublishedAt is { } published && grace is { } wait && published.AddDays(wait) is var end && now < end
            ? new Reason(ReasonCode.FindingInGrace, $"{finding.Text} does not block before {HumanText.At(end)}: it was published at {HumanText.At(published)}")
            : null;
    }

    /// <summary>The entry of the allow list for a finding, even if it is no longer valid.</summary>
    public static AllowedFinding? AllowanceOf(Finding finding, GateRules rules) =>
        rules.Allow.FirstOrDefault(allowed => string.Equals(allowed.Id, finding.Id, StringComparison.OrdinalIgnoreCase));
}
