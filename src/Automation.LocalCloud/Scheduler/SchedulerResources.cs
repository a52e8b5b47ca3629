using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;

namespace Automation.LocalCloud.Scheduler;

/// <summary>AWS::Scheduler::Schedule. Ref is the schedule's name; GetAtt has Arn.</summary>
internal sealed class ScheduleType(SchedulerService service) : IResourceType
{
    public string Name => "AWS::Scheduler::Schedule";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "Name", "GroupName", "Description", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "EndDate", "State",
        "FlexibleTimeWindow", "Target",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["KmsKeyArn"] = "schedules are not encrypted here",
    };

    public IEnumerable<string> Refusals(JsonObject properties) => ScheduleTarget.Refusals(properties["Target"] as JsonObject ?? []);

    public Resource Create(ResourceRequest request)
    {
        var name = (string?)request.Properties["Name"] ?? PhysicalName.For(request, 64);
        var schedule = service.State.Create(request.Region, name, request.Properties);
        return new Resource(name, new Dictionary<string, string> { ["Arn"] = schedule.Arn });
    }

    /// <summary>Another group requires a new schedule here.</summary>
    public IReadOnlySet<string> Replacing { get; } = new[] { "Name", "GroupName" }.ToFrozenSet();

    public string NameProperty => "Name";

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var schedule = service.State.Update(request.Region, physicalId, request.Properties);
        return new Resource(physicalId, new Dictionary<string, string> { ["Arn"] = schedule.Arn });
    }

    /// <summary>The name does not contain the group, as in CloudFormation; the first schedule of that name is deleted.</summary>
    public void Delete(string physicalId, string region)
    {
        if (service.State.Schedules(region).FirstOrDefault(schedule => schedule.Name == physicalId) is { } schedule)
        {
            service.State.Delete(schedule);
        }
    }
}

/// <summary>AWS::Scheduler::ScheduleGroup. Ref is the group's name; GetAtt has Arn and State.</summary>
internal sealed class ScheduleGroupType(SchedulerService service) : IResourceType
{
    public string Name => "AWS::Scheduler::ScheduleGroup";

    public IReadOnlySet<string> Properties { get; } = new[] { "Name", "Tags" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var name = (string?)request.Properties["Name"] ?? PhysicalName.For(request, 64);
        var group = service.State.CreateGroup(request.Region, name, Wire.JsonMembers.Tags(request.Properties, "Tags"));
        return new Resource(name, new Dictionary<string, string> { ["Arn"] = group.Arn, ["State"] = "ACTIVE" });
    }

    public IReadOnlySet<string> Replacing { get; } = new[] { "Name" }.ToFrozenSet();

    public string NameProperty => "Name";

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var group = service.State.Group(request.Region, physicalId);
        service.State.SetTags(group, Wire.JsonMembers.Tags(request.Properties, "Tags"));
        return new Resource(physicalId, new Dictionary<string, string> { ["Arn"] = group.Arn, ["State"] = "ACTIVE" });
    }

    public void Delete(string physicalId, string region) => service.State.DeleteGroup(region, physicalId);
}
