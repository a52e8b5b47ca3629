using Automation.Cli.Deployment;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>Starts the workflow for a person. Commands change an image only in this way.</summary>
internal sealed class ExecutionStarter(Connection connection, CommandContext context)
{
    /// <param name="input">Null for a state machine without input.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> StartAsync(string name, ExecutionInput? input, bool againIfEnded, bool watch, CancellationToken cancellationToken)
    {
        var started = await connection.Workflow.StartAsync(name, input is null ? "{}" : WorkflowJson.Write(input), againIfEnded ? DateTimeOffset.MaxValue : null, cancellationToken);
        await context.Output.WriteLineAsync(started.IsNew ? $"started {started.Name}" : $"{started.Name} was started before");
        return watch ? await FollowAsync(started.Name, cancellationToken) : 0;
    }

    /// <param name="wanted">An outcome that counts as success here, although it usually does not.</param>
    public Task<int> FollowAsync(string nameOrArn, CancellationToken cancellationToken, Outcome? wanted = null) =>
        new ExecutionFollower(connection, context).FollowAsync(connection.ExecutionArn(nameOrArn), cancellationToken, wanted);
}
