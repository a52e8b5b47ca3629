using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.Cli.Deployment;
using Automation.Cli.Web;
using Automation.LocalCloud.Hosting;
using Microsoft.AspNetCore.Http;

namespace Automation.Local;

/// <summary>The console of <c>automation console</c> on the port of an embedded cloud, at <c>/console</c>. It calls the cloud like any other client.</summary>
internal sealed class LocalConsole : IAsyncDisposable
{
    private const string Path = "/console";

    private readonly ViewSource _views;
    private readonly ConsoleSite _site;
    private Target? _target;

    /// <param name="rehearsal">The view of a rehearsal; null for a cloud that is none.</param>
    public LocalConsole(CommandContext context, bool allowActions, JsonObject? rehearsal = null)
    {
        // The settings of an AWS account do not concern this cloud.
        var own = context with { Variable = _ => null };
        _views = new ViewSource(token => Connection.OpenAsync(Deployed(), own, token), context.Time, rehearsal);
        _site = new ConsoleSite(Path, ConsoleAccess.Create(), _views, allowActions ? new ConsoleActions(own, Deployed) : null);
    }

    /// <summary>Answers a request for the console. False for every other request.</summary>
    public async Task<bool> TryAnswerAsync(HttpContext context)
    {
        if (!_site.Takes(context.Request))
        {
            return false;
        }

        await _site.AnswerAsync(context);
        return true;
    }

    /// <summary>Sets what the console shows.</summary>
    /// <param name="catalog">The file of the deployed catalog; null means the one in the deployed stack.</param>
    public void Show(CloudHost host, string? catalog) => Show(host.Endpoint, host.Cloud.Options.Region, catalog);

    /// <param name="prefix">The prefix that the stack was deployed with.</param>
    public void Show(Uri endpoint, string region, string? catalog, string prefix = "") =>
        _target = new Target(Endpoints.Text(endpoint), null, null, prefix, catalog) { Region = region };

    /// <summary>The address for the person who started the cloud.</summary>
    public string AddressOn(Uri endpoint) => _site.AddressOn(endpoint);

    public ValueTask DisposeAsync() => _views.DisposeAsync();

    private Target Deployed() => _target ?? throw new CommandException("The stack is not deployed yet.");
}
