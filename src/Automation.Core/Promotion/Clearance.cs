using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// Which checks a digest passed. A release may wait for days, and a deployment may add a gate or an approval to the catalog meanwhile. A release
/// that began before then repeats all checks.
/// </summary>
public static class Clearance
{
    private const string Gate = "gate";
    private const string Signature = "signature";
    private const string Approval = "approval";

    /// <summary>The checks that the catalog requires, as recorded with the digest that passed them: <c>gate signature approval</c>, or <c>none</c>.</summary>
    public static string Checks(PromotionRules rules) => Required(rules) is { Count: > 0 } required ? string.Join(' ', required) : "none";

    /// <param name="checks">The checks that were passed; null if an older version of Automation did not record them.</param>
    /// <returns>Why the clearance is not enough; null if it is.</returns>
    public static Reason? Outdated(PromotionRules rules, ImageVersion version, string? checks) =>
        checks is not null && Required(rules).Except(checks.Split(' '), StringComparer.Ordinal).ToList() is { Count: > 0 } missing
            ? new Reason(ReasonCode.ClearanceOutdated,
                $"The catalog now requires {string.Join(" and ", missing.Select(check => $"{(check == Approval ? "an" : "a")} {check}"))}, which build {version} has not passed; its release is repeated.")
            : null;

    /// <summary>A promoted build stays promoted, whatever the catalog requires later.</summary>
    /// <returns>Why the recorded clearance of a build is not enough; null if it is, or if there is none.</returns>
    public static Reason? Outdated(PromotionRules rules, BuildRecord build) =>
        build is { Release.State: ReleaseState.Promoted } or { ClearedAt: null } ? null : Outdated(rules, build.Version, build.ClearedBy);

    private static List<string> Required(PromotionRules rules)
    {
        var checks = new List<string>();
        if (rules.Gate is not null)
        {
            checks.Add(Gate);
        }

        if (rules.Gate?.Signature is { Required: true })
        {
            checks.Add(Signature);
        }

        if (rules.ApprovalHours is not null)
        {
            checks.Add(Approval);
        }

        return checks;
    }
}
