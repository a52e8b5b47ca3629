namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The failure context of a failed image; https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageFailureContext.html</summary>
internal static class FailureContexts
{
    /// <summary>The action of the step that fails in a default workflow.</summary>
    public static string ActionOf(BuildFailureKind kind) => kind switch
    {
        BuildFailureKind.Distribution => "DistributeImage",
        BuildFailureKind.Infrastructure => "LaunchInstance",
        _ => "ExecuteComponents",
    };

    /// <param name="failed">The step that failed. "A failure that happens before Image Builder starts a workflow has no workflow to name."</param>
    public static ImageFailure Of(
        ImageBuild build, BuildFailureKind kind, string reason, DistributionFailure? distribution, (WorkflowRun Run, StepRun Step)? failed) =>
        new()
        {
            ImageStatus = build.Status,
            FailedStep = failed?.Step.Step.Name,
            StepExecutionId = failed?.Step.Id,
            WorkflowArn = failed?.Run.WorkflowArn,
            WorkflowExecutionId = failed?.Run.Id,
            ComponentFailure = kind is BuildFailureKind.Component or BuildFailureKind.Test
                ? new ComponentFailure(
                    "ExecuteBash",
                    build.Dependencies.FirstOrDefault(dependency => ResourceArn.TryParse(dependency)?.Kind == "component"),
                    reason,
                    kind == BuildFailureKind.Test ? "test" : "build",
                    null)
                : null,
            DistributionFailure = kind == BuildFailureKind.Distribution
                ? distribution ?? new DistributionFailure(reason, [])
                : null,
        };
}
