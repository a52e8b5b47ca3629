namespace Automation.LocalCloud.Ports;

/// <summary>A finding of a scan.</summary>
/// <param name="Name">Such as <c>CVE-2026-0001</c>.</param>
/// <param name="Severity">INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL or UNDEFINED.</param>
/// <param name="Package">The name of the affected package.</param>
public sealed record Finding(string Name, string Severity, string? Package = null, string? PackageVersion = null, string? Description = null)
{
    /// <summary>The version of the package with a fix; null if there is none. Only enhanced scans show it.</summary>
    public string? FixedInVersion { get; init; }

    /// <summary>The CVSS base score, 0 to 10.</summary>
    public double? Cvss { get; init; }

    /// <summary>When the vendor published the vulnerability. Only enhanced scans show it.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>The probability that the vulnerability is exploited within 30 days, 0 to 1 (EPSS). Only Inspector shows it.</summary>
    public double? Epss { get; init; }
}
