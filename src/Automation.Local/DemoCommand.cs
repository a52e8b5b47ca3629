using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Automation.Cli;
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
    /// <summary>The shipped catalog, except that retention deletes instead of reporting, so that there is something to see. A test keeps the two in step.</summary>
    public const string Catalog = "src/Automation.Local/Demo/catalog.json";

    public static Command Create(CommandContext context)
    {
        var native = new Option<bool>("--aot") { Description = "Run the functions as the deployed native binary" };
        var command = new Command("demo", LocalTool.SummaryOf("demo")) { native };
        command.SetAction((result, cancellationToken) => RunAsync(context, result.GetValue(native), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, bool native, CancellationToken cancellationToken)
    {
        var console = context.Console;
        var start = context.Time.GetTimestamp();
        var phases = new Phases(console, context.Time);
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Mode = ClockMode.Held, Drive = false }, cancellationToken);
        var outputs = await new StackDeployment(context, phases).DeployAsync(host, new StackChoice { Native = native, Catalog = Catalog }, PackagedStack.Demo, cancellationToken);

        var told = context.Time.GetTimestamp();
        var timeline = new Timeline(console);
        host.Cloud.Run(() => host.Cloud.Journal.Written += timeline.On);
        using var fleet = new Fleet(host.Endpoint, outputs["StateMachineArn"]);
        await new Story(host, fleet, timeline).ReportAsync(cancellationToken);

        timeline.Chapter("The end state");
        var state = await EndState.ReadAsync(fleet, cancellationToken);
        console.Write(state.Table());
        var faults = state.Faults();
        var memory = string.Create(CultureInfo.InvariantCulture, $"{Process.GetCurrentProcess().WorkingSet64 / 1048576} MiB");
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"[grey]{context.Time.GetElapsedTime(start).TotalSeconds:0.0} s, of which the story {context.Time.GetElapsedTime(told).TotalSeconds:0.0} s; cloud {memory}, {host.Functions.ProcessCount} function processes[/]");
        if (faults.Count == 0)
        {
            console.MarkupLine("[green]All checks passed.[/]");
            return 0;
        }

        foreach (var fault in faults)
        {
            console.MarkupLineInterpolated($"[red]not as expected: {fault}[/]");
        }

        return 1;
    }
}
