using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>What the history and EventBridge say about a whole execution.</summary>
internal static class ExecutionEvents
{
    /// <summary>The details of ExecutionStarted, without the input.</summary>
    public static JsonObject Started(ExecutionRecord execution)
    {
        var details = new JsonObject { ["roleArn"] = execution.RoleArn };
        RequestFields.Put(details, "stateMachineVersionArn", execution.VersionArn);
        RequestFields.Put(details, "stateMachineAliasArn", execution.AliasArn);
        return details;
    }

    /// <summary>https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html</summary>
    public static JsonObject StatusChange(ExecutionRecord execution) => new()
    {
        ["executionArn"] = execution.Arn,
        ["stateMachineArn"] = execution.MachineArn,
        ["name"] = execution.Name,
        ["status"] = execution.Status,
        ["startDate"] = execution.Started.ToUnixTimeMilliseconds(),
        ["stopDate"] = execution.Stopped?.ToUnixTimeMilliseconds(),
        ["input"] = execution.Input,
        ["output"] = execution.Output,
        ["stateMachineVersionArn"] = execution.VersionArn,
        ["stateMachineAliasArn"] = execution.AliasArn,
        ["redriveCount"] = 0,
        ["redriveDate"] = null,
        ["redriveStatus"] = execution.RedriveStatus,
        ["redriveStatusReason"] = execution.RedriveStatusReason,
        ["inputDetails"] = new JsonObject { ["included"] = true },
        ["outputDetails"] = execution.Output is null ? null : new JsonObject { ["included"] = true },
        ["error"] = execution.Error,
        ["cause"] = execution.Cause,
    };
}
