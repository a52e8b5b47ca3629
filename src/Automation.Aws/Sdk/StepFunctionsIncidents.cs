using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using Automation.Core.Incidents;
using Automation.Core.Ports;

namespace Automation.Aws.Sdk;

/// <summary>
/// Open incidents are running executions of the state machine <c>Incidents</c>: each mails its beginning and waits for its end with a task
/// token, which its history shows.
/// https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
/// </summary>
/// <param name="client">Returns the client; called at each use, so that it can be made at the first.</param>
public sealed class StepFunctionsIncidents(Func<IAmazonStepFunctions> client, string stateMachineArn) : IIncidents
{
    private readonly StepFunctionsExecutions _executions = new(client);

    public Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlyList<OpenIncident>>("list open incidents", async () =>
        {
            var open = new List<OpenIncident>();
            var request = new ListExecutionsRequest { StateMachineArn = stateMachineArn, StatusFilter = ExecutionStatus.RUNNING, MaxResults = 1000 };
            await foreach (var execution in client().Paginators.ListExecutions(request).Executions.WithCancellation(cancellationToken))
            {
                if (IncidentId.Parse(execution.Name) is { } id)
                {
                    open.Add(new OpenIncident(
                        id, execution.Name, execution.StartDate is { } start ? new DateTimeOffset(start.ToUniversalTime()) : DateTimeOffset.UnixEpoch));
                }
            }

            return open;
        });

    public Task<bool> BeginAsync(string name, string input, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"open incident {name}", async () =>
        {
            try
            {
                await client()
                    .StartExecutionAsync(new StartExecutionRequest { StateMachineArn = stateMachineArn, Name = name, Input = input }, cancellationToken);
                return true;
            }
            catch (ExecutionAlreadyExistsException)
            {
                return false;
            }
        });

    public async Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken)
    {
        var history = await _executions.HistoryAsync(ArnOf(incident.Name), cancellationToken);
        if (history.LastOrDefault(entry => entry.Token is not null) is not { Token: { } token })
        {
            return false;
        }

        // The last token is invalid between two attempts to mail the beginning, and after the end.
        return await _executions.TrySucceedAsync(token, output, cancellationToken);
    }

    /// <summary>The input of an open incident's execution, as JSON; null if it ended and Step Functions has deleted it.</summary>
    public Task<string?> InputAsync(OpenIncident incident, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read incident {incident.Name}", async () =>
        {
            try
            {
                return (string?)(await client()
                    .DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = ArnOf(incident.Name) }, cancellationToken)).Input;
            }
            catch (ExecutionDoesNotExistException)
            {
                return null;
            }
        });

    private string ArnOf(string name) => StepFunctionsExecutions.ArnOf(stateMachineArn, name);
}
