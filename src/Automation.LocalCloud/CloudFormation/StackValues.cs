using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>The values of references to resources while a stack is created or updated.</summary>
internal sealed class StackValues
{
    private readonly Dictionary<string, StackResource> _resources = new(StringComparer.Ordinal);

    public void Set(StackResource resource) => _resources[resource.LogicalId] = resource;

    /// <exception cref="TemplateException">The resource does not exist yet, or its type does not have this attribute here.</exception>
    public JsonNode Of(Reference reference)
    {
        var resource = _resources.GetValueOrDefault(reference.Target) ?? throw new TemplateException($"{reference.Target} was not created");
        if (reference.Attribute is not { } attribute)
        {
            return resource.PhysicalId;
        }

        return resource.Attributes.TryGetValue(attribute, out var value)
            ? value
            : throw new TemplateException($"{resource.Type} ({resource.LogicalId}) has no attribute {attribute} here");
    }

    /// <exception cref="TemplateException">See <see cref="Of"/>.</exception>
    public static List<StackOutput> Outputs(StackPlan plan, Func<Reference, JsonNode> values)
    {
        var outputs = new List<StackOutput>();
        foreach (var (key, node) in plan.Template["Outputs"] as JsonObject ?? [])
        {
            var output = node as JsonObject ?? [];
            if (output["Condition"]?.ToString() is { } condition && !plan.Intrinsics.Condition(condition))
            {
                continue;
            }

            outputs.Add(new StackOutput(
                key,
                plan.Intrinsics.Resolve(output["Value"], values)?.ToString() ?? "",
                output["Description"]?.ToString(),
                plan.Intrinsics.Resolve((output["Export"] as JsonObject)?["Name"], values)?.ToString()));
        }

        return outputs;
    }
}
