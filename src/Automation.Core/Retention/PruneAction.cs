namespace Automation.Core.Retention;

public enum PruneAction
{
    Keep,

    /// <summary>Marks the record as superseded now. It is deleted after the grace period.</summary>
    Supersede,

    Delete,
}
