namespace Automation.Core.Catalog;

/// <summary>Severity of a scan finding, as ECR and Inspector name it, in ascending order. UNDEFINED and UNTRIAGED are <see cref="Undefined"/>.</summary>
public enum Severity
{
    Undefined,
    Informational,
    Low,
    Medium,
    High,
    Critical,
}
