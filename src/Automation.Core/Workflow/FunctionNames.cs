namespace Automation.Core.Workflow;

/// <summary>The names of the functions, as Lambda Annotations, the CDK app, cdk.json and logs spell them.</summary>
public static class FunctionNames
{
    public const string Reconcile = nameof(Reconcile);
    public const string ImagePushed = nameof(ImagePushed);
    public const string BuildNotification = nameof(BuildNotification);
    public const string ScanCompleted = nameof(ScanCompleted);
    public const string PlanBuild = nameof(PlanBuild);
    public const string StartBuild = nameof(StartBuild);
    public const string InspectImage = nameof(InspectImage);
    public const string CheckScan = nameof(CheckScan);
    public const string PromoteImage = nameof(PromoteImage);
    public const string Prune = nameof(Prune);
    public const string Announce = nameof(Announce);

    /// <summary>Functions that events and schedules invoke.</summary>
    public static IReadOnlyList<string> Triggers { get; } = [Reconcile, ImagePushed, BuildNotification, ScanCompleted];

    /// <summary>Functions that the workflow invokes.</summary>
    public static IReadOnlyList<string> Steps { get; } = [PlanBuild, StartBuild, InspectImage, CheckScan, PromoteImage, Prune, Announce];

    public static IReadOnlyList<string> All { get; } = [.. Triggers, .. Steps];
}
