using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Automation.Cli;
using Automation.Core.Images;
using Automation.Local.Deployment;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Storage;

namespace Automation.Local;

/// <summary><c>automation cloud</c>: keeps the embedded cloud running for any AWS client, until Ctrl-C or SIGTERM.</summary>
internal static class CloudCommand
{
    public static Command Create(CommandContext context)
    {
        var port = PortOption();
        var address = new Option<string>("--address") { Description = "Address to listen on; any address other than loopback opens it to the network", DefaultValueFactory = _ => "127.0.0.1" };
        var noStack = new Option<bool>("--no-stack") { Description = "Start empty, without building and deploying the stack" };
        var native = new Option<bool>("--aot") { Description = "Run the functions as the deployed native binary" };
        var state = new Option<string?>("--state") { Description = "Store all state in this folder" };
        var region = new Option<string>("--region") { Description = "Region of the stack", DefaultValueFactory = _ => "us-east-1" };
        var held = new Option<bool>("--hold-clock") { Description = "Let virtual time pass only on POST /_automation/clock" };
        var strict = new Option<bool>("--check-parent-images") { Description = "Refuse a container recipe whose parent image is not in the registry; implies --no-stack" };
        var command = new Command("cloud", LocalTool.SummaryOf("cloud")) { port, address, noStack, native, state, region, held, strict };
        command.SetAction(async (result, cancellationToken) =>
        {
            var workspace = result.GetValue(noStack) || result.GetValue(strict) ? null : Workspace.Find(context.Folder);
            var options = new CloudHostOptions
            {
                Port = result.GetValue(port),
                Address = ParseAddress(result.GetValue(address)!),
                Mode = result.GetValue(held) ? ClockMode.Held : null,
                Journal = entry => Print(context, entry),
                Cloud = new CloudOptions { Region = ParseRegion(result.GetValue(region)!), ChecksParentImages = result.GetValue(strict) },
            };
            var folder = result.GetValue(state) is { } given ? Path.Combine(context.Folder, given) : null;
            await using var host = await StartAsync(options, folder, cancellationToken);
            await RunAsync(context, host, workspace, result.GetValue(native), cancellationToken);
            return 0;
        });
        return command;
    }

    private static Option<int> PortOption() => new("--port")
    {
        Description = "Port to listen on; 0 means any free port",
        DefaultValueFactory = _ => 4566,
        CustomParser = result =>
        {
            if (ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            result.AddError($"--port must be 0 to {ushort.MaxValue}, not '{result.Tokens[0].Value}'.");
            return 0;
        },
    };

    /// <summary>Opens the port and the state before a build that takes minutes.</summary>
    /// <param name="folder">The folder of the state; null means in memory.</param>
    private static async Task<CloudHost> StartAsync(CloudHostOptions options, string? folder, CancellationToken cancellationToken)
    {
        ICloudStore store;
        try
        {
            store = folder is null ? new MemoryStore() : new SqliteStore(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"--state {folder} cannot be used: {e.Message}");
        }

        try
        {
            return await CloudHost.StartAsync(options with { Cloud = options.Cloud with { Store = store } }, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException($"Port {options.Port} of {options.Address} cannot be used: {e.Message} Choose another one with --port.");
        }
    }

    /// <param name="workspace">The repository in which the stack is built; null means no stack.</param>
    private static async Task RunAsync(CommandContext context, CloudHost host, Workspace? workspace, bool native, CancellationToken cancellationToken)
    {
        var assembly = workspace is null ? null : await new StackBuild(workspace).BuildAsync(native, context.Error.WriteLine, cancellationToken);
        if (assembly is not null)
        {
            foreach (var (name, value) in await CdkCli.DeployAsync(host, assembly, context.Error.WriteLine, cancellationToken))
            {
                await context.Output.WriteLineAsync($"{name} {value}");
            }
        }

        await context.Output.WriteLineAsync($"ready {host.Endpoint.ToString().TrimEnd('/')}");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // After Ctrl-C or SIGTERM, disposing the host ends the functions.
        }
    }

    private static void Print(CommandContext context, JournalEntry entry)
    {
        if (entry.Kind is not ("function-log" or "state-entered"))
        {
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Time:yyyy-MM-dd HH:mm:ss} {entry.Source,-12} {entry.Text}"));
        }
    }

    private static IPAddress ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new CommandException($"--address {text} is not a valid IP address.");

    private static string ParseRegion(string text) => RegionName.IsValid(text) ? text : throw new CommandException($"--region: {RegionName.Fault(text)}");
}
