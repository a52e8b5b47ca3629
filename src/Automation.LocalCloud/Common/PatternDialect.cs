namespace Automation.LocalCloud.Common;

/// <summary>Whose operators a pattern may have. SNS knows no wildcards, and inside anything-but only one prefix.</summary>
internal enum PatternDialect
{
    EventBridge,
    Sns,
}
