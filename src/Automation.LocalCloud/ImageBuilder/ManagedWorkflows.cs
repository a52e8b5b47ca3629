namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// Amazon's workflows for container images, which run if an image names none. No page lists their steps; the names of the failing ones are in
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-failure-context.html
/// </summary>
internal static class ManagedWorkflows
{
    private static readonly (string Type, string Name, string Steps)[] All =
    [
        ("BUILD", "build-container", Step("LaunchBuildInstance", "LaunchInstance", "waitFor: ssmAgent")
            + Step("BootstrapBuildInstance", "BootstrapInstanceForContainer") + Step("ApplyBuildComponents", "ExecuteComponents")),
        ("TEST", "test-container", Step("ApplyTestComponents", "ExecuteComponents")),
        ("DISTRIBUTION", "distribute-container", Step("DistributeImage", "DistributeImage")),
    ];

    public static IEnumerable<Workflow> In(string region) => All.Select(entry => new Workflow
    {
        Arn = new ResourceArn(region, ResourceArn.Amazon, Workflow.Kind(entry.Type), entry.Name, "1.0.0", 1).ToString(),
        Name = entry.Name,
        Version = "1.0.0",
        Type = entry.Type,
        Owner = "Amazon",
        Data = $"name: {entry.Name}\nschemaVersion: 1.0\nsteps:\n{entry.Steps}",
        DateCreated = "2024-01-01T00:00:00.000Z",
    });

    public static Workflow Default(string region, string type) => In(region).First(workflow => workflow.Type == type);

    private static string Step(string name, string action, string? input = null) =>
        $"  - name: {name}\n    action: {action}\n    onFailure: Abort\n{(input is null ? "" : $"    inputs:\n      {input}\n")}";
}
