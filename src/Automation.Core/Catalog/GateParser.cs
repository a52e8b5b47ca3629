using System.Globalization;

namespace Automation.Core.Catalog;

/// <summary>Reads <c>promote.gate</c>:
/// <code>
/// { "severity": "HIGH", "waitMinutes": 30, "recheckHours": 24, "onlyFixable": true, "cvss": 7, "epss": 0.01, "graceDays": { "HIGH": 14 },
///   "allow": [ { "id": "CVE-2026-1234", "until": "2026-12-31", "reason": "not reachable" } ], "signature": { … } }
/// </code></summary>
internal static class GateParser
{
    internal static readonly string[] Members =
        ["severity", "waitMinutes", "recheckHours", "allow", "onlyFixable", "cvss", "epss", "graceDays", "signature"];

    /// <summary>The members of <c>build.baseGate</c>. Each reconcile checks the base again, so it has no <c>recheckHours</c>.</summary>
    internal static readonly string[] BaseMembers = [.. Members.Except(["recheckHours", "signature"])];
    internal static readonly string[] AllowMembers = ["id", "until", "reason"];

    internal static readonly (string Text, Severity Value)[] Severities =
        [.. new[] { Severity.Critical, Severity.High, Severity.Medium, Severity.Low, Severity.Informational }.Select(severity => (severity.Name(), severity))];

    internal static readonly string[] GraceMembers = [.. Severities.Select(severity => severity.Text)];

    /// <returns>Null if the image has no gate.</returns>
    public static GateRules? Read(JsonLayers? at)
    {
        if (at is null)
        {
            return null;
        }

        var rules = new GateRules();
        return rules with
        {
            Severity = at.Choice("severity", rules.Severity, Severities),
            WaitMinutes = at.Int("waitMinutes", rules.WaitMinutes, 1, 10080),
            RecheckHours = at.Int("recheckHours", rules.RecheckHours, 1, 720),
            Allow = ReadAllow(at),
            OnlyFixable = at.Bool("onlyFixable", rules.OnlyFixable),
            Cvss = at.OptionalNumber("cvss", 0, 10),
            Epss = at.OptionalNumber("epss", 0, 1),
            GraceDays = at.Section("graceDays", GraceMembers) is { } grace ? ReadGraceDays(grace) : rules.GraceDays,
            Signature = SignatureParser.Read(at.Section("signature", SignatureParser.Members, nullable: true)),
        };
    }

    private static List<AllowedFinding> ReadAllow(JsonLayers at)
    {
        var allow = new List<AllowedFinding>();
        foreach (var item in (at.Items("allow") ?? []).Where(item => item.CheckObject(AllowMembers)))
        {
            var id = item.Required("id");
            var reason = item.Required("reason");
            var until = item.Required("until");
            var day = default(DateOnly);
            if (until is not null && !DateOnly.TryParseExact(until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
            {
                item.Fault("until", $"'{until}' is not a date such as 2026-12-31");
            }

            if (id is not null && allow.Exists(other => string.Equals(other.Id, id, StringComparison.OrdinalIgnoreCase)))
            {
                item.Fault("id", $"'{id}' is listed twice");
            }

            allow.Add(new AllowedFinding(id ?? "", day, reason ?? ""));
        }

        return allow;
    }

    private static Dictionary<Severity, int> ReadGraceDays(JsonLayers at)
    {
        var days = new Dictionary<Severity, int>();
        foreach (var (name, severity) in Severities)
        {
            if (at.OptionalInt(name, 1, 365, nullable: false) is { } count)
            {
                days.Add(severity, count);
            }
        }

        return days;
    }
}
