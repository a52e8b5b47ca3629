using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>AWS::Events::Rule. Ref is the rule's name (<c>bus|name</c> on a custom bus); GetAtt has Arn.</summary>
internal sealed class RuleType(EventBridgeService service) : IResourceType
{
    public string Name => "AWS::Events::Rule";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "Name", "Description", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Targets", "RoleArn", "Tags",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Replacing { get; } = new[] { "Name", "EventBusName" }.ToFrozenSet();

    public string NameProperty => "Name";

    public IEnumerable<string> Refusals(JsonObject properties) => properties.Objects("Targets")
        .Select(target => target.Text("Arn") ?? "")
        .Where(arn => Arn.ServiceOf(arn) is { Length: > 0 } kind && !Delivery.Reaches(kind))
        .Select(arn => $"the embedded cloud does not deliver events to {arn}");

    public Resource Create(ResourceRequest request) => Put(request, request.Properties.Text("Name") ?? PhysicalName.For(request, 64));

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(request, physicalId.Split('|')[^1]);

    private Resource Put(ResourceRequest request, string name)
    {
        var properties = request.Properties;
        var bus = service.Router.Bus(request.Region, properties.Text("EventBusName"));
        var targets = properties.Objects("Targets").Select(RuleTarget.Read).ToArray();
        var rule = service.Router.PutRule(bus, name, known => known with
        {
            Pattern = properties["EventPattern"] is JsonObject pattern ? pattern.ToJsonString(WireJson.Compact) : properties.Text("EventPattern"),
            Schedule = properties.Text("ScheduleExpression"),
            State = properties.Text("State") ?? "ENABLED",
            Description = properties.Text("Description"),
            RoleArn = properties.Text("RoleArn"),
            Tags = properties.Tags("Tags"),
            Targets = [],
        });
        service.Router.PutTargets(rule, targets);
        var id = rule.BusName == EventBridgeState.DefaultBus ? rule.Name : $"{rule.BusName}|{rule.Name}";
        return new Resource(id, new Dictionary<string, string> { ["Arn"] = rule.Arn });
    }

    public void Delete(string physicalId, string region)
    {
        var parts = physicalId.Split('|');
        var bus = service.Router.Bus(region, parts.Length == 2 ? parts[0] : null);
        if (service.Router.RulesOf(bus).FirstOrDefault(rule => rule.Name == parts[^1]) is { } rule)
        {
            service.Router.RemoveTargets(rule, [.. rule.Targets.Select(target => target.Id)]);
            service.Router.DeleteRule(bus, rule.Name);
        }
    }
}

/// <summary>AWS::Events::EventBus. Ref is the bus's name; GetAtt has Arn and Name.</summary>
internal sealed class EventBusType(EventBridgeService service) : IResourceType
{
    public string Name => "AWS::Events::EventBus";

    public IReadOnlySet<string> Properties { get; } = new[] { "Name", "Description", "Tags" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["Policy"] = "there is only one account, and the policies of its callers decide",
        ["KmsKeyIdentifier"] = "events are not encrypted here",
    };

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var bus = service.Router.CreateBus(
            request.Region, properties.Text("Name") ?? PhysicalName.For(request, 256), properties.Text("Description"), properties.Tags("Tags"));
        return new Resource(bus.Name, new Dictionary<string, string> { ["Arn"] = bus.Arn, ["Name"] = bus.Name });
    }

    /// <summary>A new description needs a new bus here, because no operation changes it.</summary>
    public IReadOnlySet<string> Replacing { get; } = new[] { "Name", "Description" }.ToFrozenSet();

    public string NameProperty => "Name";

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var bus = service.Router.Buses(request.Region).First(bus => bus.Name == physicalId);
        service.Router.SetTags(bus.Arn, request.Properties.Tags("Tags"));
        return new Resource(bus.Name, new Dictionary<string, string> { ["Arn"] = bus.Arn, ["Name"] = bus.Name });
    }

    public void Delete(string physicalId, string region) => service.Router.DeleteBus(region, physicalId);
}
