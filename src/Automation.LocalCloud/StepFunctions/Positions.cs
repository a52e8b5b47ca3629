using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Where a running execution stands, stored after every step: between two steps each of its flows is in a state and waits, for a
/// time, for a task, or for flows of its own. A cloud that is opened again builds the execution from this and goes on.
/// </summary>
/// <param name="Index">Of a branch or an iteration, among its siblings.</param>
/// <param name="LastEvent">Id in the history.</param>
internal sealed record FlowPosition(
    int Index,
    IReadOnlyDictionary<string, Data> Variables,
    Data MapItem,
    long LastEvent,
    VisitPosition? Visit);

/// <param name="Retries">Attempts used of each rule in <c>Retry</c>.</param>
/// <param name="Wakes">Of a Wait state, or of the wait before the next attempt; else it waits for one of the two that follow.</param>
internal sealed record VisitPosition(
    string State,
    Data Input,
    DateTimeOffset Entered,
    long EnteredEvent,
    IReadOnlyList<int> Retries,
    DateTimeOffset? Wakes,
    AttemptPosition? Attempt,
    FanoutPosition? Fanout);

/// <param name="Parameters">JSON text with which the task was started, and is started again unless it is <paramref name="Submitted"/>.</param>
/// <param name="Submitted">The call has been made; the task is over when an execution ends or its token comes back.</param>
/// <param name="Execution">ARN of the execution whose end it waits for.</param>
internal sealed record AttemptPosition(
    string Parameters,
    string? Token,
    DateTimeOffset? TimesOut,
    int? HeartbeatSeconds,
    DateTimeOffset? HeartbeatDue,
    bool Submitted,
    string? Execution);

/// <param name="Results">By index; null for what is not done.</param>
/// <param name="Next">Index of the first that has not begun.</param>
internal sealed record FanoutPosition(long StartedEvent, IReadOnlyList<Data> Results, int Next, IReadOnlyList<FlowPosition> Active);

/// <summary>A JSON value that is kept as text: nothing reads into it on its way into the store and back.</summary>
[JsonConverter(typeof(TextConverter))]
internal readonly record struct Data(JsonNode? Node)
{
    private sealed class TextConverter : JsonConverter<Data>
    {
        public override Data Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(JsonKinds.Parse(reader.GetString()!));

        public override void Write(Utf8JsonWriter writer, Data value, JsonSerializerOptions options) => writer.WriteStringValue(JsonKinds.Text(value.Node));
    }
}
