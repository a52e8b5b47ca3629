using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// Updates a stack as CloudFormation does. It leaves unchanged resources alone. It changes resources in place or replaces them (it creates
/// the new one first and deletes the old one in the clean-up at the end). It creates new resources and deletes removed ones at the end.
/// If a service refuses, all resources return to their previous state.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
/// </summary>
internal sealed class StackUpdate(Engine engine, ResourceActor actor, StackRecord stack, StackSource source, StackPlan plan)
    : StackRun(engine, actor, stack, source, plan)
{
    private readonly List<StackResource> _now = [];

    /// <summary>The steps taken, in order. No previous resource means a creation, another physical id a replacement; otherwise it is an update in
    /// place.</summary>
    private readonly List<(StackResource? Before, StackResource After)> _done = [];

    public StackRecord Record { get; private set; } = stack;

    /// <summary>Null, or why the update was rolled back.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a service throws, the changes must be rolled back")]
    public string? Run()
    {
        Progress.Stack("UPDATE_IN_PROGRESS", "User Initiated");
        var started = Progress.Now;
        foreach (var planned in Plan.Resources)
        {
            var before = Existing(planned.LogicalId);
            try
            {
                var resource = Apply(planned, before);
                _now.Add(resource);
                Values.Set(resource);
            }
            catch (Exception e)
            {
                var refusal = Actor.Explain(e);
                Progress.Resource(planned.LogicalId, before?.PhysicalId ?? "", planned.Type, before is null ? "CREATE_FAILED" : "UPDATE_FAILED",
                    refusal.Reason);
                var verb = before is null ? "create" : "update";
                return RollBack(
                    $"{planned.LogicalId} ({planned.Type}): {refusal.Short}",
                    $"The following resource(s) failed to {verb}: [{planned.LogicalId}]. ");
            }
        }

        List<StackOutput> outputs;
        try
        {
            outputs = StackValues.Outputs(Plan, Values.Of);
        }
        catch (TemplateException e)
        {
            return RollBack($"Outputs: {e.Message}", $"Template error: {e.Message}");
        }

        Progress.Stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
        CleanUp(Superseded());
        Progress.Stack("UPDATE_COMPLETE");
        Record = Describe("UPDATE_COMPLETE", null, _now, outputs) with { Updated = started };
        return null;
    }

    private StackResource? Existing(string logicalId) =>
        Before.Resources.FirstOrDefault(resource => resource.LogicalId == logicalId && !resource.Status.StartsWith("DELETE_", StringComparison.Ordinal));

    private StackResource Apply(PlannedResource planned, StackResource? before)
    {
        var properties = Resolve(planned);
        if (before is null)
        {
            Progress.Resource(planned.LogicalId, "", planned.Type, "CREATE_IN_PROGRESS");
            var created = Create(planned, properties, Before.Generation, "CREATE_COMPLETE");
            _done.Add((null, created));
            return created;
        }

        var changed = PropertyChanges.Between(before.Properties, properties);
        var policies = planned.Made(new Resource(before.PhysicalId, before.Attributes), before.Properties, before.Generation, before.Status, before.Time) with
        {
            Reason = before.Reason
        };
        if (changed.Count == 0)
        {
            return policies;
        }

        var request = Request(planned.LogicalId, properties, before.Generation);
        return changed.Any(property => Actor.Replaces(before, property, request))
            ? Replace(planned, before, properties)
            : Change(planned, before, properties, request);
    }

    private StackResource Change(PlannedResource planned, StackResource before, JsonObject properties, ResourceRequest request)
    {
        Progress.Resource(planned.LogicalId, before.PhysicalId, planned.Type, "UPDATE_IN_PROGRESS");

        // Recorded before the attempt: a refused change may have happened in part, and is changed back like the others.
        _done.Add((before, before with { Properties = properties }));
        var updated = Actor.Update(before, request);
        Progress.Resource(planned.LogicalId, before.PhysicalId, planned.Type, "UPDATE_COMPLETE");
        var after = planned.Made(updated with { PhysicalId = before.PhysicalId }, properties, before.Generation, "UPDATE_COMPLETE", Progress.Now);
        _done[^1] = (before, after);
        return after;
    }

    private StackResource Replace(PlannedResource planned, StackResource before, JsonObject properties)
    {
        const string Why = "Requested update requires the creation of a new physical resource; hence creating one.";
        Progress.Resource(planned.LogicalId, before.PhysicalId, planned.Type, "UPDATE_IN_PROGRESS", Why);
        if (Actor.ConflictingName(before, properties) is { } name)
        {
            throw new TemplateException(
                $"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and update the stack again.");
        }

        var after = Create(planned, properties, before.Generation + 1, "UPDATE_COMPLETE");
        _done.Add((before, after));
        return after;
    }

    /// <summary>Deletes what the updated stack no longer contains, newest first. Retained resources stay and belong to no stack.</summary>
    private IEnumerable<StackResource> Superseded()
    {
        foreach (var old in Before.Resources.Reverse().Where(resource => !resource.Status.StartsWith("DELETE_", StringComparison.Ordinal)))
        {
            var now = _now.Find(resource => resource.LogicalId == old.LogicalId);
            if (now is null ? !old.Retained : now.PhysicalId != old.PhysicalId && !now.RetainedWhenReplaced)
            {
                yield return old;
            }
            else if (now is null)
            {
                Progress.Resource(old.LogicalId, old.PhysicalId, old.Type, "DELETE_SKIPPED");
            }
        }
    }

    /// <summary>A resource that cannot be deleted is left behind; the update still succeeds.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "One resource that cannot be deleted must not keep the others")]
    private void CleanUp(IEnumerable<StackResource> superseded)
    {
        foreach (var resource in superseded)
        {
            Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_IN_PROGRESS");
            try
            {
                Actor.Delete(resource, Before.Region);
                Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_COMPLETE");
            }
            catch (Exception e)
            {
                Progress.Resource(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_FAILED", Actor.Explain(e).Reason);
            }
        }
    }

    private string RollBack(string failure, string reason)
    {
        Progress.BeginOperation();
        Progress.Stack("UPDATE_ROLLBACK_IN_PROGRESS", reason);
        var resources = Before.Resources.ToList();
        var stuck = new List<string>();
        for (var i = _done.Count - 1; i >= 0; i--)
        {
            var (before, after) = _done[i];
            if (before is not null && Undo(before, after) is var restored)
            {
                resources[resources.FindIndex(resource => resource.LogicalId == before.LogicalId)] = restored;
                if (restored.Status == "UPDATE_FAILED")
                {
                    stuck.Add(restored.LogicalId);
                }
            }
        }

        var status = "UPDATE_ROLLBACK_COMPLETE";
        if (stuck.Count > 0)
        {
            status = "UPDATE_ROLLBACK_FAILED";
            reason = $"The following resource(s) failed to update: [{string.Join(", ", stuck)}]. ";
            Progress.Stack(status, reason);
        }
        else
        {
            Progress.Stack("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
            CleanUp(Enumerable.Reverse(_done)
                .Where(each => each.Before?.PhysicalId != each.After.PhysicalId)
                .Select(each => each.After)
                .Where(resource => !KeptOnFailure(resource)));
            Progress.Stack(status);
        }

        Record = Before with { Status = status, Reason = reason, Resources = resources, Events = Progress.Events, Updated = Progress.Now };
        return stuck.Count == 0 ? failure : $"{failure} Not rolled back: {string.Join(", ", stuck)}";
    }

    [SuppressMessage("Design", "CA1031", Justification = "One resource that cannot be changed back must not keep the others")]
    private StackResource Undo(StackResource before, StackResource after)
    {
        Progress.Resource(before.LogicalId, after.PhysicalId, before.Type, "UPDATE_IN_PROGRESS");
        try
        {
            var attributes = before.Attributes;
            if (before.PhysicalId == after.PhysicalId)
            {
                var request = Request(before.LogicalId, before.Properties, before.Generation);
                attributes = Actor.Update(after, request).Attributes;
            }

            Progress.Resource(before.LogicalId, before.PhysicalId, before.Type, "UPDATE_COMPLETE");
            return before with { Status = "UPDATE_COMPLETE", Attributes = attributes, Time = Progress.Now };
        }
        catch (Exception e)
        {
            var refusal = Actor.Explain(e);
            Progress.Resource(before.LogicalId, before.PhysicalId, before.Type, "UPDATE_FAILED", refusal.Reason);
            return before with { Status = "UPDATE_FAILED", Reason = refusal.Short, Time = Progress.Now };
        }
    }
}
