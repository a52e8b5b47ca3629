using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>The changes that an update would make, without making them.</summary>
/// <param name="OthersChange">Whether outputs, tags or notifications change.</param>
internal sealed record PlannedChanges(IReadOnlyList<ResourceChange> Changes, bool OthersChange)
{
    public bool IsEmpty => Changes.Count == 0 && !OthersChange;
}

/// <summary>
/// Compares a stack with its new template. The name of a new or replaced resource is not known yet, so properties that refer to it
/// count as changed, with CloudFormation's own placeholder for the value.
/// </summary>
internal sealed class ChangeSetPlanner(ResourceActor actor, StackRecord stack, StackSource source, StackPlan plan, string accountId)
{
    private const string KnownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}";

    private readonly Dictionary<string, StackResource> _existing = stack.Resources
        .Where(resource => !resource.Status.StartsWith("DELETE_", StringComparison.Ordinal))
        .ToDictionary(resource => resource.LogicalId, StringComparer.Ordinal);

    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);

    /// <exception cref="AwsException">ValidationError: a resource would change its type.</exception>
    public PlannedChanges Run()
    {
        var retyped = plan.Resources.Where(planned => _existing.TryGetValue(planned.LogicalId, out var old) && old.Type != planned.Type).ToList();
        if (retyped.Count > 0)
        {
            throw new AwsException(
                "ValidationError",
                $"Update of resource type is not permitted. The new template modifies resource type of the following resources: [{string.Join(", ", retyped.Select(each => each.LogicalId))}]");
        }

        var changes = plan.Resources.Select(Change).OfType<ResourceChange>().ToList();
        var left = plan.Resources.Select(planned => planned.LogicalId).ToHashSet(StringComparer.Ordinal);
        changes.AddRange(_existing.Values.Where(resource => !left.Contains(resource.LogicalId)).Select(Removal));
        return new PlannedChanges(changes, OutputsChange() || !SameTags() || !source.NotificationArns.SequenceEqual(stack.NotificationArns));
    }

    private ResourceChange? Change(PlannedResource planned)
    {
        var after = new JsonObject();
        var dynamic = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in planned.Properties)
        {
            if (plan.Intrinsics.References(value).Any(reference => _unknown.Contains(reference.Target)))
            {
                dynamic.Add(name);
            }

            if (Resolve(value) is { } resolved)
            {
                after[name] = resolved.Parent is null ? resolved : resolved.DeepClone();
            }
        }

        if (!_existing.TryGetValue(planned.LogicalId, out var old))
        {
            _unknown.Add(planned.LogicalId);
            return new ResourceChange("Add", planned.LogicalId, null, planned.Type, null, null, [], [], null, Context(after));
        }

        var request = new ResourceRequest(stack.Name, planned.LogicalId, stack.Region, accountId, after, source.Assets) { Generation = old.Generation };
        var details = PropertyChanges.Between(old.Properties, after)
            .Select(name => new PropertyChange(
                name,
                actor.Replaces(old, name, request) ? "Always" : "Never",
                dynamic.Contains(name),
                Cause(planned, name),
                Shown(old.Properties[name]),
                Shown(after[name])))
            .ToList();
        if (details.Count == 0)
        {
            return null;
        }

        var recreating = details.Where(detail => detail.RequiresRecreation == "Always").ToList();
        var replacement = recreating.Count == 0 ? "False" : recreating.All(detail => detail.Dynamic) ? "Conditional" : "True";
        if (recreating.Count > 0)
        {
            _unknown.Add(planned.LogicalId);
        }

        var policy = planned.Definition["UpdateReplacePolicy"]?.ToString() == "Retain" ? "ReplaceAndRetain" : "ReplaceAndDelete";
        return new ResourceChange(
            "Modify",
            planned.LogicalId,
            old.PhysicalId,
            planned.Type,
            replacement,
            recreating.Count == 0 ? null : policy,
            [.. details.Select(detail => detail.Name == "Tags" ? "Tags" : "Properties").Distinct(StringComparer.Ordinal)],
            details,
            Context(old.Properties),
            Context(after));
    }

    private static ResourceChange Removal(StackResource resource) => new(
        "Remove",
        resource.LogicalId,
        resource.PhysicalId,
        resource.Type,
        null,
        resource.Retained ? "Retain" : "Delete",
        [],
        [],
        Context(resource.Properties),
        null);

    private JsonNode? Resolve(JsonNode? value)
    {
        try
        {
            return plan.Intrinsics.Resolve(value, Known);
        }
        catch (TemplateException)
        {
            // Such as the fifth part of an ARN that is not known yet. Real errors are reported when the change set is executed.
            return KnownAfterApply;
        }
    }

    private JsonNode Known(Reference reference)
    {
        if (_unknown.Contains(reference.Target) || !_existing.TryGetValue(reference.Target, out var resource))
        {
            return KnownAfterApply;
        }

        return reference.Attribute is null ? resource.PhysicalId : resource.Attributes.GetValueOrDefault(reference.Attribute, KnownAfterApply);
    }

    /// <summary>The changed target of a property's reference: <c>Resource</c>, <c>Resource.Attribute</c> or a parameter.</summary>
    private string? Cause(PlannedResource planned, string property) => plan.Intrinsics.References(planned.Properties[property])
        .Where(reference => _unknown.Contains(reference.Target) || plan.Given.ContainsKey(reference.Target))
        .Select(reference => reference.Attribute is null ? reference.Target : $"{reference.Target}.{reference.Attribute}")
        .FirstOrDefault();

    private bool OutputsChange()
    {
        try
        {
            return !StackValues.Outputs(plan, Known).SequenceEqual(stack.Outputs);
        }
        catch (TemplateException)
        {
            return true;
        }
    }

    private bool SameTags() => source.Tags.Count == stack.Tags.Count
        && source.Tags.All(tag => stack.Tags.TryGetValue(tag.Key, out var value) && value == tag.Value);

    private static string? Shown(JsonNode? value) => value is null ? null : value is JsonValue ? value.ToString() : value.ToJsonString(WireJson.Compact);

    private static string Context(JsonObject properties) =>
        new JsonObject { ["Properties"] = properties.DeepClone() }.ToJsonString(WireJson.Compact);
}
