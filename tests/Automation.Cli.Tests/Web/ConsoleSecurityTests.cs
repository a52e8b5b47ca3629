using System.Net;
using System.Text.Json.Nodes;
using Automation.Cli.Web;

namespace Automation.Cli.Tests.Web;

/// <summary>Only the person who started the console may use it, and nothing but its own page may cause an action.</summary>
public sealed class ConsoleSecurityTests
{
    private const string BuildApp = """{"action":"build","image":"app"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/console.js")]
    [InlineData("GET", "/api/session")]
    [InlineData("GET", "/api/view/fleet")]
    [InlineData("POST", "/api/action")]
    public async Task Request_WithoutSession_IsRefused(string method, string path)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var answer = await console.SendAsync(HttpMethod.Parse(method), path, ("Cookie", "automation-console-00000000=0000"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(console.Access.ActionSecret, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("guess")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Entry_WithWrongToken_IsRefusedWithoutCookie(string token)
    {
        await using var console = await ConsoleFixture.StartAsync();

        using var answer = await console.SendAsync(HttpMethod.Get, $"/?token={token}");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    /// <summary>The secret in the cookie is another one, so that neither can be computed from the other.</summary>
    [Fact]
    public async Task Entry_WithToken_GivesStrictCookieAndRemovesTheTokenFromTheAddress()
    {
        await using var console = await ConsoleFixture.StartAsync();

        using var answer = await console.SendAsync(HttpMethod.Get, $"/?token={console.Access.Token}");

        Assert.Equal((HttpStatusCode.SeeOther, "/"), (answer.StatusCode, answer.Headers.Location!.ToString()));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(console.Access.Token, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public void Access_OfTwoConsoles_SharesNothing()
    {
        var (one, other) = (ConsoleAccess.Create(), ConsoleAccess.Create());

        Assert.NotEqual(one.Token, other.Token);
        Assert.NotEqual(one.ActionSecret, other.ActionSecret);
        Assert.NotEqual(one.Token, one.ActionSecret);
    }

    /// <summary>DNS rebinding: a page under the attacker's name, which now leads to this machine.</summary>
    [Theory]
    [InlineData("attacker.example")]
    [InlineData("127.0.0.1.attacker.example")]
    [InlineData("localhost.attacker.example:80")]
    [InlineData("[::2]")]
    [InlineData("0.0.0.0")]
    public async Task Request_WithForeignHost_IsRefusedEvenWithTokenAndSession(string host)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var entry = await console.SendAsync(HttpMethod.Get, $"/?token={console.Access.Token}", ("Host", host));
        using var view = await console.SendAsync(HttpMethod.Get, "/api/view/fleet", ("Cookie", await console.SessionAsync()), ("Host", host));
        using var action = await console.ActAsync(BuildApp, ("Host", host), ("Origin", $"http://{host}"));

        Assert.All([entry, view, action], answer => Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode));
        Assert.Empty(await console.Fleet.ExecutionsAsync());
    }

    /// <summary>The cookie is not bound to a port, so a page of another port of this machine has it.</summary>
    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("none")]
    public async Task View_AskedForByAnotherOrigin_IsRefused(string site)
    {
        await using var console = await ConsoleFixture.StartAsync();

        using var answer = await console.SendAsync(HttpMethod.Get, "/api/session", ("Cookie", await console.SessionAsync()), ("Sec-Fetch-Site", site));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "https://attacker.example")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "http://localhost")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData(ConsoleAccess.ActionHeader, "")]
    [InlineData(ConsoleAccess.ActionHeader, "guess")]
    public async Task Action_ThatThePageDidNotSend_IsRefused(string header, string value)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);
        await console.Fleet.PushBaseAsync("one");

        using var answer = await console.ActAsync(BuildApp, (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(await console.Fleet.ExecutionsAsync());
    }

    /// <summary>A form of another site can send neither this media type nor the header.</summary>
    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("")]
    public async Task Action_OfAnotherMediaType_IsRefused(string type)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var answer = await console.ActAsync(BuildApp, ("Content-Type", type));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Action_WithoutAllowActions_IsRefusedAndThePageHasNoSecret()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: false);
        await console.Fleet.PushBaseAsync("one");

        using var answer = await console.ActAsync(BuildApp);
        using var session = await console.SendAsync(HttpMethod.Get, "/api/session", ("Cookie", await console.SessionAsync()));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("--allow-actions", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Empty(await console.Fleet.ExecutionsAsync());
        var document = JsonNode.Parse(await session.Content.ReadAsStringAsync(Token))!;
        Assert.False(document["allowActions"]!.GetValue<bool>());
        Assert.Null(document["actionSecret"]);
    }

    [Theory]
    [InlineData("""{"action":"prune","image":"app","delete":true}""", "prune app")]
    [InlineData("""{"action":"build","image":"app"}""", "build app")]
    public async Task Action_FromThePage_RunsTheCommand(string body, string command)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);
        await console.Fleet.PushBaseAsync("one");

        using var answer = await console.ActAsync(body);

        var result = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(($"automation {command}", 0), (result["command"]!.ToString(), result["exitCode"]!.GetValue<int>()));
        var execution = Assert.Single(await console.Fleet.ExecutionsAsync());
        Assert.StartsWith(command.Replace(' ', '-'), execution, StringComparison.Ordinal);
        Assert.NotEqual("true", (await console.Fleet.InputAsync(execution))["delete"]?.ToJsonString());
    }

    [Theory]
    [InlineData("""{"action":"build","image":"nothing"}""", "nothing")]
    [InlineData("""{"action":"rollback","image":"app","version":"1.0.0/9"}""", "was never built")]
    public async Task Action_ThatTheCommandRefuses_SaysWhy(string body, string why)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var answer = await console.ActAsync(body);

        var result = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(1, result["exitCode"]!.GetValue<int>());
        Assert.Contains(why, result["lines"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"action":"redrive"}""")]
    [InlineData("""{"action":"build"}""")]
    [InlineData("""{"action":"build","image":["app"]}""")]
    public async Task Action_ThatIsNotOneOfTheConsole_IsRefused(string body)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var answer = await console.ActAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(await console.Fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Action_WithLargeBody_IsRefused()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var answer = await console.ActAsync($$"""{"action":"build","image":"{{new string('a', 20_000)}}"}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("OPTIONS", "/api/action", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/session", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/action", HttpStatusCode.NotFound)]
    [InlineData("GET", "/../appsettings.json", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/view/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/view/compare/app/latest", HttpStatusCode.NotFound)]
    public async Task Request_ForSomethingElse_IsRefusedAndAllowsNoOtherOrigin(string method, string path, HttpStatusCode status)
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);

        using var answer = await console.SendAsync(
            HttpMethod.Parse(method), path, ("Cookie", await console.SessionAsync()), ("Origin", "https://attacker.example"));

        Assert.Equal(status, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/console.js")]
    [InlineData("/api/session")]
    [InlineData("/nothing")]
    public async Task Answer_AllowsNoInlineScriptFrameOrStorage(string path)
    {
        await using var console = await ConsoleFixture.StartAsync();

        using var answer = await console.SendAsync(HttpMethod.Get, path, ("Cookie", await console.SessionAsync()));

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.DoesNotContain("<script>", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
