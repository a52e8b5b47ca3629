using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Automation.Cli;
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
        var port = new Option<int>("--port") { Description = "Port to listen on; 0 takes a free one", DefaultValueFactory = _ => 4566 };
        var address = new Option<string>("--address") { Description = "Address to listen on; anything but loopback opens it to the network", DefaultValueFactory = _ => "127.0.0.1" };
        var noStack = new Option<bool>("--no-stack") { Description = "Start empty, without building and deploying the stack" };
        var native = new Option<bool>("--aot") { Description = "Run the functions as the native binary that is deployed" };
        var state = new Option<DirectoryInfo?>("--state") { Description = "Keep everything in this folder" };
        var region = new Option<string>("--region") { Description = "Region of the stack", DefaultValueFactory = _ => "us-east-1" };
        var held = new Option<bool>("--hold-clock") { Description = "Let virtual time pass only on POST /_automation/clock" };
        var strict = new Option<bool>("--check-parent-images") { Description = "Refuse a container recipe whose parent image is not in the registry; implies --no-stack" };
        var command = new Command("cloud", LocalTool.SummaryOf("cloud")) { port, address, noStack, native, state, region, held, strict };
        command.SetAction((result, cancellationToken) => RunAsync(
            context,
            new CloudHostOptions
            {
                Port = result.GetValue(port),
                Address = ParseAddress(result.GetValue(address)!),
                Mode = result.GetValue(held) ? ClockMode.Held : null,
                Cloud = new CloudOptions
                {
                    Region = result.GetValue(region)!,
                    ChecksParentImages = result.GetValue(strict),
                    Store = result.GetValue(state) is { } folder ? new SqliteStore(folder.FullName) : new MemoryStore(),
                },
            },
            !result.GetValue(noStack) && !result.GetValue(strict),
            result.GetValue(native),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CloudHostOptions options, bool withStack, bool native, CancellationToken cancellationToken)
    {
        var assembly = withStack
            ? await new StackBuild(Workspace.Find(context.Folder)).BuildAsync(native, Console.Error.WriteLine, cancellationToken)
            : null;
        CloudHost host;
        try
        {
            host = await CloudHost.StartAsync(options, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException($"Port {options.Port} cannot be used: {e.Message} Choose another one with --port.");
        }

        await using (host)
        {
            host.Cloud.Run(() => host.Cloud.Journal.Written += Print);
            if (assembly is not null)
            {
                foreach (var (name, value) in await CdkCli.DeployAsync(host, assembly, Console.Error.WriteLine, cancellationToken))
                {
                    Console.WriteLine($"{name} {value}");
                }
            }

            Console.WriteLine($"ready {host.Endpoint.ToString().TrimEnd('/')}");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C or SIGTERM: the host below ends the functions.
            }
        }

        return 0;
    }

    private static void Print(JournalEntry entry)
    {
        if (entry.Kind is not ("function-log" or "state-entered"))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Time:yyyy-MM-dd HH:mm:ss} {entry.Source,-12} {entry.Text}"));
        }
    }

    private static IPAddress ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new CommandException($"--address {text} is no IP address.");
}
