using System.Diagnostics.CodeAnalysis;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Deletes a stack's resources in the reverse order of creation, except those with <c>DeletionPolicy: Retain</c>.</summary>
/// <param name="keep">Logical ids of other resources to keep.</param>
internal sealed class StackDeletion(Engine engine, ResourceActor actor, StackRecord stack, DateTimeOffset? time, IReadOnlyCollection<string> keep)
{
    private readonly StackProgress _progress = new(engine, stack, time);

    /// <summary>The stack afterwards.</summary>
    public StackRecord? Record { get; private set; }

    /// <summary>Null, or why the stack still exists: its service would not delete a resource, so that resource and all created before it remain.</summary>
    public string? Run()
    {
        _progress.Stack("DELETE_IN_PROGRESS", "User Initiated");
        var resources = stack.Resources.ToList();
        for (var i = resources.Count - 1; i >= 0; i--)
        {
            if (resources[i].Status is "DELETE_COMPLETE" or "DELETE_SKIPPED")
            {
                continue;
            }

            resources[i] = Delete(resources[i]);
            if (resources[i].Status == "DELETE_FAILED")
            {
                var reason = $"The following resource(s) failed to delete: [{resources[i].LogicalId}]. ";
                _progress.Stack("DELETE_FAILED", reason);
                Record = stack with { Status = "DELETE_FAILED", Reason = reason, Resources = resources, Events = _progress.Events };
                return $"{resources[i].LogicalId} ({resources[i].Type}): {resources[i].Reason}";
            }
        }

        _progress.Stack("DELETE_COMPLETE");
        Record = stack with { Status = "DELETE_COMPLETE", Reason = null, Deleted = _progress.Now, Resources = resources, Events = _progress.Events };
        return null;
    }

    [SuppressMessage("Design", "CA1031", Justification = "A service's bug must not leave a stack half deleted without a report")]
    private StackResource Delete(StackResource resource)
    {
        if (resource.Retained || keep.Contains(resource.LogicalId))
        {
            _progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_SKIPPED");
            return resource with { Status = "DELETE_SKIPPED", Time = _progress.Now };
        }

        _progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_IN_PROGRESS");
        try
        {
            actor.Delete(resource, stack.Region);
            _progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_COMPLETE");
            return resource with { Status = "DELETE_COMPLETE", Reason = null, Time = _progress.Now };
        }
        catch (Exception e)
        {
            var refusal = actor.Explain(e);
            _progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_FAILED", refusal.Reason);
            return resource with { Status = "DELETE_FAILED", Reason = refusal.Short, Time = _progress.Now };
        }
    }
}
