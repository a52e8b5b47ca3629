using System.Runtime.CompilerServices;
using Automation.Aws.Sdk.Json;

namespace Automation.Aws.Workloads;

/// <summary>What starts ECS tasks besides services: the rules of EventBridge and the schedules of EventBridge Scheduler.</summary>
/// <remarks>
/// <code>
/// ListTargetsByRule     { "Targets": [ { "Arn": "arn:…:cluster/prod", "EcsParameters": { "TaskDefinitionArn": "arn:…:task-definition/app:3" } } ] }
/// GET /schedules        { "Schedules": [ { "GroupName": "default", "Name": "nightly", "Target": { "Arn": "arn:…:cluster/prod" } } ] }
/// GET /schedules/NAME   { "Target": { "Arn": "…", "EcsParameters": { "TaskDefinitionArn": "…" } } }
/// </code>
/// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html,
/// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
/// </remarks>
internal static class EcsStarters
{
    /// <summary>The task definitions with the name of what starts them. A task definition without a revision means the newest of its family.</summary>
    public static async IAsyncEnumerable<(string Definition, string Name)> ReadAsync(
        WorkloadAccess access, IReadOnlyList<string> clusters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buses = new List<string>();
        await foreach (var page in access.PagesAsync(JsonApi.EventBridge, "ListEventBuses", null, "NextToken", cancellationToken))
        {
            buses.AddRange(page.List("EventBuses").Select(bus => bus.Text("Name")).OfType<string>());
        }

        foreach (var bus in buses)
        {
            foreach (var rule in await RulesAsync(access, bus, clusters, cancellationToken))
            {
                await foreach (var page in access.PagesAsync(JsonApi.EventBridge, "ListTargetsByRule", writer =>
                {
                    writer.WriteString("EventBusName", bus);
                    writer.WriteString("Rule", rule);
                }, "NextToken", cancellationToken))
                {
                    foreach (var definition in page.List("Targets").Select(target => target.Member("EcsParameters").Text("TaskDefinitionArn")).OfType<string>())
                    {
                        yield return (definition, $"rule {rule}");
                    }
                }
            }
        }

        foreach (var (group, name) in await SchedulesAsync(access, cancellationToken))
        {
            using var answer = await access.FindAsync(JsonApi.Scheduler, new JsonCall("GetSchedule")
            {
                Method = "GET",
                Path = $"/schedules/{Uri.EscapeDataString(name)}",
                Query = [("groupName", group)],
            }, cancellationToken);
            if (answer?.Root.Member("Target").Member("EcsParameters").Text("TaskDefinitionArn") is { } definition)
            {
                yield return (definition, $"schedule {name}");
            }
        }
    }

    // A rule that starts tasks has a cluster as its target. Listing rules by target skips all others.
    private static async Task<IReadOnlyCollection<string>> RulesAsync(
        WorkloadAccess access, string bus, IReadOnlyList<string> clusters, CancellationToken cancellationToken)
    {
        var rules = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var cluster in clusters)
        {
            await foreach (var page in access.PagesAsync(JsonApi.EventBridge, "ListRuleNamesByTarget", writer =>
            {
                writer.WriteString("EventBusName", bus);
                writer.WriteString("TargetArn", cluster);
            }, "NextToken", cancellationToken))
            {
                rules.UnionWith(page.Texts("RuleNames"));
            }
        }

        return rules;
    }

    private static async Task<IReadOnlyList<(string? Group, string Name)>> SchedulesAsync(WorkloadAccess access, CancellationToken cancellationToken)
    {
        var schedules = new List<(string?, string)>();
        string? next = null;
        do
        {
            var from = next;
            using var page = await access.CallAsync(JsonApi.Scheduler, new JsonCall("ListSchedules")
            {
                Method = "GET",
                Path = "/schedules",
                Query = [("MaxResults", "100"), ("NextToken", from)],
            }, cancellationToken);
            schedules.AddRange(page.Root.List("Schedules")
                .Where(schedule => schedule.Member("Target").Text("Arn") is { } target && target.Contains(":cluster/", StringComparison.Ordinal))
                .Select(schedule => (schedule.Text("GroupName"), schedule.Text("Name") ?? "")));
            next = page.Root.Text("NextToken");
        }
        while (next is { Length: > 0 });
        return schedules;
    }
}
