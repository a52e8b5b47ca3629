using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Cli.Deployment;

namespace Automation.Cli.Executions;

/// <summary>Starts the workflow for a person: the only way in which a command changes anything.</summary>
internal sealed class ExecutionStarter(Connection connection, CommandContext context)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The exit code.</returns>
    public async Task<int> StartAsync(string name, JsonObject input, bool againIfEnded, bool watch, CancellationToken cancellationToken)
    {
        var started = await connection.Workflow.StartAsync(name, input.ToJsonString(Plain), againIfEnded ? DateTimeOffset.MaxValue : null, cancellationToken);
        await context.Output.WriteLineAsync(started.IsNew ? $"started {started.Name}" : $"{started.Name} was started before");
        return watch ? await FollowAsync(started.Name, cancellationToken) : 0;
    }

    public Task<int> FollowAsync(string nameOrArn, CancellationToken cancellationToken) =>
        new ExecutionFollower(connection, context).FollowAsync(connection.ExecutionArn(nameOrArn), cancellationToken);
}
