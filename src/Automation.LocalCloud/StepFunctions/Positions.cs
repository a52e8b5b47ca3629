using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The position of a running execution, stored after every step. Between two steps each of its flows is in a state and waits for a
/// time, for a task, or for its own flows. A cloud that is opened again rebuilds the execution from this and continues.
/// </summary>
/// <param name="Index">The index of a branch or an iteration among its siblings.</param>
/// <param name="LastEvent">The id of the last event in the history.</param>
internal sealed record FlowPosition(
    int Index,
    IReadOnlyDictionary<string, Data> Variables,
    Data MapItem,
    long LastEvent,
    VisitPosition? Visit);

/// <param name="Retries">The attempts used of each rule in <c>Retry</c>.</param>
/// <param name="Wakes">The end of a Wait state, or of the wait before the next attempt. If null, the state waits for one of the next two.</param>
internal sealed record VisitPosition(
    string State,
    Data Input,
    DateTimeOffset Entered,
    long EnteredEvent,
    IReadOnlyList<int> Retries,
    DateTimeOffset? Wakes,
    AttemptPosition? Attempt,
    FanoutPosition? Fanout);

/// <param name="Parameters">The JSON text with which the task was started. It is started again unless it is <paramref name="Submitted"/>.</param>
/// <param name="Submitted">Whether the call has been made. Then the task ends when an execution ends or its token is returned.</param>
/// <param name="Execution">The ARN of the execution that it waits for.</param>
internal sealed record AttemptPosition(
    string Parameters,
    string? Token,
    DateTimeOffset? TimesOut,
    int? HeartbeatSeconds,
    DateTimeOffset? HeartbeatDue,
    bool Submitted,
    string? Execution);

/// <param name="Results">The results by index; null for those that are not complete.</param>
/// <param name="Next">The index of the first one that has not begun.</param>
internal sealed record FanoutPosition(long StartedEvent, IReadOnlyList<Data> Results, int Next, IReadOnlyList<FlowPosition> Active);

/// <summary>A JSON value stored as text, because the store does not need its content.</summary>
[JsonConverter(typeof(TextConverter))]
internal readonly record struct Data(JsonNode? Node)
{
    internal sealed class TextConverter : JsonConverter<Data>
    {
        public override Data Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(JsonKinds.Parse(reader.GetString()!));

        public override void Write(Utf8JsonWriter writer, Data value, JsonSerializerOptions options) => writer.WriteStringValue(JsonKinds.Text(value.Node));
    }
}
