using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using Automation.Core.Ports;

namespace Automation.Aws;

/// <summary>
/// Starts executions of <c>image-lifecycle</c>. Names are unique for 90 days, which makes Step Functions the memory of what was
/// started. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
/// </summary>
public sealed class StepFunctionsWorkflow(IAmazonStepFunctions client, string stateMachineArn) : IWorkflow
{
    public async Task<StartedExecution> StartAsync(string name, string input, string? again, CancellationToken cancellationToken)
    {
        if (await TryStartAsync(name, input, cancellationToken))
        {
            return new StartedExecution(name, IsNew: true);
        }

        if (again is null || await IsRunningAsync(name, cancellationToken))
        {
            return new StartedExecution(name, IsNew: false);
        }

        var next = $"{name}-{again}";
        return new StartedExecution(next, await TryStartAsync(next, input, cancellationToken));
    }

    // The same name with the same input answers with the running execution, as if it were new; anything else is "already exists".
    private Task<bool> TryStartAsync(string name, string input, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"start execution {name}", async () =>
        {
            try
            {
                await client.StartExecutionAsync(
                    new StartExecutionRequest { StateMachineArn = stateMachineArn, Name = name, Input = input },
                    cancellationToken);
                return true;
            }
            catch (ExecutionAlreadyExistsException)
            {
                return false;
            }
        });

    private Task<bool> IsRunningAsync(string name, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read execution {name}", async () =>
        {
            // arn:aws:states:eu-west-1:123456789012:stateMachine:x -> arn:aws:states:eu-west-1:123456789012:execution:x:name
            var executionArn = $"{stateMachineArn.Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{name}";
            var execution = await client.DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = executionArn }, cancellationToken);
            return execution.Status == ExecutionStatus.RUNNING;
        });
}
