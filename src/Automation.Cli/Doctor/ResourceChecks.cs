using Automation.Core;

namespace Automation.Cli.Doctor;

/// <summary>The requirements on each resource of the stack: it must exist, be enabled, be connected, and be as the stack deployed it.</summary>
internal static class ResourceChecks
{
    public const string Resources = "resources";
    public const string Schedules = "schedules";
    public const string Alarms = "alarms";

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, IReadOnlyList<ResourceFacts> resources)
    {
        foreach (var kinds in resources.GroupBy(resource => AreaOf(resource.Kind)))
        {
            var lines = kinds.SelectMany(resource => Check(scope, resource)).Concat(CheckCode(kinds)).ToList();
            foreach (var line in lines.Count > 0 ? lines : [Diagnosis.Ok(kinds.Key, kinds.Key == Schedules
                ? "all schedules and rules are enabled"
                : $"{HumanText.Of(kinds.Count(), "resource")} of the stack exist, are enabled and are as deployed")])
            {
                yield return line;
            }
        }

        foreach (var line in CheckAlarms(resources))
        {
            yield return line;
        }
    }

    private static List<Diagnosis> CheckAlarms(IReadOnlyList<ResourceFacts> resources)
    {
        var on = resources.Where(resource => resource.State.Value?.Alarm?.Value == "ALARM")
            .Select(resource => (resource.LogicalId, Alarm: resource.State.Value!.Alarm!))
            .Select(alarm => Diagnosis.Warning(Alarms, $"{alarm.LogicalId} is in state ALARM: {alarm.Alarm.Reason.TrimEnd('.')}", alarm.Alarm.Description))
            .ToList();
        return on.Count > 0 || resources.All(resource => resource.Kind != "alarm") ? on : [Diagnosis.Ok(Alarms, "none is in state ALARM")];
    }

    private static IEnumerable<Diagnosis> Check(DoctorScope scope, ResourceFacts resource)
    {
        var (area, what) = (AreaOf(resource.Kind), $"{resource.Kind} {resource.LogicalId}");
        return resource.State.Judge(area, state => state switch
        {
            null => [Diagnosis.Fault(
                area, $"{what} does not exist any more",
                "It was deleted outside CloudFormation. Remove it from the stack with a deployment without it, or delete the stack and deploy it again; repositories stay.")],
            { IsEnabled: false } => [Diagnosis.Fault(area, $"{what} is disabled", resource.Kind == "pipeline"
                ? "Fix what disabled it (Image Builder disables a pipeline after repeated failures), then enable it in Image Builder."
                : "Enable it, or deploy the stack again.")],
            { Defect: { } defect } => [
                Diagnosis.Fault(area, $"{what} {defect}", "Undo the change that was made by hand; a deployment corrects it only if the template also changes.")
            ],
            { Expression: { } expression } when resource.LogicalId == "ReconcileAll" && expression != scope.Reconcile => [Diagnosis.Warning(
                area, $"{what} runs at {expression}, and cdk.json says {scope.Reconcile}", "Deploy again, or correct \"reconcile\" in cdk.json.")],
            _ => [],
        });
    }

    // All functions of the stack run the same package, so they can be compared with each other.
    private static IEnumerable<Diagnosis> CheckCode(IEnumerable<ResourceFacts> resources)
    {
        var functions = resources.Where(resource => resource.State.Value?.Code is not null).ToList();
        var deployed = functions.GroupBy(function => function.State.Value!.Code).MaxBy(same => same.Count())?.Key;
        return functions.Where(function => function.State.Value!.Code != deployed).Select(function => Diagnosis.Fault(
            Resources, $"function {function.LogicalId} runs other code than the other functions", "Somebody uploaded code by hand: publish and deploy again."));
    }

    private static string AreaOf(string kind) => kind is "rule" or "schedule" ? Schedules : Resources;
}
