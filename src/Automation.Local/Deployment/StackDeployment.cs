using Automation.Cli;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Deployment;

/// <summary>Deploys a stack into an embedded cloud, phase by phase: that of the clone that the user works in, or the packaged one.</summary>
internal sealed class StackDeployment(CommandContext context, Phases phases)
{
    /// <summary>The progress lines of the CDK CLI, which change too fast to be printed: <c>Automation | 12/140 | … | CREATE_COMPLETE | AWS::IAM::Role |
    /// …</c></summary>
    private const string Event = " | ";

    /// <param name="packaged">The name of the packaged stack to deploy without a clone.</param>
    /// <returns>The outputs of the stacks.</returns>
    /// <exception cref="CommandException">A required program is missing or failed, or there is neither a clone nor a packaged stack.</exception>
    public Task<IReadOnlyDictionary<string, string>> DeployAsync(CloudHost host, StackChoice choice, string packaged, CancellationToken cancellationToken) =>
        Workspace.TryFind(context.Folder) is { } workspace
            ? DeployAsync(host, workspace, choice, cancellationToken)
            : phases.RunAsync("deploy", "finding the packaged stack", async phase =>
            {
                var stack = choice is { Native: false }
                    ? PackagedStack.Find(packaged, choice.Region)
                    : throw new CommandException("--aot needs the repository: run this in a clone.");
                phase.Say("deploying the stack that this tool carries");

                // Another thread deploys, so that the phase can show its progress.
                var outputs = await Task.Run(() => stack.Deploy(host), cancellationToken);
                phase.Result = $"deployed the stack that this tool carries at {host.Endpoint.ToString().TrimEnd('/')}";
                return outputs;
            });

    private async Task<IReadOnlyDictionary<string, string>> DeployAsync(
        CloudHost host, Workspace workspace, StackChoice choice, CancellationToken cancellationToken)
    {
        // Concurrent, because npm waits for the network and the compiler for the processor.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fetched = CdkCli.FetchAsync(UserCache(), ended.Token);
        string assembly;
        try
        {
            assembly = await new StackBuild(workspace, phases, context.Time).BuildAsync(choice, cancellationToken);
        }
        catch
        {
            await ended.CancelAsync();
            await Task.WhenAny(fetched);
            throw;
        }

        return await phases.RunAsync("deploy", "fetching the CDK CLI from npm", async phase =>
        {
            if (!fetched.IsCompleted)
            {
                phase.Say($"fetching the CDK CLI {CdkCli.Version} from npm");
            }

            var cli = await fetched;
            foreach (var region in AssemblyRegions.Of(assembly).Append(host.Cloud.Options.Region).Distinct(StringComparer.Ordinal))
            {
                await cli.BootstrapAsync(host, region, cancellationToken);
            }

            phase.Say($"deploying with the CDK CLI {CdkCli.Version}");
            var outputs = await cli.DeployAsync(host, assembly, line => Show(phase, line), cancellationToken);
            phase.Result = $"deployed with the CDK CLI {CdkCli.Version} at {host.Endpoint.ToString().TrimEnd('/')}";
            return outputs;
        });
    }

    private static void Show(Phase phase, string line)
    {
        var parts = line.Split(Event, StringSplitOptions.TrimEntries);
        if (parts.Length > 4)
        {
            phase.Show($"{parts[0]} {parts[1]}: {parts[^3]} {parts[^2]}");
        }
    }

    /// <summary>https://specifications.freedesktop.org/basedir-spec/latest/</summary>
    private string UserCache() => Path.Combine(
        context.Variable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "automation");
}
