using Automation.Core;

namespace Automation.Cli.Doctor;

/// <summary>The requirements on each resource of the stack: it must exist, be enabled and be connected.</summary>
internal static class ResourceChecks
{
    public const string Resources = "resources";
    public const string Schedules = "schedules";

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, IReadOnlyList<ResourceFacts> resources)
    {
        foreach (var kinds in resources.GroupBy(resource => AreaOf(resource.Kind)))
        {
            var lines = kinds.SelectMany(resource => Check(scope, resource)).ToList();
            foreach (var line in lines.Count > 0 ? lines : [Diagnosis.Ok(kinds.Key, kinds.Key == Schedules
                ? "all schedules and rules are enabled"
                : $"{HumanText.Of(kinds.Count(), "resource")} of the stack exist and are enabled")])
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<Diagnosis> Check(DoctorScope scope, ResourceFacts resource)
    {
        var (area, what) = (AreaOf(resource.Kind), $"{resource.Kind} {resource.LogicalId}");
        return resource.State.Judge(area, state => state switch
        {
            null => [Diagnosis.Fault(area, $"{what} does not exist any more", "It was deleted outside CloudFormation. Remove it from the stack with a deployment without it, or delete the stack and deploy it again; repositories stay.")],
            { IsEnabled: false } => [Diagnosis.Fault(area, $"{what} is disabled", resource.Kind == "pipeline"
                ? "Fix what disabled it (Image Builder disables a pipeline after repeated failures), then enable it in Image Builder."
                : "Enable it, or deploy the stack again.")],
            { Defect: { } defect } => [Diagnosis.Fault(area, $"{what} {defect}", "Undo the change that was made by hand; a deployment corrects it only if the template also changes.")],
            { Expression: { } expression } when resource.LogicalId == "ReconcileAll" && expression != scope.Reconcile => [Diagnosis.Warning(
                area, $"{what} runs at {expression}, and cdk.json says {scope.Reconcile}", "Deploy again, or correct \"reconcile\" in cdk.json.")],
            _ => [],
        });
    }

    private static string AreaOf(string kind) => kind is "rule" or "schedule" ? Schedules : Resources;
}
