using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Local.Demo;
using Automation.Local.Deployment;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Spectre.Console;

namespace Automation.Local;

/// <summary>
/// <c>automation demo</c>: the whole system on one machine. It builds the functions, synthesises the CDK app, deploys it with the CDK
/// CLI to the embedded cloud, and plays eleven virtual days of a small fleet. The exit code is 0 only if all checks of the end state pass.
/// </summary>
internal static class DemoCommand
{
    /// <summary>The shipped catalog, except that retention deletes instead of reporting, so that there is something to see. A test keeps the two in
    /// step.</summary>
    public const string Catalog = "src/Automation.Local/Demo/catalog.json";

    /// <summary>How long each chapter waits before it begins if people watch it on the page.</summary>
    private static readonly TimeSpan ChapterPause = TimeSpan.FromSeconds(8);

    public static Command Create(CommandContext context)
    {
        var native = new Option<bool>("--aot") { Description = "Run the functions as the deployed native binary" };
        var output = OutputFormats.Option();
        var console = new Option<bool>("--console")
        {
            Description = "Show the story on a web page of this machine too, more slowly, and keep the page until Ctrl-C",
        };
        var region = TargetOptions.Region($"Accepted as in every command; the story plays in {PackagedStack.Region}, and another Region is refused");
        var profile = TargetOptions.Profile("Accepted as in every command; the demo needs no account");
        region.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var other }] && other != PackagedStack.Region)
            {
                result.AddError(
                    $"--region {other}: the demo plays in {PackagedStack.Region} on this machine. automation cloud --region {other} deploys your catalog there.");
            }
        });
        var command = new Command("demo", LocalTool.SummaryOf("demo")) { native, console, output, profile, region };
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, result.GetValue(native), result.GetValue(console), result.GetValue(output), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, bool native, bool showConsole, OutputFormat output, CancellationToken cancellationToken)
    {
        var start = context.Time.GetTimestamp();
        using var narration = output == OutputFormat.Table ? null : new Narration(context, output);
        var phases = narration is null ? new Phases(context.Console, context.Time) : Phases.On(context.Error, context.Time);
        await using var console = showConsole ? new LocalConsole(context, allowActions: false) : null;
        await using var host = await CloudHost.StartAsync(
            new CloudHostOptions { Mode = ClockMode.Held, Drive = false, Site = console is null ? null : console.TryAnswerAsync }, cancellationToken);
        var outputs = await new StackDeployment(context, phases).DeployAsync(
            host, new StackChoice { Native = native, Catalog = Catalog }, PackagedStack.Demo, cancellationToken);

        if (console is not null)
        {
            console.Show(host, Workspace.TryFind(context.Folder) is { } workspace ? Path.Combine(workspace.Root, Catalog) : null);
            await SayAsync(context, narration, "console", $"Open {console.AddressOn(host.Endpoint)} to watch.");
        }

        var told = context.Time.GetTimestamp();
        var timeline = new Timeline(context.Console, narration, PackagedStack.Region);
        host.Cloud.Run(() => host.Cloud.Journal.Written += timeline.On);
        using var fleet = new Fleet(host.Endpoint, outputs["StateMachineArn"]);
        await new Story(host, fleet, timeline, console is null ? null : token => Task.Delay(ChapterPause, context.Time, token)).ReportAsync(cancellationToken);

        timeline.Chapter("The end state");
        var state = await EndState.ReadAsync(fleet, cancellationToken);
        var faults = state.Faults();
        var memory = string.Create(CultureInfo.InvariantCulture, $"{Process.GetCurrentProcess().WorkingSet64 / 1048576} MiB");
        var took = string.Create(
            CultureInfo.InvariantCulture,
            $"{context.Time.GetElapsedTime(start).TotalSeconds:0.0} s, of which the story {context.Time.GetElapsedTime(told).TotalSeconds:0.0} s; cloud {memory}, {host.Functions.ProcessCount} function processes");
        Tell(context.Console, narration, state, faults, took);
        if (console is not null)
        {
            await SayAsync(context, narration, "console", $"The console stays at {Endpoints.Text(host.Endpoint)}/console until Ctrl-C.");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C is the usual end.
            }
        }

        return faults.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static async Task SayAsync(CommandContext context, Narration? narration, string kind, string text)
    {
        if (narration is not null)
        {
            narration.Say(kind, text);
        }
        else
        {
            await context.Output.WriteLineAsync(text);
        }
    }

    private static void Tell(IAnsiConsole console, Narration? narration, EndState state, IReadOnlyList<string> faults, string took)
    {
        if (narration is not null)
        {
            foreach (var row in state.Rows())
            {
                narration.Add(
                    new JsonObject { ["kind"] = "image", ["image"] = row[0], ["build"] = row[1], ["digest"] = row[2], ["tags"] = row[3], ["state"] = row[4] });
            }

            foreach (var fault in faults)
            {
                narration.Say("fault", fault);
            }

            narration.Say("ended", faults.Count == 0 ? "All checks passed." : "Not all checks passed.");
            return;
        }

        console.Write(state.Table());
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{took}[/]");
        foreach (var fault in faults)
        {
            console.MarkupLineInterpolated($"[red]not as expected: {fault}[/]");
        }

        if (faults.Count == 0)
        {
            console.MarkupLine("[green]All checks passed.[/]");
            console.WriteLine("Next: automation init --new my.json writes a catalog of yours; automation cloud --catalog my.json runs it here.");
        }
    }
}
