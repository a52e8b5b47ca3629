using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Cli.Reports;

namespace Automation.Cli.Commands;

/// <summary><c>automation doctor</c>: reports, before and after a deployment, what does not work in the account or will fail. It changes nothing.</summary>
internal static class DoctorCommand
{
    private const string DefaultReconcile = "rate(1 hour)";

    public static Command Create(CommandContext context, TargetOptions target)
    {
        var command = new Command("doctor", "Examines the account before and after a deployment: what does not work, and what to do. Changes nothing");
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(context, target.Read(result, context), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, CancellationToken cancellationToken)
    {
        var endpoint = Endpoints.Chosen(target.Endpoint, context.Variable);
        var region = Endpoints.Region(target, endpoint, context.Variable);
        using var clients = new AwsClients(endpoint, region, target.Profile, context.Variable);
        using var http = new HttpClient();
        var clock = new ServiceClock(context.Time);
        var calls = new SignedCalls(endpoint, clients.Credentials, http, context.Time) { Answered = clock.Follow };
        await calls.CheckCredentialsAsync();
        var settings = CdkSettings(target, context);
        var prefixed = target with { Prefix = settings.Prefix };
        var catalog = Connection.ReadsFile(target, context, endpoint)
            ? Connection.ReadCatalog(prefixed, context)
            : await Connection.ReadDeployedAsync(
                prefixed, context, () => new DeployedCatalog(calls, http, region).ReadAsync(settings.Stack, settings.Prefix, cancellationToken));
        var others = catalog.Images.SelectMany(image => image.Regions).Where(other => other != region).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

        // The first call also sets the clock, by which everything else is judged.
        var account = await AccountReader.CallerAsync(calls, region, cancellationToken);
        var scope = new DoctorScope(catalog, settings.Stack, [region, .. others], settings.Reconcile, clock.GetUtcNow());
        var facts =
            await new AccountReader(calls, clients.ImageBuilder, scope).ReadAsync(account, clock.IsVirtual ? TimeSpan.Zero : -clock.Ahead, cancellationToken);
        IReadOnlyList<Diagnosis> lines =
        [
            .. AccountChecks.Check(scope, facts), .. RegistryChecks.Check(scope, facts), .. BaseChecks.Check(facts), .. PipelineChecks.Check(scope, facts),
            .. HoldChecks.Check(scope, facts), .. StackChecks.Check(scope, facts),
        ];
        JsonOutput.Write(context, target.Output, lines, JsonOutput.Node, () => Table(lines));
        return lines.Any(line => line.Health == Health.Fault) ? ExitCodes.Failed : ExitCodes.Done;
    }

    // cdk.json says how the stack is deployed; the options of the command come first. Outside the repository the deployed stack is examined.
    private static (string Stack, string Prefix, string Reconcile) CdkSettings(Target target, CommandContext context)
    {
        var workspace = Workspace.TryFind(context.Folder);
        var prefix = target.Prefix.Length > 0 ? target.Prefix : workspace?.Context("prefix") ?? "";
        return (target.Stack ?? StackName.Of(prefix, workspace?.Context("stackName")), prefix, workspace?.Context("reconcile") ?? DefaultReconcile);
    }

    private static Report Table(IReadOnlyList<Diagnosis> lines)
    {
        var report = new Report("Area", "State", "Finding");
        foreach (var line in lines)
        {
            var (word, style) = line.Health switch
            {
                Health.Ok => ("ok", "green"),
                Health.Warning => ("warning", "yellow"),
                _ => ("fault", "red"),
            };
            report.Add(line.Area, word, line.Advice is null ? line.Text : $"{line.Text}. -> {line.Advice}", style);
        }

        return report;
    }
}
