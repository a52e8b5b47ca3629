using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Carries one plan out: makes the resources in order, and takes them back when one is refused.</summary>
internal sealed class StackBuild
{
    private const string StackType = "AWS::CloudFormation::Stack";

    private readonly Cloud _cloud;
    private readonly IReadOnlyDictionary<string, IResourceType> _types;
    private readonly StackSource _source;
    private readonly string _region;
    private readonly string _id;
    private readonly StackPlan _plan;
    private readonly DateTimeOffset _created;
    private readonly List<StackResource> _made = [];
    private readonly List<StackEvent> _events = [];

    public StackBuild(
        Cloud cloud,
        IReadOnlyDictionary<string, IResourceType> types,
        StackSource source,
        string region,
        string id,
        StackPlan plan)
    {
        _cloud = cloud;
        _types = types;
        _source = source;
        _region = region;
        _id = id;
        _plan = plan;
        _created = cloud.Clock.Now;
        Record = Describe("CREATE_IN_PROGRESS", null, []);
    }

    public StackRecord Record { get; private set; }

    /// <summary>Null, or why the stack was rolled back.</summary>
    public string? Run()
    {
        Log(_source.Name, _id, StackType, "CREATE_IN_PROGRESS", null);
        foreach (var resource in _plan.Resources)
        {
            if (Make(resource) is { } refusal)
            {
                return RollBack($"{resource.LogicalId} ({resource.Type}): {refusal}");
            }
        }

        try
        {
            var outputs = Outputs();
            Log(_source.Name, _id, StackType, "CREATE_COMPLETE", null);
            Record = Describe("CREATE_COMPLETE", null, outputs);
            return null;
        }
        catch (TemplateException e)
        {
            return RollBack($"Outputs: {e.Message}");
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a service throws, what was made must be taken back")]
    private string? Make(PlannedResource planned)
    {
        var properties = new JsonObject();
        try
        {
            properties = _plan.Intrinsics.Resolve(planned.Properties, Value) as JsonObject ?? [];
            var request = new ResourceRequest(_source.Name, planned.LogicalId, _region, _cloud.Options.AccountId, properties, _source.Assets);
            var kept = (JsonObject)properties.DeepClone();
            var made = _types.TryGetValue(planned.Type, out var type) ? type.Create(request) : Ignore(planned.Type, request);
            _made.Add(new StackResource(
                planned.LogicalId,
                planned.Type,
                made.PhysicalId,
                made.Attributes,
                "CREATE_COMPLETE",
                null,
                _cloud.Clock.Now,
                kept,
                planned.Retained));
            Log(planned.LogicalId, made.PhysicalId, planned.Type, "CREATE_COMPLETE", null);
            return null;
        }
        catch (Exception e)
        {
            var reason = e is AwsException refused ? $"{refused.Code}: {refused.Message}" : e.Message;
            Log(planned.LogicalId, "", planned.Type, "CREATE_FAILED", reason);
            return reason;
        }
    }

    private static Resource Ignore(string type, ResourceRequest request)
    {
        var ignored = IgnoredTypes.All[type];
        var physicalId = ignored.Ref(request);
        return new Resource(physicalId, ignored.Attributes.ToDictionary(each => each.Key, each => each.Value(request, physicalId)));
    }

    private JsonNode Value(Reference reference)
    {
        var resource = _made.Find(each => each.LogicalId == reference.Target)
            ?? throw new TemplateException($"{reference.Target} was not made");
        if (reference.Attribute is not { } attribute)
        {
            return resource.PhysicalId;
        }

        return resource.Attributes.TryGetValue(attribute, out var value)
            ? value
            : throw new TemplateException($"{resource.Type} ({resource.LogicalId}) has no attribute {attribute} here");
    }

    [SuppressMessage("Design", "CA1031", Justification = "One resource that cannot be taken back must not keep the others")]
    private string RollBack(string reason)
    {
        Log(_source.Name, _id, StackType, "ROLLBACK_IN_PROGRESS", reason);
        var left = new List<string>();
        for (var i = _made.Count - 1; i >= 0; i--)
        {
            var resource = _made[i];
            try
            {
                if (_types.TryGetValue(resource.Type, out var type))
                {
                    type.Delete(resource.PhysicalId, _region);
                }

                _made[i] = resource with { Status = "DELETE_COMPLETE", Time = _cloud.Clock.Now };
                Log(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_COMPLETE", null);
            }
            catch (Exception e)
            {
                _made[i] = resource with { Status = "DELETE_FAILED", Reason = e.Message };
                Log(resource.LogicalId, resource.PhysicalId, resource.Type, "DELETE_FAILED", e.Message);
                left.Add($"{resource.LogicalId} ({e.Message})");
            }
        }

        var message = left.Count == 0 ? reason : $"{reason} Not taken back: {string.Join(", ", left)}";
        Log(_source.Name, _id, StackType, "ROLLBACK_COMPLETE", message);
        Record = Describe("ROLLBACK_COMPLETE", message, []);
        return message;
    }

    private List<StackOutput> Outputs()
    {
        var outputs = new List<StackOutput>();
        foreach (var (key, node) in _plan.Template["Outputs"] as JsonObject ?? [])
        {
            var output = node as JsonObject ?? [];
            if (output["Condition"]?.ToString() is { } condition && !_plan.Intrinsics.Condition(condition))
            {
                continue;
            }

            outputs.Add(new StackOutput(
                key,
                _plan.Intrinsics.Resolve(output["Value"], Value)?.ToString() ?? "",
                output["Description"]?.ToString(),
                _plan.Intrinsics.Resolve((output["Export"] as JsonObject)?["Name"], Value)?.ToString()));
        }

        return outputs;
    }

    private StackRecord Describe(string status, string? reason, IReadOnlyList<StackOutput> outputs) => new(
        _source.Name,
        _id,
        _region,
        _source.Template,
        _plan.Template["Description"]?.ToString(),
        status,
        reason,
        _created,
        null,
        _plan.Parameters.ToDictionary(each => each.Key, each => each.Value is JsonArray list ? string.Join(',', list.Select(item => item?.ToString())) : each.Value.ToString()),
        [.. _made],
        outputs,
        [.. _events]);

    private void Log(string logicalId, string physicalId, string type, string status, string? reason)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{logicalId}-{status}-{_events.Count + 1}");
        _events.Add(new StackEvent(id, logicalId, physicalId, type, status, reason, _cloud.Clock.Now));
    }
}
