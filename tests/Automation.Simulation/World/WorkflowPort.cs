using Automation.Core.Builds;
using Automation.Core.Ports;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

/// <summary>Step Functions in memory: the executions, and the rounds in which <c>StepFunctionsWorkflow</c> starts again what has ended.</summary>
internal sealed class WorkflowPort(SimulatedWorld world) : IWorkflow
{
    private const int RoundsAtOnce = 9;

    /// <summary>The executions by name, in the order of their start.</summary>
    public Dictionary<string, Execution> Executions { get; } = new(StringComparer.Ordinal);

    public async Task<StartedExecution> StartAsync(string name, string input, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        var current = name;
        for (var round = 2; ; round++)
        {
            var started = current;
            if (await Call("StartExecution", () => TryStart(started, input), cancellationToken))
            {
                return new StartedExecution(current, IsNew: true);
            }

            if (again is not { } now || await Call("DescribeExecution", () => EndOf(started), cancellationToken) is not { } end
                || (round > RoundsAtOnce && now < end.AddDays(1)))
            {
                return new StartedExecution(current, IsNew: false);
            }

            current = ExecutionNames.Again(name, round);
        }
    }

    public Task<IReadOnlySet<string>> ListRunningAsync(CancellationToken cancellationToken) => Call<IReadOnlySet<string>>("ListExecutions", () =>
        Executions.Values.Where(execution => execution.Runs).Select(execution => execution.Name).ToHashSet(StringComparer.Ordinal), cancellationToken);

    public Task<bool> EndApprovalAsync(string name, string why, CancellationToken cancellationToken) => Call("SendTaskFailure", () =>
    {
        var approval = world.Approvals.FirstOrDefault(approval => approval.Execution.Name == name);
        if (approval is null)
        {
            return false;
        }

        approval.Execution.Fail(approval.Token, Core.Workflow.Announcement.NotReleasable, why);
        return true;
    }, cancellationToken);

    /// <returns>False if an execution that has ended, or one with another input, has the name.</returns>
    public bool TryStart(string name, string input)
    {
        if (Executions.TryGetValue(name, out var known))
        {
            return known.Runs && known.InputText == input;
        }

        Executions.Add(name, new Execution(world, world.Definition, name, input));
        return true;
    }

    private DateTimeOffset? EndOf(string name) => Executions[name] is { Runs: false } ended ? ended.Stopped : null;

    private Task<T> Call<T>(string operation, Func<T> work, CancellationToken cancellationToken) =>
        world.Calls.Make("states", operation, Setup.Home, work, cancellationToken);
}
