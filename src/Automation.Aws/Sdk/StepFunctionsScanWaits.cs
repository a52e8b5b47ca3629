using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using Automation.Core.Ports;
using Automation.Core.Workflow;

namespace Automation.Aws.Sdk;

/// <summary>
/// Waits for scans are executions of the state machine <c>ScanWaits</c>. Nothing else runs there, so the permission to stop its executions can make a
/// release check early and nothing more. A task token would not separate that: SendTaskSuccess has no resource type in IAM, so it could also
/// answer approvals. https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html
/// </summary>
/// <param name="client">Returns the client; called at each use, so that it can be made at the first.</param>
public sealed class StepFunctionsScanWaits(Func<IAmazonStepFunctions> client, string stateMachineArn) : IScanWaits
{
    public Task<IReadOnlyList<string>> EndAsync(string repository, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<string>>($"end the waits for scans of {repository}", async () =>
        {
            var prefix = ScanWaitNames.PrefixOf(repository);
            var ended = new List<string>();
            var request = new ListExecutionsRequest { StateMachineArn = stateMachineArn, StatusFilter = ExecutionStatus.RUNNING, MaxResults = 1000 };
            await foreach (var execution in client().Paginators.ListExecutions(request).Executions.WithCancellation(cancellationToken))
            {
                if (execution is { Name: { } name, ExecutionArn: { } arn } && name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    await client().StopExecutionAsync(new StopExecutionRequest { ExecutionArn = arn, Cause = "A scan ended." }, cancellationToken);
                    ended.Add(name);
                }
            }

            return ended;
        });
}
