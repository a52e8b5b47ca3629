namespace Automation.Core.Catalog;

/// <summary>Scan findings that block a promotion.</summary>
public sealed record GateRules
{
    /// <summary>Findings of this severity or above block.</summary>
    public Severity Severity { get; init; } = Severity.High;

    /// <summary>How long to wait for a scan result, 1 to 10080. Without a result after that, the gate blocks.</summary>
    public int WaitMinutes { get; init; } = 30;

    /// <summary>How often a blocked build is checked again, 1 to 720 hours: a new scan result or an edited allow list can open
    /// the gate.</summary>
    public int RecheckHours { get; init; } = 24;

    public IReadOnlyList<AllowedFinding> Allow { get; init; } = [];
}
