using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>A stored state machine. <see cref="Revision"/> is its current definition.</summary>
internal sealed record StateMachineRecord(
    string Arn,
    string Name,
    string RoleArn,
    string Revision,
    DateTimeOffset Created,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Whether it was never updated. DescribeStateMachine then returns no revision; CloudFormation calls it INITIAL.</summary>
    public bool IsFirst { get; init; }

    public JsonObject? Logging { get; init; }

    /// <summary>Settings that are stored and returned but have no effect here.</summary>
    public JsonObject? Tracing { get; init; }

    public JsonObject? Encryption { get; init; }

    /// <summary>The number of the last published version, also of a deleted one; 0 without one.</summary>
    public int LastVersion { get; init; }

    /// <summary>Whether it is deleted as soon as its last execution has ended.</summary>
    public bool Deleting { get; init; }

    [JsonIgnore]
    public string Region => Common.Arn.Parse(Arn).Region;

    /// <summary>Whether a request to create the machine has the same settings, of those that must be the same.</summary>
    public bool HasConfigurationOf(StateMachineRequest request) =>
        JsonNode.DeepEquals(Logging, request.Logging) && JsonNode.DeepEquals(Tracing, request.Tracing) && JsonNode.DeepEquals(Encryption, request.Encryption);

    /// <summary>Whether the settings that a revision has beside its definition are the same.</summary>
    public bool HasSettingsOf(StateMachineRecord other) =>
        RoleArn == other.RoleArn && JsonNode.DeepEquals(Logging, other.Logging) && JsonNode.DeepEquals(Tracing, other.Tracing)
        && JsonNode.DeepEquals(Encryption, other.Encryption);
}

/// <summary>A former or current state of a state machine; executions keep the one with which they started.</summary>
internal sealed record RevisionRecord(string MachineArn, string Revision, string Definition, string RoleArn, DateTimeOffset Created)
{
    /// <summary>Whether it is from before the first update.</summary>
    public bool IsFirst { get; init; }

    public JsonObject? Logging { get; init; }

    public JsonObject? Tracing { get; init; }

    public JsonObject? Encryption { get; init; }

    public static string Key(string machineArn, string revision) => $"{machineArn}#{revision}";
}

/// <summary>A published revision.</summary>
internal sealed record VersionRecord(string MachineArn, int Number, string Revision, string? Description, DateTimeOffset Created)
{
    [JsonIgnore]
    public string Arn => $"{MachineArn}:{Number}";
}

/// <summary>A name for one version, or for two with their shares of executions.</summary>
internal sealed record AliasRecord(
    string MachineArn,
    string Name,
    string? Description,
    IReadOnlyList<AliasRoute> Routes,
    DateTimeOffset Created,
    DateTimeOffset Updated)
{
    [JsonIgnore]
    public string Arn => $"{MachineArn}:{Name}";
}

/// <param name="Weight">The percentage of executions.</param>
internal sealed record AliasRoute(string VersionArn, int Weight);

/// <summary>A stored execution.</summary>
/// <param name="Sequence">The order in which executions were started, over all state machines.</param>
/// <param name="Status">RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.</param>
internal sealed record ExecutionRecord(
    string Arn,
    string Name,
    string MachineArn,
    string Revision,
    string RoleArn,
    string Input,
    long Sequence,
    DateTimeOffset Started,
    string Status)
{
    public const string Running = "RUNNING";

    public string? TraceHeader { get; init; }

    /// <summary>The version that the execution runs, if it was started with a version or an alias.</summary>
    public string? VersionArn { get; init; }

    public string? AliasArn { get; init; }

    public DateTimeOffset? Stopped { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public string? Cause { get; init; }

    [JsonIgnore]
    public bool IsRunning => Status == Running;

    /// <summary>Whether the service could redrive it; the embedded cloud does not.</summary>
    [JsonIgnore]
    public string RedriveStatus => RedriveStatusReason is null ? "REDRIVABLE" : "NOT_REDRIVABLE";

    [JsonIgnore]
    public string? RedriveStatusReason => Status is Running or "SUCCEEDED" ? $"Execution is {Status} and cannot be redriven" : null;

    [JsonIgnore]
    public string Region => Common.Arn.Parse(Arn).Region;

    [JsonIgnore]
    public string MachineName => Common.Arn.Parse(Arn).Resource.Split(':')[1];
}

/// <summary>The details of most events. Thousands are kept and few are read, so they become JSON only then.</summary>
/// <param name="Value">A text or an integer.</param>
internal readonly record struct NamedDetails(string Name, string Member, object Value)
{
    public JsonObject ToJson() => new() { ["name"] = Name, [Member] = Value is int number ? number : (string)Value };
}

/// <summary>One event of an execution's history.</summary>
/// <param name="Id">Counts from 1 without gaps.</param>
/// <param name="PreviousEventId">The event that caused it; 0 at the start.</param>
/// <param name="DetailsName">The member that contains <paramref name="Details"/>, such as <c>stateEnteredEventDetails</c>.</param>
internal sealed record HistoryEvent(
    long Id,
    long PreviousEventId,
    DateTimeOffset Timestamp,
    string Type,
    string? DetailsName,
    JsonObject? Details)
{
    /// <summary>The details, if they are a name and one more member.</summary>
    [JsonIgnore]
    public NamedDetails? Named { get; init; }

    public JsonObject? Details { get => field ?? Named?.ToJson(); } = Details;

    private static readonly string[] Data = ["input", "output", "parameters"];
    private static readonly string[] Noted = ["input", "output", "assignedVariables"];

    /// <param name="withData">False omits inputs and outputs.</param>
    public JsonObject ToJson(bool withData)
    {
        var json = new JsonObject
        {
            ["timestamp"] = Wire.WireJson.Epoch(Timestamp),
            ["type"] = Type,
            ["id"] = Id,
            ["previousEventId"] = PreviousEventId,
        };
        if (Details is not null)
        {
            var details = new JsonObject();
            foreach (var (name, value) in Details)
            {
                if (withData || !Data.Contains(name))
                {
                    details[name] = value?.DeepClone();
                }

                // Not kept with each of thousands of events, because nothing is ever truncated here.
                if (Noted.Contains(name))
                {
                    details[name + "Details"] = new JsonObject { ["truncated"] = false };
                }
            }

            json[DetailsName!] = details;
        }

        return json;
    }
}
