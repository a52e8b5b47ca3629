namespace Automation.Core.Workflow;

/// <summary>The states of <c>image-lifecycle</c> whose entry or output the commands read from an execution's history.</summary>
public static class WorkflowStates
{
    public const string PlanBuild = "PlanBuild";
    public const string WaitUntilDue = "Wait until due";
    public const string StartBuild = "StartBuild";
    public const string InspectImage = "InspectImage";
    public const string CheckScan = "CheckScan";
    public const string WaitForScan = "Wait for scan";
    public const string WaitForNextCheck = "Wait for next check";
    public const string WaitForApproval = "Wait for approval";
    public const string PromoteVersionTags = "PromoteVersionTags";
    public const string Soak = "Soak";
    public const string PromoteFloatingTags = "PromoteFloatingTags";
    public const string VerifyPromotion = "VerifyPromotion";
    public const string PruneImage = "PruneImage";
    public const string Announce = "Announce";
}
