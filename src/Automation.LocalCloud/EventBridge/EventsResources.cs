using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>AWS::Events::Rule. Ref is the rule's name (<c>bus|name</c> on a custom bus); GetAtt Arn.</summary>
internal sealed class RuleResource(EventBridgeService service) : IResourceType
{
    public string Name => "AWS::Events::Rule";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "Name", "Description", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Targets", "RoleArn", "Tags",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var bus = service.Router.Bus(request.Region, properties.Text("EventBusName"));
        var targets = properties.Objects("Targets").Select(RuleTarget.Read).ToArray();
        var rule = service.Router.PutRule(bus, properties.Text("Name") ?? PhysicalName.For(request, 64), known => known with
        {
            Pattern = properties["EventPattern"] is JsonObject pattern ? pattern.ToJsonString(WireJson.Compact) : properties.Text("EventPattern"),
            Schedule = properties.Text("ScheduleExpression"),
            State = properties.Text("State") ?? "ENABLED",
            Description = properties.Text("Description"),
            RoleArn = properties.Text("RoleArn"),
            Tags = properties.Tags("Tags"),
        });
        service.Router.PutTargets(rule, targets);
        var id = rule.BusName == EventRouter.DefaultBus ? rule.Name : $"{rule.BusName}|{rule.Name}";
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

/// <summary>AWS::Events::EventBus. Ref is the bus's name; GetAtt Arn, Name.</summary>
internal sealed class EventBusResource(EventBridgeService service) : IResourceType
{
    public string Name => "AWS::Events::EventBus";

    public IReadOnlySet<string> Properties { get; } = new[] { "Name", "Description", "Tags" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["Policy"] = "permissions between accounts are not enforced here",
        ["KmsKeyIdentifier"] = "events are not encrypted here",
    };

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var bus = service.Router.CreateBus(
            request.Region, properties.Text("Name") ?? PhysicalName.For(request, 256), properties.Text("Description"), properties.Tags("Tags"));
        return new Resource(bus.Name, new Dictionary<string, string> { ["Arn"] = bus.Arn, ["Name"] = bus.Name });
    }

    public void Delete(string physicalId, string region) => service.Router.DeleteBus(region, physicalId);
}
