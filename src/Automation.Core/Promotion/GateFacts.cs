using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <param name="WaitingSince">When the release began to wait; <c>waitMinutes</c> counts from then.</param>
public sealed record GateFacts(GateRules? Rules, ScanFacts? Scan, DateTimeOffset WaitingSince, DateTimeOffset Now)
{
    /// <summary>The repository of the image.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The place of the rules in the catalog, for messages.</summary>
    public string Setting { get; init; } = "promote.gate";

    /// <summary>How the registry scans; null if not read, which is enough while a scan exists.</summary>
    public RegistryScanning? Registry { get; init; }

    /// <summary>The result of the scan request of this release; null if it made none.</summary>
    public ScanStart? Asked { get; init; }
}
