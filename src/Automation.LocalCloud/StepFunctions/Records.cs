using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>A state machine as it is stored. <see cref="Revision"/> names the definition in force.</summary>
internal sealed record StateMachineRecord(
    string Arn,
    string Name,
    string RoleArn,
    string Revision,
    DateTimeOffset Created,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Never updated: DescribeStateMachine names no revision, CloudFormation calls it INITIAL.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Settings that are kept and shown, and have no effect here.</summary>
    public JsonObject? Logging { get; init; }

    public JsonObject? Tracing { get; init; }

    public JsonObject? Encryption { get; init; }

    /// <summary>Gone as soon as the last execution has ended.</summary>
    public bool Deleting { get; init; }

    [JsonIgnore]
    public string Region => Common.Arn.Parse(Arn).Region;
}

/// <summary>What a state machine was at one time; executions keep the one with which they started.</summary>
internal sealed record RevisionRecord(string MachineArn, string Revision, string Definition, string RoleArn, DateTimeOffset Created)
{
    /// <summary>It was in force before the first update.</summary>
    public bool IsFirst { get; init; }

    public static string Key(string machineArn, string revision) => $"{machineArn}#{revision}";
}

/// <summary>An execution as it is stored.</summary>
/// <param name="Sequence">Order in which executions were started, over all state machines.</param>
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

    public DateTimeOffset? Stopped { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public string? Cause { get; init; }

    [JsonIgnore]
    public bool IsRunning => Status == Running;

    [JsonIgnore]
    public string Region => Common.Arn.Parse(Arn).Region;

    [JsonIgnore]
    public string MachineName => Common.Arn.Parse(Arn).Resource.Split(':')[1];
}

/// <summary>One event of an execution's history.</summary>
/// <param name="Id">From 1, without gaps.</param>
/// <param name="PreviousEventId">The event that led to it; 0 at the start.</param>
/// <param name="DetailsName">The member that carries <paramref name="Details"/>, such as <c>stateEnteredEventDetails</c>.</param>
internal sealed record HistoryEvent(
    long Id,
    long PreviousEventId,
    DateTimeOffset Timestamp,
    string Type,
    string? DetailsName,
    JsonObject? Details)
{
    private static readonly string[] Data = ["input", "output", "parameters"];

    /// <param name="withData">False leaves inputs and outputs out.</param>
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
            var details = (JsonObject)Details.DeepClone();
            if (!withData)
            {
                foreach (var name in Data)
                {
                    details.Remove(name);
                }
            }

            json[DetailsName!] = details;
        }

        return json;
    }
}
