using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <param name="Id">Such as <c>CVE-2024-1234</c>.</param>
public sealed record Finding(string Id, Severity Severity, string? Package = null)
{
    /// <summary>Whether a fix exists for at least one of the affected packages; null if unknown.</summary>
    public bool? IsFixable { get; init; }

    /// <summary>The CVSS base score, 0 to 10; null if the scan has none.</summary>
    public double? Cvss { get; init; }

    /// <summary>The probability that the vulnerability is exploited within 30 days, 0 to 1 (EPSS); null if unknown or not read.</summary>
    public double? Epss { get; init; }

    /// <summary>When the vendor published the vulnerability; null if unknown.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Such as <c>CVE-2024-1234 (HIGH in openssl)</c>.</summary>
    public string Text => $"{Id} ({Severity.Name()}{(Package is null ? "" : " in " + Package)})";

    /// <summary>Parses ECR's or Inspector's severity. UNDEFINED, UNTRIAGED and unknown values rank lowest.</summary>
    public static Severity ParseSeverity(string? severity) => severity switch
    {
        "CRITICAL" => Severity.Critical,
        "HIGH" => Severity.High,
        "MEDIUM" => Severity.Medium,
        "LOW" => Severity.Low,
        "INFORMATIONAL" => Severity.Informational,
        _ => Severity.Undefined,
    };
}
