namespace Automation.Core.Workflow;

/// <summary>What an execution of <c>image-lifecycle</c> is for.</summary>
public static class WorkflowActions
{
    public const string Build = "build";
    public const string Release = "release";
    public const string Rollback = "rollback";
    public const string Prune = "prune";
}
