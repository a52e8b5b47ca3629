using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Cli.Deployment;
using Automation.Cli.Web;
using Spectre.Console;

namespace Automation.Cli.Tests.Web;

/// <summary>A console on a free port that shows the cloud of a <see cref="CommandFixture"/>, and a client that sends exactly what a test says.</summary>
internal sealed class ConsoleFixture : IAsyncDisposable
{
    private readonly ViewSource _views;
    private readonly ConsoleServer _server;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private ConsoleFixture(CommandFixture fleet, ViewSource views, ConsoleServer server, ConsoleAccess access, ConsoleSite site)
    {
        (Fleet, _views, _server, Access, Site) = (fleet, views, server, access, site);
        _http.BaseAddress = server.Address;
    }

    public CommandFixture Fleet { get; }

    public ConsoleAccess Access { get; }

    public ConsoleSite Site { get; }

    public Uri Address => _server.Address;

    /// <summary>The address that the command prints.</summary>
    public string Entry => Site.AddressOn(Address);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="stack">See <see cref="CommandFixture.StartAsync"/>.</param>
    public static async Task<ConsoleFixture> StartAsync(bool allowActions = false, string? stack = "Automation", string? catalog = null)
    {
        var fleet = await CommandFixture.StartAsync(stack);
        return await OfAsync(fleet, allowActions, catalog);
    }

    public static async Task<ConsoleFixture> OfAsync(CommandFixture fleet, bool allowActions = false, string? catalog = null)
    {
        var target = new Target(fleet.Host.Endpoint.ToString(), null, null, "", catalog ?? CommandFixture.PathOf("catalog.json"));
        var context = new CommandContext(
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }), TextWriter.Null, TextWriter.Null, TimeProvider.System,
            "anna", _ => null, AppContext.BaseDirectory);
        var views = new ViewSource(token => Connection.OpenAsync(target, context, token), context.Time);
        var access = ConsoleAccess.Create();
        var site = new ConsoleSite("", access, views, allowActions ? new ConsoleActions(context, () => target) : null);
        return new ConsoleFixture(fleet, views, await ConsoleServer.StartAsync(site, 0, Token), access, site);
    }

    /// <summary>The cookie that the browser of the person who started the console has.</summary>
    public async Task<string> SessionAsync()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/?token={Access.Token}");
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, null, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await _http.SendAsync(request, Token);
    }

    /// <summary>Sends an action as the page does, except for the headers that a test replaces. An empty value leaves the header out.</summary>
    public async Task<HttpResponseMessage> ActAsync(string body, params (string Name, string Value)[] replaced)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Cookie"] = await SessionAsync(),
            ["Origin"] = Address.GetLeftPart(UriPartial.Authority),
            ["Content-Type"] = "application/json",
            ["Sec-Fetch-Site"] = "same-origin",
            [ConsoleAccess.ActionHeader] = Access.ActionSecret,
        };
        foreach (var (name, value) in replaced)
        {
            headers[name] = value;
        }

        return await SendAsync(HttpMethod.Post, "/api/action", body, [.. headers.Where(header => header.Value.Length > 0).Select(header => (header.Key, header.Value))]);
    }

    /// <summary>The answer for a view, when nothing is being read any more.</summary>
    public async Task<JsonObject> AnswerAsync(string view)
    {
        var session = await SessionAsync();
        while (true)
        {
            using var response = await SendAsync(HttpMethod.Get, $"/api/view/{view}", ("Cookie", session));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var answer = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
            if (!answer["reading"]!.GetValue<bool>())
            {
                return answer;
            }
        }
    }

    /// <summary>The document of a view that can be read.</summary>
    public async Task<JsonObject> ViewAsync(string view)
    {
        var answer = await AnswerAsync(view);
        Assert.True(answer["problem"] is null, answer["problem"]?.ToString());
        return (JsonObject)answer["view"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        await _views.DisposeAsync();
        await Fleet.DisposeAsync();
    }
}
