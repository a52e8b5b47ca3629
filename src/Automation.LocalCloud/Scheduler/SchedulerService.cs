using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Scheduler;

/// <summary>
/// Amazon EventBridge Scheduler over REST JSON: <c>POST /schedules/nightly</c>, errors as <c>{"Message":"…"}</c> with their code in
/// <c>x-amzn-ErrorType</c>. https://docs.aws.amazon.com/scheduler/latest/APIReference/
/// </summary>
public sealed class SchedulerService : IWireService
{
    public SchedulerService(Engine engine)
    {
        State = new SchedulerState(engine);
        ResourceTypes = [new ScheduleType(this), new ScheduleGroupType(this)];
    }

    public string SigningName => "scheduler";

    /// <summary>AWS::Scheduler::Schedule and AWS::Scheduler::ScheduleGroup.</summary>
    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    internal SchedulerState State { get; }

    public string? OperationOf(WireRequest request)
    {
        var (kind, name) = Route(request);
        return (request.Method, kind, name) switch
        {
            ("GET", "schedules", null) => "ListSchedules",
            ("POST", "schedules", not null) => "CreateSchedule",
            ("GET", "schedules", not null) => "GetSchedule",
            ("PUT", "schedules", not null) => "UpdateSchedule",
            ("DELETE", "schedules", not null) => "DeleteSchedule",
            ("GET", "schedule-groups", null) => "ListScheduleGroups",
            ("POST", "schedule-groups", not null) => "CreateScheduleGroup",
            ("GET", "schedule-groups", not null) => "GetScheduleGroup",
            ("DELETE", "schedule-groups", not null) => "DeleteScheduleGroup",
            ("POST", "tags", not null) => "TagResource",
            ("GET", "tags", not null) => "ListTagsForResource",
            ("DELETE", "tags", not null) => "UntagResource",
            _ => null,
        };
    }

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_scheduler.html; only administrators may change
    /// schedules here.</summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => operation switch
    {
        "ListSchedules" => [new Need("scheduler:ListSchedules", "*")],
        "GetSchedule" => [
            new Need("scheduler:GetSchedule", context.Arn("scheduler", $"schedule/{Parameter(request.Query, "groupName") ?? "default"}/{Route(request).Name}"))
        ],
        _ => null,
    };

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var operation = OperationOf(request)
            ?? throw new AwsException("UnknownOperationException", $"The embedded cloud does not serve scheduler {request.Method} {request.Path}.", 404);
        var name = Route(request).Name ?? "";
        return WireResponse.Json(Answer(operation, name, context.Region, WireJson.ParseObject(request), request.Query));
    }

    public WireResponse Error(WireRequest request, AwsException error) =>
        WireResponse.Json(new JsonObject { ["Message"] = error.Message }, status: error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = error.Code },
        };

    private JsonObject Answer(string operation, string name, string region, JsonObject input, string query)
    {
        switch (operation)
        {
            case "CreateSchedule":
                return new JsonObject { ["ScheduleArn"] = State.Create(region, name, input).Arn };
            case "UpdateSchedule":
                return new JsonObject { ["ScheduleArn"] = State.Update(region, name, input).Arn };
            case "GetSchedule":
                return State.Get(region, Parameter(query, "groupName"), name).Write();
            case "DeleteSchedule":
                State.Delete(State.Get(region, Parameter(query, "groupName"), name));
                return [];
            case "ListSchedules":
                return ListSchedules(region, query);
            case "CreateScheduleGroup":
                return new JsonObject { ["ScheduleGroupArn"] = State.CreateGroup(region, name, input.Tags("Tags")).Arn };
            case "GetScheduleGroup":
                return Write(State.Group(region, name));
            case "DeleteScheduleGroup":
                State.DeleteGroup(region, name);
                return [];
            case "ListScheduleGroups":
                var prefix = Parameter(query, "NamePrefix") ?? "";
                return Page(query, "ScheduleGroups", State.Groups(region).Where(group => group.Name.StartsWith(prefix, StringComparison.Ordinal)), Write);
            case "TagResource":
                return Tag(State.GroupByArn(name), input);
            case "UntagResource":
                return Untag(State.GroupByArn(name), QueryText.All(query, "TagKeys"));
            default:
                return new JsonObject { ["Tags"] = JsonMembers.ToTagList(State.GroupByArn(name).Tags) };
        }
    }

    private JsonObject ListSchedules(string region, string query)
    {
        var prefix = Parameter(query, "NamePrefix") ?? "";
        var group = Parameter(query, "ScheduleGroup");
        var state = Parameter(query, "State");
        if (group is not null)
        {
            State.Group(region, group);
        }

        var schedules = State.Schedules(region).Where(schedule =>
            schedule.Name.StartsWith(prefix, StringComparison.Ordinal)
            && (group is null || schedule.Group == group)
            && (state is null || schedule.State == state));
        return Page(query, "Schedules", schedules, schedule => schedule.Summary());
    }

    private JsonObject Tag(ScheduleGroup group, JsonObject input)
    {
        var tags = new Dictionary<string, string>(group.Tags, StringComparer.Ordinal);
        foreach (var (key, value) in input.Tags("Tags"))
        {
            tags[key] = value;
        }

        State.SetTags(group, tags);
        return [];
    }

    private JsonObject Untag(ScheduleGroup group, IEnumerable<string> keys)
    {
        var gone = keys.ToHashSet(StringComparer.Ordinal);
        State.SetTags(group, group.Tags.Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal));
        return [];
    }

    private static JsonObject Write(ScheduleGroup group) => new()
    {
        ["Arn"] = group.Arn,
        ["Name"] = group.Name,
        ["State"] = "ACTIVE",
        ["CreationDate"] = WireJson.Epoch(group.CreatedAt),
        ["LastModificationDate"] = WireJson.Epoch(group.CreatedAt),
    };

    private static JsonObject Page<T>(string query, string member, IEnumerable<T> all, Func<T, JsonNode> write)
    {
        var size = int.TryParse(Parameter(query, "MaxResults") ?? "100", out var given) ? given : 0;
        var (page, next) = Paging.Take([.. all], size, Parameter(query, "NextToken"));
        return Paging.With(new JsonObject { [member] = new JsonArray([.. page.Select(write)]) }, next);
    }

    private static string? Parameter(string query, string name) => QueryText.Parse(query).GetValueOrDefault(name);

    private static (string Kind, string? Name) Route(WireRequest request)
    {
        var parts = request.Path.Trim('/').Split('/', 2);
        return (parts[0], parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : null);
    }
}
