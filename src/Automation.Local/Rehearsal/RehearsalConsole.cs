using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Rehearsal;

/// <summary>
/// The console over the cloud of a rehearsal, as it is at the end of the last day. Its first page is the rehearsal; the others read the cloud like those of
/// any account. It is read-only, because nothing happens in the cloud any more.
/// </summary>
internal sealed class RehearsalConsole : IAsyncDisposable
{
    private readonly LocalConsole _console;
    private readonly LoopbackHost _host;

    private RehearsalConsole(LocalConsole console, LoopbackHost host)
    {
        (_console, _host) = (console, host);
    }

    /// <summary>The address for the person who started the command.</summary>
    public string Address => _console.AddressOn(_host.Endpoint);

    /// <param name="rehearsed">The cloud of the wanted catalog.</param>
    /// <param name="port">0 means any free port.</param>
    /// <exception cref="CommandException">The port is in use.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the console, and a failure disposes of it")]
    public static async Task<RehearsalConsole> StartAsync(
        CommandContext context, RehearsedCloud rehearsed, RehearsalDocument document, string prefix, int port, CancellationToken cancellationToken)
    {
        var console = new LocalConsole(context, allowActions: false, View(rehearsed, document));
        try
        {
            var host = await LoopbackHost.StartAsync(
                rehearsed.Cloud, new LoopbackOptions { Port = port, Site = console.TryAnswerAsync }, cancellationToken: cancellationToken);
            console.Show(host.Endpoint, document.Region, rehearsed.CatalogFile, prefix);
            return new RehearsalConsole(console, host);
        }
        catch (Exception e)
        {
            await console.DisposeAsync();
            if (e is IOException or SocketException)
            {
                throw new CommandException($"Port {port} of 127.0.0.1 cannot be used: {e.Message} Choose another one with --port.");
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _console.DisposeAsync();
    }

    /// <summary>The document of the command, with what every view of the console has: the place and its time.</summary>
    private static JsonObject View(RehearsedCloud rehearsed, RehearsalDocument document)
    {
        var view = JsonNode.Parse(document.ToJson())!.AsObject();
        view["place"] = new JsonObject
        {
            ["account"] = document.Account,
            ["region"] = document.Region,
            ["now"] = rehearsed.Cloud.Run(() => rehearsed.Cloud.Clock.Now),
            ["virtual"] = true,
            ["images"] = new JsonArray([.. rehearsed.Catalog.Images.Select(image => JsonValue.Create(image.Name))]),
        };
        return view;
    }
}
