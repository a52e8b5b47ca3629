using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>Reads the executions of the stack's state machines; of those that run, also what they have done so far.</summary>
internal sealed class ExecutionReader(AccountCalls calls, string region)
{
    public async Task<IReadOnlyList<ReadExecution>> ReadAsync(ReadStack main, CancellationToken cancellationToken)
    {
        var found = new List<ReadExecution>();
        foreach (var machine in main.Resources.Values.Where(id => id.Contains(":stateMachine:", StringComparison.Ordinal)))
        {
            var input = new JsonObject { ["stateMachineArn"] = machine, ["maxResults"] = 1000 };
            await foreach (var execution in calls.ListAsync(AccountCalls.Workflows, region, "ListExecutions", "executions", input, cancellationToken))
            {
                var read = new ReadExecution(
                    machine, execution["name"]!.ToString(), execution["status"]!.ToString(), StateReader.Instant(execution["startDate"])!.Value,
                    StateReader.Instant(execution["stopDate"]));
                found.Add(read.Status == "RUNNING" ? await RunningAsync(read, execution["executionArn"]!.ToString(), cancellationToken) : read);
            }
        }

        return [.. found.OrderBy(execution => execution.Started).ThenBy(execution => execution.Name, StringComparer.Ordinal)];
    }

    private async Task<ReadExecution> RunningAsync(ReadExecution execution, string arn, CancellationToken cancellationToken)
    {
        var description = await AccountCalls.FindAsync(
            () => calls.CallAsync(AccountCalls.Workflows, region, "DescribeExecution", new JsonObject { ["executionArn"] = arn }, cancellationToken));
        var history = new List<JsonObject>();
        var input = new JsonObject { ["executionArn"] = arn, ["maxResults"] = 1000, ["includeExecutionData"] = true };
        await foreach (var entry in calls.ListAsync(AccountCalls.Workflows, region, "GetExecutionHistory", "events", input, cancellationToken))
        {
            history.Add((JsonObject)entry);
        }

        // With a task token anybody who may call Step Functions can answer an approval, so it is left out.
        var token = $"left-out-{execution.Name}";
        var secrets = history.Select(entry => StepFunctionsExecutions.TokenOf(entry["taskScheduledEventDetails"]?["parameters"]?.ToString()))
            .OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return execution with
        {
            Input = description?["input"]?.ToString(),
            History = [.. history.Select(entry => (JsonObject)JsonNode.Parse(
                secrets.Aggregate(entry.ToJsonString(), (text, secret) => text.Replace(secret, token, StringComparison.Ordinal)))!)],
            Token = secrets.Count > 0 ? token : null,
        };
    }
}
