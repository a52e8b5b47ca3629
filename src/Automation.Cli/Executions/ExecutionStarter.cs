using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>Starts the workflow for a person. Every release, rollback, build and prune that a command requests goes through it.</summary>
internal sealed class ExecutionStarter(Connection connection, CommandContext context, Narration narration)
{
    /// <param name="input">Null for a state machine without input.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> StartAsync(string name, ExecutionInput? input, bool againIfEnded, bool watch, CancellationToken cancellationToken)
    {
        var started = await connection.Workflow.StartAsync(
            name, input is null ? "{}" : WorkflowJson.Write(input), againIfEnded ? DateTimeOffset.MaxValue : null, cancellationToken);
        narration.Say("started", started.IsNew ? $"started {started.Name}" : $"{started.Name} was started before", input?.Image, started.Name);
        return watch ? await FollowAsync(started.Name, cancellationToken) : ExitCodes.Done;
    }

    /// <param name="wanted">An outcome that counts as success for this command, although it usually does not.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> FollowAsync(string nameOrArn, CancellationToken cancellationToken, Outcome? wanted = null)
    {
        var follower = new ExecutionFollower(connection, context, narration);
        var (code, last) = await follower.FollowAsync(connection.ExecutionArn(nameOrArn), cancellationToken, wanted);

        // An execution that starts a build ends before the build does, and another one releases it.
        return code == ExitCodes.Done && last is { Action: WorkflowActions.Build, Image: { } image, Build: { } build }
            ? await new BuildFollower(connection, context, narration, follower).FollowAsync(image, build, cancellationToken)
            : code;
    }
}
