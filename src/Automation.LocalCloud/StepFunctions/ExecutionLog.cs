using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Writes the events of an execution to the log group of its state machine. The form of an entry and the events of each level are those of
/// https://github.com/localstack/localstack/blob/main/tests/aws/services/stepfunctions/v2/logs/test_logs.snapshot.json. The stream's name is our own.
/// </summary>
internal sealed class ExecutionLog(Engine engine, ExecutionRecord execution, string region, string group, string level, bool withData)
{
    private static readonly string[] Failures = ["Failed", "TimedOut", "Aborted"];

    /// <summary>The details that <see cref="HistoryEvent.ToJson"/> keeps without data, but the log does not.</summary>
    private static readonly string[] Withheld = ["inputDetails", "outputDetails", "assignedVariables", "assignedVariablesDetails"];

    /// <param name="settings">The state machine's logging configuration.</param>
    /// <returns>Null if it names no log group.</returns>
    public static ExecutionLog? Of(Engine engine, ExecutionRecord execution, JsonObject? settings)
    {
        var destination = (settings?["destinations"] as JsonArray)?.FirstOrDefault()?["cloudWatchLogsLogGroup"]?["logGroupArn"].AsText();
        return Common.Arn.TryParse(destination ?? "") is { } arn && arn.Resource.Split(':') is ["log-group", var name, ..]
            ? new ExecutionLog(
                engine, execution, arn.Region, name, settings!["level"].AsText() ?? "OFF", settings["includeExecutionData"].AsBoolean() ?? false)
            : null;
    }

    public void Write(HistoryEvent entry)
    {
        if (!IsLogged(entry.Type))
        {
            return;
        }

        var details = entry.ToJson(withData)[entry.DetailsName ?? ""]?.DeepClone() as JsonObject ?? [];
        foreach (var name in withData ? [] : Withheld)
        {
            details.Remove(name);
        }

        engine.Logs.Write(region, group, $"states/{execution.MachineName}/{execution.Name}", JsonKinds.Text(new JsonObject
        {
            ["id"] = Text(entry.Id),
            ["type"] = entry.Type,
            ["details"] = details,
            ["previous_event_id"] = Text(entry.PreviousEventId),
            ["event_timestamp"] = Text(entry.Timestamp.ToUnixTimeMilliseconds()),
            ["execution_arn"] = execution.Arn,
            ["redrive_count"] = "0",
        }));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private bool IsLogged(string type) => level switch
    {
        "ALL" => true,
        "ERROR" => type == "FailStateEntered" || Failures.Any(failure => type.EndsWith(failure, StringComparison.Ordinal)),
        "FATAL" => Failures.Any(failure => type == "Execution" + failure),
        _ => false,
    };
}
