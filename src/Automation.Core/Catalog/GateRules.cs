using System.Collections.Frozen;

namespace Automation.Core.Catalog;

/// <summary>What blocks a promotion: scan findings, and a missing signature.</summary>
public sealed record GateRules
{
    /// <summary>Findings of this severity or above block.</summary>
    public Severity Severity { get; init; } = Severity.High;

    /// <summary>How long to wait for a scan result and for a signature, 1 to 10080. Without them after that, the gate blocks.</summary>
    public int WaitMinutes { get; init; } = 30;

    /// <summary>How often a blocked build is checked again, 1 to 720 hours: a new scan result or an edited allow list can open
    /// the gate.</summary>
    public int RecheckHours { get; init; } = 24;

    public IReadOnlyList<AllowedFinding> Allow { get; init; } = [];

    /// <summary>Whether a finding without a fix does not block. If the scan does not say whether a fix exists, as in basic scanning, the finding
    /// blocks.</summary>
    public bool OnlyFixable { get; init; }

    /// <summary>Findings with a lower CVSS base score, 0 to 10, do not block. Null disables this rule. The severity decides on a finding
    /// without a score.</summary>
    public double? Cvss { get; init; }

    /// <summary>Findings with a lower EPSS score, 0 to 1, do not block. The score is the probability that the vulnerability is exploited within 30
    /// days. Null disables this rule. The severity decides on a finding without a score: only Amazon Inspector, which enhanced scanning uses, has
    /// scores. https://www.first.org/epss/</summary>
    public double? Epss { get; init; }

    /// <summary>By severity, for how many days after its publication a vulnerability does not block, 1 to 365. After that it blocks unless it
    /// has no fix. A vulnerability with an unknown publication date blocks at once.</summary>
    public IReadOnlyDictionary<Severity, int> GraceDays { get; init; } = FrozenDictionary<Severity, int>.Empty;

    /// <summary>Null means that no signature is needed.</summary>
    public SignatureRules? Signature { get; init; }
}
