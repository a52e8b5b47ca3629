using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;
using static Automation.LocalCloud.StepFunctions.RequestFields;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The operations on executions and on the tasks that they wait for.</summary>
internal sealed class ExecutionOperations(StepFunctionsService service)
{
    private StepFunctionsState Store => service.Store;

    public JsonObject StartExecution(JsonObject input)
    {
        var started = service.Start(
            Required(input, "stateMachineArn", 256),
            input["name"].AsText(),
            input["input"].AsText() ?? "{}",
            input["traceHeader"].AsText());
        return new JsonObject { ["executionArn"] = started.Arn, ["startDate"] = WireJson.Epoch(started.Started) };
    }

    public JsonObject StopExecution(JsonObject input)
    {
        var stopped = service.Stop(Required(input, "executionArn"), Limited(input, "error", 256), Limited(input, "cause", 32_768));
        return new JsonObject { ["stopDate"] = WireJson.Epoch(stopped.Stopped!.Value) };
    }

    public JsonObject DescribeExecution(JsonObject input)
    {
        var execution = service.Execution(Required(input, "executionArn", 256));
        var data = input["includedData"].AsText() != "METADATA_ONLY";
        var answer = Summary(execution);
        answer["redriveStatus"] = execution.RedriveStatus;
        Put(answer, "redriveStatusReason", execution.RedriveStatusReason);
        Put(answer, "traceHeader", execution.TraceHeader);
        Put(answer, "error", execution.Error);
        Put(answer, "cause", execution.Cause);
        if (data)
        {
            answer["input"] = execution.Input;
            Put(answer, "output", execution.Output);
        }

        answer["inputDetails"] = new JsonObject { ["included"] = data };
        Put(answer, "outputDetails", execution.Output is null ? null : new JsonObject { ["included"] = data });
        return answer;
    }

    public JsonObject ListExecutions(JsonObject input)
    {
        if (input["mapRunArn"] is not null)
        {
            throw new AwsException("ValidationException", "The embedded cloud has no distributed map runs: 'mapRunArn' must not be given.");
        }

        // "You can also return a list of executions associated with a specific alias or version":
        // https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
        var arn = Required(input, "stateMachineArn");
        if (Store.Version(arn) is null && Store.Alias(arn) is null)
        {
            service.Machine(arn);
        }

        var status = input["statusFilter"].AsText();
        if (input["redriveFilter"].AsText() == "REDRIVEN")
        {
            return new JsonObject { ["executions"] = new JsonArray() };
        }

        // The token contains the last execution of a page, so that new executions do not shift the next page.
        var before = Token(input) ?? long.MaxValue;
        var size = PageSize(input);
        var found = Store.Executions
            .Where(execution => (execution.MachineArn == arn || execution.VersionArn == arn || execution.AliasArn == arn)
                && execution.Sequence < before && (status is null || execution.Status == status))
            .OrderByDescending(execution => execution.Sequence)
            .Take(size + 1)
            .ToArray();
        var answer = new JsonObject
        {
            ["executions"] = new JsonArray([.. found.Take(size).Select(Summary)]),
        };
        Put(answer, "nextToken", found.Length > size ? TokenOf(found[size - 1].Sequence) : null);
        return answer;
    }

    public JsonObject GetExecutionHistory(JsonObject input)
    {
        var execution = service.Execution(Required(input, "executionArn", 256));
        var withData = input["includeExecutionData"].AsBoolean() ?? true;
        IEnumerable<HistoryEvent> events = Store.History(execution.Arn);
        if (input["reverseOrder"].AsBoolean() == true)
        {
            var until = Token(input) ?? long.MaxValue;
            events = events.Reverse().SkipWhile(entry => entry.Id >= until);
        }
        else
        {
            var after = Token(input) ?? 0;
            events = events.Skip((int)Math.Clamp(after, 0, int.MaxValue));
        }

        var size = PageSize(input);
        var page = events.Take(size + 1).ToArray();
        var answer = new JsonObject { ["events"] = new JsonArray([.. page.Take(size).Select(entry => entry.ToJson(withData))]) };
        Put(answer, "nextToken", page.Length > size ? TokenOf(page[size - 1].Id) : null);
        return answer;
    }

    public JsonObject SendTaskSuccess(JsonObject input)
    {
        var attempt = service.Waiting(Required(input, "taskToken", 2048));
        var output = input["output"].AsText() ?? throw Missing("output");
        if (Encoding.UTF8.GetByteCount(output) > ExecutionRun.DataLimit)
        {
            throw new AwsException("InvalidOutput", $"Invalid Output: 'output' must have at most {ExecutionRun.DataLimit} bytes");
        }

        try
        {
            attempt.Succeed(JsonKinds.Parse(output));
        }
        catch (JsonException e)
        {
            throw new AwsException("InvalidOutput", $"Invalid Output: '{JacksonFault.Of(output, e)}'");
        }

        return [];
    }

    public JsonObject SendTaskFailure(JsonObject input)
    {
        var attempt = service.Waiting(Required(input, "taskToken", 2048));
        attempt.Fail(new StateException(Limited(input, "error", 256), Limited(input, "cause", 32_768)) { ByToken = true });
        return [];
    }

    public JsonObject SendTaskHeartbeat(JsonObject input)
    {
        service.Waiting(Required(input, "taskToken", 2048)).Heartbeat();
        return [];
    }

    /// <summary>The members that DescribeExecution and ListExecutions share.</summary>
    private static JsonObject Summary(ExecutionRecord execution)
    {
        var summary = new JsonObject
        {
            ["executionArn"] = execution.Arn,
            ["stateMachineArn"] = execution.MachineArn,
            ["name"] = execution.Name,
            ["status"] = execution.Status,
            ["startDate"] = WireJson.Epoch(execution.Started),
            ["redriveCount"] = 0,
        };
        Put(summary, "stateMachineVersionArn", execution.VersionArn);
        Put(summary, "stateMachineAliasArn", execution.AliasArn);
        Put(summary, "stopDate", execution.Stopped is { } stopped ? WireJson.Epoch(stopped) : null);
        return summary;
    }
}
