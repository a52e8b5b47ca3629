using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Cli.Web;

namespace Automation.Cli.Commands;

/// <summary><c>automation console</c>: a web page on this machine that shows the fleet, until Ctrl-C. Read-only without --allow-actions.</summary>
internal static class ConsoleCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var port = new Option<int>("--port")
        {
            Description = "Port to listen on, only on this machine; 0 means any free port",
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
        var actions = AllowActions();
        var print = new Option<string?>("--print")
        {
            Description = "Only print the document of a view: fleet, live, retention, image/NAME, compare/NAME/BUILD or compare/NAME/BUILD/BUILD",
            HelpName = "view",
        };
        var command = new Command("console", "Shows fleet, builds, executions and retention on a web page of this machine") { port, actions, print };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => result.GetValue(print) is { } view
            ? PrintAsync(context, target.Read(result, context), view, cancellationToken)
            : ServeAsync(context, target.Read(result, context), result.GetValue(port), result.GetValue(actions), cancellationToken));
        return command;
    }

    public static Option<bool> AllowActions() => new("--allow-actions")
    {
        Description = "Let the page build, promote, roll back, hold, approve, reject and report a prune; without this option it only shows",
    };

    private static async Task<int> PrintAsync(CommandContext context, Target target, string view, CancellationToken cancellationToken)
    {
        await using var views = new ViewSource(token => Connection.OpenAsync(target, context, token), context.Time);
        var document = await views.ReadAsync(view, cancellationToken);
        await context.Output.WriteLineAsync(target.Output == OutputFormat.Ndjson ? JsonOutput.Line(document) : JsonOutput.Indented(document));
        return ExitCodes.Done;
    }

    private static async Task<int> ServeAsync(CommandContext context, Target target, int port, bool allowActions, CancellationToken cancellationToken)
    {
        // A mistake in the options is reported here and not on the page.
        (await Connection.OpenAsync(target, context, cancellationToken)).Dispose();
        await using var views = new ViewSource(token => Connection.OpenAsync(target, context, token), context.Time);
        var site = new ConsoleSite("", ConsoleAccess.Create(), views, allowActions ? new ConsoleActions(context, () => target) : null);
        await using var server = await StartAsync(site, port, cancellationToken);
        if (ConsoleAssets.Missing is { } missing)
        {
            await context.ComplainAsync(missing);
        }

        var address = site.AddressOn(server.Address);
        await context.Output.WriteLineAsync(target.Output == OutputFormat.Table
            ? $"Open {address}\n{(allowActions ? "Actions are allowed. " : "Read-only; --allow-actions lets the page act. ")}Ctrl-C ends the console."
            : JsonOutput.Line(new JsonObject { ["kind"] = "ready", ["address"] = address, ["allowActions"] = allowActions }));
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C or SIGTERM is the usual end.
        }

        return ExitCodes.Done;
    }

    private static async Task<ConsoleServer> StartAsync(ConsoleSite site, int port, CancellationToken cancellationToken)
    {
        try
        {
            return await ConsoleServer.StartAsync(site, port, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException($"Port {port} of 127.0.0.1 cannot be used: {e.Message} Choose another one with --port.");
        }
    }
}
