namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The failure context of a failed image; https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageFailureContext.html</summary>
internal static class FailureContexts
{
    public static ImageFailure Of(ImageBuild build, BuildFailureKind kind, string reason, DistributionFailure? distribution)
    {
        var (type, workflow, step) = kind switch
        {
            BuildFailureKind.Component => ("build", "build-container", "ApplyBuildComponents"),
            BuildFailureKind.Test or BuildFailureKind.TestTimeout => ("test", "test-container", "ApplyTestComponents"),
            BuildFailureKind.Distribution => ("distribution", "distribute-container", "DistributeImage"),
            _ => ("build", "build-container", "LaunchBuildInstance"),
        };
        return new ImageFailure
        {
            ImageStatus = build.Status,
            FailedStep = step,
            StepExecutionId = $"step-{Ids.From($"{build.Arn}#{step}")}",
            WorkflowArn = new ResourceArn(build.Region, ResourceArn.Amazon, $"workflow/{type}", workflow, "1.0.0", 1).ToString(),
            WorkflowExecutionId = $"wf-{Ids.From($"{build.Arn}#{workflow}")}",
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
}
