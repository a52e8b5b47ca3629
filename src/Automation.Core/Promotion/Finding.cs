using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <param name="Id">Such as <c>CVE-2024-1234</c>.</param>
public sealed record Finding(string Id, Severity Severity, string? Package = null)
{
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
