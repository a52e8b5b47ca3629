using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.Cli.Commands;
using Automation.Cli.Deployment;
using Automation.Cli.EmbeddedCloud;
using Automation.Cli.Reports;
using Automation.Core.Builds;
using Automation.Core.Catalog;
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
        var address = new Option<string>("--address")
        {
            Description = "Address to listen on; any address other than loopback opens it to the network",
            DefaultValueFactory = _ => "127.0.0.1"
        };
        var noStack = new Option<bool>("--no-stack") { Description = "Start empty, without building and deploying the stack" };
        var native = new Option<bool>("--aot") { Description = "Run the functions as the deployed native binary" };
        var state = TargetOptions.File("--state", "Store all state in this folder");
        var catalog = TargetOptions.File("--catalog", "The deployed catalog; without it, the one that cdk.json names");
        var region = TargetOptions.Region($"Region of the stack; without it that of the profile, or {PackagedStack.Region}");
        var profile = TargetOptions.Profile("Profile of the AWS configuration; gives the Region and nothing else");
        var output = OutputOption();
        var held = new Option<bool>("--hold-clock") { Description = "Let virtual time pass only on POST /_automation/clock" };
        var strict = new Option<bool>("--check-parent-images")
        {
            Description = "Refuse a container recipe whose parent image is not in the registry; implies --no-stack"
        };
        var actions = ConsoleCommand.AllowActions();
        var command = new Command("cloud", LocalTool.SummaryOf("cloud"))
        {
            port, address, noStack, catalog, native, state, output, profile, region, held, strict, actions
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var place = Endpoints.CheckRegion(
                result.GetValue(region) ?? (result.GetValue(profile) is { } name ? Profiles.RegionOf(name) : null) ?? PackagedStack.Region);
            var lines = result.GetValue(output) == OutputFormat.Ndjson;
            var choice = result.GetValue(noStack) || result.GetValue(strict) ? null : new StackChoice
            {
                Native = result.GetValue(native),
                Catalog = CatalogFile(context, result.GetValue(catalog)),
                Region = place,
            };
            if (choice is null && result.GetValue(catalog) is not null)
            {
                throw new CommandException("--catalog is for a stack: leave out --no-stack and --check-parent-images.");
            }

            var catalogFile = choice is null ? null : DeployedCatalog(context, choice);

            // During the deployment only its phases are shown.
            var deploying = choice is not null;
            var story = new CloudStory(place);
            await using var console = new LocalConsole(context, result.GetValue(actions));
            var options = new CloudHostOptions
            {
                Port = result.GetValue(port),
                Address = ParseAddress(result.GetValue(address)!),
                Mode = result.GetValue(held) ? ClockMode.Held : null,
                Site = console.TryAnswerAsync,
                Journal = entry =>
                {
                    if (!deploying)
                    {
                        Print(context, entry, lines ? null : story);
                    }
                },
                Cloud = new CloudOptions { Region = place, ChecksParentImages = result.GetValue(strict) },
            };
            var folder = result.GetValue(state) is { } given ? Path.Combine(context.Folder, given) : null;
            await using var host = await StartAsync(options, folder, cancellationToken);
            var images = catalogFile is null ? null : ReadCatalog(catalogFile, Workspace.TryFind(context.Folder)?.Context("prefix") ?? "");
            if (choice is not null)
            {
                await DeployAsync(context, host, choice, lines, cancellationToken);
                deploying = false;
            }

            console.Show(host, catalogFile);
            await context.Output.WriteLineAsync(lines
                ? JsonOutput.Line(
                    new JsonObject
                    {
                        ["kind"] = "ready",
                        ["endpoint"] = Endpoints.Text(host.Endpoint),
                        ["console"] = console.AddressOn(host.Endpoint),
                        ["region"] = place,
                        ["account"] = host.Cloud.Options.AccountId
                    })
                : $"ready {Endpoints.Text(host.Endpoint)}");
            if (!lines)
            {
                await context.Output.WriteLineAsync(
                    Banner.Of(
                        host.Endpoint, host.Cloud.Options, images, console.AddressOn(host.Endpoint), Others(options.Address), OperatorTool(context)));
            }

            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C or SIGTERM: disposing the host ends the functions.
            }

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
        if (File.Exists(folder))
        {
            throw new CommandException($"--state {folder} is a file; name a folder.");
        }

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
            var remedy = LacksAddress(e) ? "--address must be one of this machine's." : "Choose another one with --port.";
            throw new CommandException($"Port {options.Port} of {options.Address} cannot be used: {e.Message.TrimEnd('.')}. {remedy}");
        }
    }

    private static bool LacksAddress(Exception? failure) =>
        failure is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } || (failure is not null && LacksAddress(failure.InnerException));

    // The cloud runs until it is stopped, so a JSON array would never be closed.
    private static Option<OutputFormat> OutputOption()
    {
        var output = OutputFormats.Option();
        output.Description = "table for people, ndjson for one object per event; the cloud does not end, so json is refused";
        output.HelpName = "table|ndjson";
        output.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "json" }])
            {
                result.AddError("--output json is one array at the end, and the cloud does not end: use ndjson.");
            }
        });
        return output;
    }

    private static async Task DeployAsync(CommandContext context, CloudHost host, StackChoice choice, bool lines, CancellationToken cancellationToken)
    {
        var start = context.Time.GetTimestamp();
        var outputs =
            await new StackDeployment(context, Phases.On(context.Error, context.Time)).DeployAsync(host, choice, PackagedStack.Shipped, cancellationToken);
        foreach (var (name, value) in lines ? outputs : new Dictionary<string, string>())
        {
            await context.Output.WriteLineAsync(JsonOutput.Line(new JsonObject { ["kind"] = "output", ["name"] = name, ["value"] = value }));
        }

        await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{context.Time.GetElapsedTime(start).TotalSeconds:0.0} s in all"));
    }

    private static string? CatalogFile(CommandContext context, string? given)
    {
        var file = given is null ? null : Path.GetFullPath(Path.Combine(context.Folder, given));
        return file is null || File.Exists(file) ? file
            : throw new CommandException(Directory.Exists(file) ? $"The catalog cannot be read: {file} is a folder." : $"There is no catalog {file}.");
    }

    /// <exception cref="CommandException">There is neither a clone nor a packaged stack, or the user's own catalog must be synthesised but there is no
    /// clone.</exception>
    private static string DeployedCatalog(CommandContext context, StackChoice choice) =>
        Workspace.TryFind(context.Folder) is { } workspace ? choice.Catalog ?? workspace.CatalogFile
        : choice.Catalog is not null ? throw new CommandException("--catalog needs the CDK app: run this in a clone of the repository.")
        : Path.Combine(PackagedStack.Find(PackagedStack.Shipped, choice.Region).Functions, "catalog.json");

    /// <summary>A catalog with faults is refused before anything is built.</summary>
    private static ImageCatalog ReadCatalog(string file, string prefix)
    {
        try
        {
            return ImageCatalog.Parse(Connection.ReadText(file), prefix);
        }
        catch (CatalogException e)
        {
            var why = e.Faults is [var only] ? $"line {only.Line}: {$"{only.Member} {only.Text}".Trim()}" : e.Message;
            throw new CommandException($"The catalog {file} cannot be deployed: {why}");
        }
    }

    /// <param name="story">Null for programs, which get every entry.</param>
    private static void Print(CommandContext context, JournalEntry entry, CloudStory? story)
    {
        var happened = CloudEvents.Of(entry);
        if (story is null)
        {
            if (!happened.IsDetail)
            {
                context.Output.WriteLine(JsonOutput.Line(
                    new JsonObject { ["kind"] = entry.Kind, ["at"] = BuildTags.Format(entry.Time), ["source"] = entry.Source, ["text"] = entry.Text }));
            }

            return;
        }

        foreach (var line in story.Of(happened, everything: true))
        {
            var head = string.Create(CultureInfo.InvariantCulture, $"{line.Time:yyyy-MM-dd HH:mm:ss} {line.Who.PadRight(CloudStory.WhoWidth)} ");
            foreach (var part in Wrapping.Hang(head, line.Text, context.Columns))
            {
                context.Output.WriteLine(part);
            }
        }
    }

    /// <summary>The operator's program that was built together with this one in a clone; null if it is not there, or if the shell finds one.</summary>
    private static string? OperatorTool(CommandContext context)
    {
        var own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var built = Path.GetFullPath(Path.Combine(own, "..", "..", "Automation.Cli", Path.GetFileName(own), "automation"));
        var found = (context.Variable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "automation")));
        return !found && File.Exists(built) ? built : null;
    }

    /// <summary>The addresses of this machine in its networks, if the cloud listens on all of them.</summary>
    private static List<IPAddress> Others(IPAddress listens) => listens.Equals(IPAddress.Any) || listens.Equals(IPAddress.IPv6Any)
        ? [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(address => address.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork)]
        : [];

    private static IPAddress ParseAddress(string text) =>
        // .NET reads 1.2.3 as 1.2.0.3.
        IPAddress.TryParse(text, out var address) && (address.AddressFamily != AddressFamily.InterNetwork || address.ToString() == text)
            ? address
            : throw new CommandException($"--address {text} is not a valid IP address{(text == "localhost" ? "; did you mean 127.0.0.1?" : ".")}");
}
