using System.Diagnostics.CodeAnalysis;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Creates a stack's resources in order, and deletes them again if a service refuses one.</summary>
internal sealed class StackBuild(Engine engine, ResourceActor actor, StackRecord stack, StackSource source, StackPlan plan)
    : StackRun(engine, actor, stack, source, plan)
{
    private readonly List<StackResource> _made = [];

    public StackRecord Record { get; private set; } = stack;

    /// <summary>Null, or why the stack was rolled back.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a service throws, the created resources must be rolled back")]
    public string? Run()
    {
        Progress.Stack("CREATE_IN_PROGRESS", "User Initiated");
        foreach (var planned in Plan.Resources)
        {
            Progress.Resource(planned.LogicalId, "", planned.Type, "CREATE_IN_PROGRESS");
            try
            {
                var resource = Create(planned, Resolve(planned), Before.Generation, "CREATE_COMPLETE");
                _made.Add(resource);
                Values.Set(resource);
            }
            catch (Exception e)
            {
                var refusal = Actor.Explain(e);
                Progress.Resource(planned.LogicalId, "", planned.Type, "CREATE_FAILED", refusal.Reason);
                return RollBack(
                    $"{planned.LogicalId} ({planned.Type}): {refusal.Short}",
                    $"The following resource(s) failed to create: [{planned.LogicalId}]. Rollback requested by user.");
            }
        }

        try
        {
            var outputs = StackValues.Outputs(Plan, Values.Of);
            Progress.Stack("CREATE_COMPLETE");
            Record = Describe("CREATE_COMPLETE", null, _made, outputs);
            return null;
        }
        catch (TemplateException e)
        {
            return RollBack($"Outputs: {e.Message}", $"Template error: {e.Message}. Rollback requested by user.");
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "One resource that cannot be rolled back must not keep the others")]
    private string RollBack(string failure, string reason)
    {
        Progress.BeginOperation();
        Progress.Stack("ROLLBACK_IN_PROGRESS", reason);
        var left = new List<string>();
        for (var i = _made.Count - 1; i >= 0; i--)
        {
            var resource = _made[i];
            if (KeptOnFailure(resource))
            {
                Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_SKIPPED");
                _made[i] = resource with { Status = "DELETE_SKIPPED", Time = Progress.Now };
                continue;
            }

            Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_IN_PROGRESS");
            try
            {
                Actor.Delete(resource, Before.Region);
                Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_COMPLETE");
                _made[i] = resource with { Status = "DELETE_COMPLETE", Time = Progress.Now };
            }
            catch (Exception e)
            {
                var refusal = Actor.Explain(e);
                Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_FAILED", refusal.Reason);
                _made[i] = resource with { Status = "DELETE_FAILED", Reason = refusal.Short };
                left.Add($"{resource.LogicalId} ({refusal.Short})");
            }
        }

        var status = left.Count == 0 ? "ROLLBACK_COMPLETE" : "ROLLBACK_FAILED";
        Progress.Stack(
            status, left.Count == 0
                ? null
                : $"The following resource(s) failed to delete: [{string.Join(", ", _made.Where(each => each.Status == "DELETE_FAILED").Select(each => each.LogicalId))}].");
        Record = Describe(status, reason, _made, []);
        return left.Count == 0 ? failure : $"{failure} Not rolled back: {string.Join(", ", left)}";
    }
}
