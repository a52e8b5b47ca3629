using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Core;

namespace Automation.Cli.Executions;

/// <summary>Why and until when an execution waits, read from the state that it last entered.</summary>
/// <param name="Until">Null where no time is set.</param>
internal sealed record WaitingNote(string State, DateTimeOffset? Until, string Why)
{
    public const string ApprovalState = "Wait for approval";

    public bool IsApproval => State == ApprovalState;

    public override string ToString() => Until is { } until ? $"waits until {HumanText.At(until)}: {Why}" : $"waits: {Why}";

    /// <summary>Null when the execution is busy.</summary>
    public static WaitingNote? Of(string execution, IReadOnlyList<ExecutionEvent> history) =>
        history.LastOrDefault(entry => entry.IsEntry || entry.IsExit) is { IsEntry: true, State: { } state } entered ? Of(execution, entered, state) : null;

    /// <summary>Null for a state that does not wait.</summary>
    public static WaitingNote? Of(string execution, ExecutionEvent entered, string state)
    {
        var input = Parse(entered.Input);
        return state switch
        {
            "Wait until due" => new WaitingNote(state, Time(input["plan"]?["until"]), Reason(input["plan"])),
            "Wait for scan" => new WaitingNote(state, Time(input["scan"]?["until"]), Reason(input["scan"])),
            "Soak" => new WaitingNote(state, Time(input["versionTags"]?["waitUntil"]), "floating tags wait after the version tags"),
            ApprovalState => new WaitingNote(
                state,
                input["release"]?["approvalSeconds"] is JsonValue seconds && seconds.TryGetValue<int>(out var most) ? entered.At.AddSeconds(most) : null,
                $"approval needed: automation approve {execution}"),
            _ => null,
        };
    }

    internal static JsonObject Parse(string? json)
    {
        try
        {
            return JsonNode.Parse(json ?? "{}") as JsonObject ?? [];
        }
        catch (JsonException)
        {
            // Step Functions cuts long data off; then there is nothing to read.
            return [];
        }
    }

    private static DateTimeOffset? Time(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<DateTimeOffset>(out var time) ? time : null;

    private static string Reason(JsonNode? decision) =>
        decision?["reasons"] is JsonArray { Count: > 0 } reasons ? reasons[0]!["text"]!.ToString() : "no reason given";
}
