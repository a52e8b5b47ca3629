namespace Automation.Core.Catalog;

public static class Severities
{
    /// <summary>The name that ECR, Inspector and the catalog use, such as <c>HIGH</c>.</summary>
    public static string Name(this Severity severity) => severity.ToString().ToUpperInvariant();
}
