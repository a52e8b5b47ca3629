namespace Automation.Core.Catalog;

public enum RetentionMode
{
    /// <summary>Reports what would be deleted and deletes nothing.</summary>
    Report,

    Delete,
}
