using System.Net;
using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.Cli.Tests.Web;
using Automation.Core.Catalog;
using Automation.Local.Rehearsal;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Import;
using Automation.LocalCloud.Ports;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>The console of <c>rehearse --console</c>: the page of the rehearsal, and the account as it would be at its end.</summary>
[Trait("Category", "Slow")]
public sealed class RehearsalConsoleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rehearsal-console-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Page_ShowsDaysReasonsTotalsDifferenceAndTheAccountAtTheEnd()
    {
        await using var shown = await Shown.StartAsync(_folder.FullName);

        var page = await Browser.RunAsync("rehearsal", shown.Console.Address);

        Assert.Equal([], Texts(page["faults"]));
        Assert.StartsWith("4 days of Automation from 2026-", Texts(page["heading"]).Single(), StringComparison.Ordinal);
        Assert.Contains(Texts(page["tiles"]), tile =>
            tile.StartsWith("blocked", StringComparison.Ordinal) && tile.Contains("deployed catalog: 0", StringComparison.Ordinal));
        Assert.Contains(Texts(page["differs"]), row =>
            row.StartsWith("+ changed", StringComparison.Ordinal) && row.Contains("blocked", StringComparison.Ordinal));
        Assert.Contains(Texts(page["differs"]), row =>
            row.Contains("deployed", StringComparison.Ordinal) && row.Contains("promoted", StringComparison.Ordinal));
        Assert.Equal(4, Texts(page["days"]).Count());
        Assert.Contains(Texts(page["days"]), day => day.StartsWith("Day 2", StringComparison.Ordinal) && day.Contains("build", StringComparison.Ordinal));
        Assert.Contains(Texts(page["rows"]), row => row.Contains("golden/base:stable is", StringComparison.Ordinal));
        Assert.Contains("--forbid", Texts(page["forbidden"]).Single(), StringComparison.Ordinal);
        Assert.All(Texts(page["blocked"]), row => Assert.Contains("blocked", row, StringComparison.Ordinal));
        Assert.NotEmpty(Texts(page["blocked"]));
        Assert.Equal(["No decision fits."], Texts(page["none"]));
        Assert.Equal(["A new image has the findings of the newest scanned image of its repository."], Texts(page["notes"]));
        Assert.Contains(Texts(page["cards"]), card => card.Contains("blocked", StringComparison.Ordinal));
        Assert.Contains(Texts(page["events"]), each =>
            each.Contains("golden/base", StringComparison.Ordinal) || each.Contains("runtime/1.0.0", StringComparison.Ordinal));
        Assert.EndsWith("virtual", Texts(page["clock"]).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryPage_FitsBothWidthsAndHasContrastInBothSchemes()
    {
        await using var shown = await Shown.StartAsync(_folder.FullName);

        var page = await Browser.RunAsync("looks", shown.Console.Address, "rehearsal", "fleet", "live", "retention");

        Assert.Equal([], Texts(page["faults"]));
        Assert.Equal([], Texts(page["wide"]));
        Assert.Equal([], Texts(page["weak"]));
    }

    /// <summary>The page shows the document that the command prints, and can change nothing.</summary>
    [Fact]
    public async Task View_IsTheDocumentOfTheCommandAndReadOnly()
    {
        await using var shown = await Shown.StartAsync(_folder.FullName);
        var host = new Uri(new Uri(shown.Console.Address).GetLeftPart(UriPartial.Authority));
        using var http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = host };
        using var entry = await http.GetAsync(new Uri(shown.Console.Address), Token);

        var session = JsonNode.Parse(await http.GetStringAsync(new Uri("/console/api/session", UriKind.Relative), Token))!;
        var view = JsonNode.Parse(await http.GetStringAsync(new Uri("/console/api/view/rehearsal", UriKind.Relative), Token))!["view"]!.AsObject();
        using var build = new StringContent("""{"action":"build","image":"app"}""");
        using var action = await http.PostAsync(new Uri("/console/api/action", UriKind.Relative), build, Token);

        view.Remove("place");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(shown.Document.ToJson()), view));
        Assert.Equal((true, false), (session["rehearsal"]!.GetValue<bool>(), session["allowActions"]!.GetValue<bool>()));
        Assert.Equal(HttpStatusCode.Forbidden, action.StatusCode);
    }

    [Fact]
    public async Task PortInUse_IsRefusedWithOneLine()
    {
        await using var shown = await Shown.StartAsync(_folder.FullName);
        var port = new Uri(shown.Console.Address).Port;

        var error = await Assert.ThrowsAsync<CommandException>(() => shown.StartAgainAsync(port));

        Assert.StartsWith($"Port {port} of 127.0.0.1 cannot be used:", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(text => text!.ToString());

    /// <summary>Four days with the deployed and with a stricter catalog, which blocks a release.</summary>
    private sealed class Shown(RehearsedCloud[] clouds, RehearsalDocument document, RehearsalConsole console) : IAsyncDisposable
    {
        public RehearsalConsole Console => console;

        public RehearsalDocument Document => document;

        private static CommandContext Context => CommandContext.OfProcess() with { Variable = _ => null, Folder = Path.GetTempPath() };

        public static async Task<Shown> StartAsync(string folder)
        {
            var text = TestCloud.CatalogOf("Automation");
            var fleet = await TestCloud.StartAsync(text: text.Replace("\"HIGH\"", "\"CRITICAL\"", StringComparison.Ordinal));
            AccountState state;
            await using (var cloud = fleet.Cloud)
            {
                await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding("CVE-2026-0815", "HIGH", "openssl")])]);
                await fleet.PushAndSettleAsync("12.1");
                state = await RehearsalFixture.ReadAsync(cloud);
            }

            Move[] moves = [new Move.Push("golden/base", null, 2), new Move.Fail("runtime", 4), new Move.Push("golden/base", null, 4)];
            var plan = new RehearsalPlan(4, moves, OnlyTold: true);
            var runner = new RehearsalRunner(state, plan, folder);
            var store = runner.Import();
            RehearsedCatalog[] catalogs =
            [
                new("deployed", state.Catalog, []),
                new("changed", state.Catalog.Replace("\"CRITICAL\"", "\"HIGH\"", StringComparison.Ordinal), []),
            ];
            var clouds = catalogs.Select(catalog => runner.Open(store, catalog)).ToArray();
            var results = new List<RehearsalResult>();
            foreach (var (cloud, catalog) in clouds.Zip(catalogs))
            {
                results.Add(await runner.RunAsync(cloud, catalog, _ => { }, Token));
            }

            var document = RehearsalDocument.Of(state, plan, ImageCatalog.Parse(state.Catalog), results) with
            {
                Forbidden = ["--forbid move:app:latest: 1 time, first on day 2: app latest in us-east-1"],
            };
            return new Shown(clouds, document, await RehearsalConsole.StartAsync(Context, clouds[^1], document, "", 0, Token));
        }

        public Task<RehearsalConsole> StartAgainAsync(int port) => RehearsalConsole.StartAsync(Context, clouds[^1], document, "", port, Token);

        public async ValueTask DisposeAsync()
        {
            await console.DisposeAsync();
            foreach (var cloud in clouds)
            {
                cloud.Dispose();
            }
        }
    }
}
