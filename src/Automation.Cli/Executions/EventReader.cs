using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Cli.Doctor;
using Automation.Core;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>An event that reached a trigger of the automation: a push to a registry, or the end of a build.</summary>
/// <param name="At">When the trigger received it.</param>
/// <param name="Kind">The event's detail-type.</param>
/// <param name="Subject">Its repository and tag, or the build.</param>
/// <param name="Id">The event's id; null if it has none.</param>
/// <param name="Decisions">What the trigger decided, with reasons; empty if it failed.</param>
internal sealed record ReceivedEvent(DateTimeOffset At, string Kind, string Subject, string? Id, IReadOnlyList<EventDecision> Decisions);

/// <param name="Subject">The image, or what the event is about if it concerns none.</param>
/// <param name="Decision">Such as <c>started</c>, <c>no</c> and <c>not-ours</c>.</param>
/// <param name="Execution">The execution that was started or runs already; null if there is none.</param>
/// <param name="Code">The code of the reason.</param>
internal sealed record EventDecision(string Subject, string Decision, string? Execution, string Code, string Why);

/// <summary>
/// Reads events from the logs of the triggers, because EventBridge keeps none. Needs <c>cloudformation:ListStackResources</c> on the stack and
/// <c>logs:FilterLogEvents</c> on the log groups of the functions ImagePushed, BuildNotification and ScanCompleted.
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
/// </summary>
internal sealed class EventReader
{
    /// <summary>A page has up to 10,000 lines, and may have none while the service searches.</summary>
    private const int MaxPages = 100;

    // Members of Log.Received and Log.Decided in the functions; each line has one of them.
    private const string Pattern = "?DetailType ?Decision";

    private static readonly string[] Triggers = [FunctionNames.ImagePushed, FunctionNames.BuildNotification, FunctionNames.ScanCompleted];

    private IReadOnlyList<string>? _groups;

    /// <summary>The events since a time, the newest first.</summary>
    /// <exception cref="CallException">The stack or a log cannot be read.</exception>
    public async Task<IReadOnlyList<ReceivedEvent>> ReadAsync(
        SignedCalls calls, string region, string stack, DateTimeOffset since, CancellationToken cancellationToken)
    {
        _groups ??= GroupsOf(await StackResource.ReadAsync(calls, region, stack, cancellationToken));
        if (_groups.Count == 0)
        {
            throw new CallException("NoLog", $"{stack} has no log groups of {string.Join(", ", Triggers)}");
        }

        var events = new List<ReceivedEvent>();
        foreach (var group in _groups)
        {
            events.AddRange(EventsOf(await LinesAsync(calls, region, group, since, cancellationToken)));
        }

        return [.. events.OrderByDescending(each => each.At)];
    }

    /// <summary>One line of a log for each event and each decision. A decision belongs to the last event of its invocation.</summary>
    internal static IReadOnlyList<ReceivedEvent> EventsOf(IEnumerable<(DateTimeOffset At, string Message)> lines)
    {
        var events = new List<(ReceivedEvent Event, List<EventDecision> Decisions)>();
        var latest = new Dictionary<string, List<EventDecision>>(StringComparer.Ordinal);
        foreach (var (at, message) in lines)
        {
            if (Parse(message) is not { } line || Text(line, "requestId") is not { } request)
            {
                continue;
            }

            if (Text(line, "DetailType") is { } kind && Text(line, "Subject") is { } subject)
            {
                var decisions = latest[request] = [];
                events.Add((new ReceivedEvent(at, kind, subject, Text(line, "Event"), decisions), decisions));
            }
            else if (Text(line, "Decision") is { } decision && latest.TryGetValue(request, out var decisions))
            {
                decisions.Add(new EventDecision(
                    Text(line, "Subject") ?? "", decision, Text(line, "Execution"), Text(line, "Code") ?? "", Text(line, "Reason") ?? ""));
            }
        }

        return [.. events.Select(each => each.Event)];
    }

    // FunctionsImagePushedLog47D3D16B
    private static IReadOnlyList<string> GroupsOf(IEnumerable<StackResource> resources) =>
    [
        .. resources.Where(resource => resource.Type == "AWS::Logs::LogGroup"
            && Array.Exists(Triggers, trigger => resource.LogicalId.StartsWith($"Functions{trigger}Log", StringComparison.Ordinal)))
            .Select(resource => resource.PhysicalId),
    ];

    private static async Task<IReadOnlyList<(DateTimeOffset At, string Message)>> LinesAsync(
        SignedCalls calls, string region, string group, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var lines = new List<(DateTimeOffset, string)>();
        string? next = null;
        for (var page = 0; page == 0 || next is not null; page++)
        {
            if (page == MaxPages)
            {
                throw new CallException("TooManyPages", $"{group} has more than {MaxPages} pages since {HumanText.At(since)}; choose fewer --hours");
            }

            var input = new JsonObject { ["logGroupName"] = group, ["startTime"] = since.ToUnixTimeMilliseconds(), ["filterPattern"] = Pattern };
            if (next is not null)
            {
                input["nextToken"] = next;
            }

            var answer = await calls.JsonAsync(region, AwsApi.Logs, "FilterLogEvents", input, cancellationToken);
            lines.AddRange((answer["events"] as JsonArray ?? []).Select(line =>
                (DateTimeOffset.FromUnixTimeMilliseconds(line!["timestamp"]!.GetValue<long>()), line["message"]!.ToString())));
            next = answer["nextToken"]?.ToString();
        }

        return lines;
    }

    private static JsonObject? Parse(string message)
    {
        try
        {
            return JsonNode.Parse(message) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The functions write "-" for a missing value.
    private static string? Text(JsonObject line, string member) => line[member]?.ToString() is { Length: > 0 } text and not "-" ? text : null;
}
