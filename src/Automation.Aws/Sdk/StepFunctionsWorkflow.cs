using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using Automation.Core.Builds;
using Automation.Core.Ports;
using Automation.Core.Workflow;

namespace Automation.Aws.Sdk;

/// <summary>
/// Starts executions of <c>image-lifecycle</c>. Names are unique for 90 days, which makes Step Functions the memory of what was
/// started. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
/// </summary>
/// <param name="client">Returns the client; called at each use, so that it can be made at the first.</param>
public sealed class StepFunctionsWorkflow(Func<IAmazonStepFunctions> client, string stateMachineArn) : IWorkflow
{
    /// <summary>After so many executions without success, the work probably needs a person and is tried once a day.</summary>
    private const int RoundsAtOnce = 9;

    /// <summary>How many names of former executions a process remembers.</summary>
    private const int MaxTaken = 10_000;

    private readonly StepFunctionsExecutions _executions = new(client);

    /// <summary>Names that an execution has or had. A process lives for hours, and a name is free again after 90 days.</summary>
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public async Task<StartedExecution> StartAsync(string name, string input, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        if (again is null && _taken.Contains(name))
        {
            return new StartedExecution(name, IsNew: false);
        }

        var current = name;
        for (var round = 2; ; round++)
        {
            if (await TryStartAsync(current, input, cancellationToken))
            {
                return new StartedExecution(current, IsNew: true);
            }

            if (again is not { } now || await EndOfAsync(current, cancellationToken) is not { } end
                || (round > RoundsAtOnce && now < end.AddDays(1)))
            {
                Remember(name);
                return new StartedExecution(current, IsNew: false);
            }

            current = ExecutionNames.Again(name, round);
        }
    }

    public Task<IReadOnlySet<string>> ListRunningAsync(CancellationToken cancellationToken) =>
        SdkErrors.CallAsync<IReadOnlySet<string>>("list running executions", async () =>
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            var request = new ListExecutionsRequest { StateMachineArn = stateMachineArn, StatusFilter = ExecutionStatus.RUNNING, MaxResults = 1000 };
            await foreach (var execution in client().Paginators.ListExecutions(request).Executions.WithCancellation(cancellationToken))
            {
                if (execution.Name is { } name)
                {
                    names.Add(name);
                }
            }

            return names;
        });

    public async Task<bool> EndApprovalAsync(string name, string why, CancellationToken cancellationToken)
    {
        var history = await _executions.HistoryAsync(ArnOf(name), cancellationToken);
        return history.LastOrDefault(entry => entry.IsEntry || entry.Token is not null) is { Token: { } token }
            && await _executions.TryFailAsync(token, Announcement.NotReleasable, why, cancellationToken);
    }

    private void Remember(string name)
    {
        if (_taken.Count >= MaxTaken)
        {
            _taken.Clear();
        }

        _taken.Add(name);
    }

    // For the same name with the same input, the service returns the running execution as if it were new; otherwise "already exists".
    private Task<bool> TryStartAsync(string name, string input, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"start execution {name}", async () =>
        {
            try
            {
                await client().StartExecutionAsync(
                    new StartExecutionRequest { StateMachineArn = stateMachineArn, Name = name, Input = input },
                    cancellationToken);
                return true;
            }
            catch (ExecutionAlreadyExistsException)
            {
                return false;
            }
        });

    // Null while it runs.
    private Task<DateTimeOffset?> EndOfAsync(string name, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read execution {name}", async () =>
        {
            var execution = await client().DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = ArnOf(name) }, cancellationToken);
            return execution.Status == ExecutionStatus.RUNNING ? default(DateTimeOffset?)
                : execution.StopDate is { } stop ? new DateTimeOffset(stop.ToUniversalTime()) : DateTimeOffset.UnixEpoch;
        });

    private string ArnOf(string name) => StepFunctionsExecutions.ArnOf(stateMachineArn, name);
}
