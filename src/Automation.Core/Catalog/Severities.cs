namespace Automation.Core.Catalog;

public static class Severities
{
    /// <summary>As ECR, Inspector and the catalog spell it, such as <c>HIGH</c>.</summary>
    public static string Name(this Severity severity) => severity.ToString().ToUpperInvariant();
}
