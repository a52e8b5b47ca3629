using System.Text.Json.Nodes;

namespace Automation.Cli.Tests.Web;

/// <summary>
/// The page of the console in headless Chromium. See <see cref="Browser"/> for screenshots.
/// </summary>
[Trait("Category", "Slow")]
public sealed class ConsoleBrowserTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fleet_IsAGraphWithSearchFoldingAndTable()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.PushBaseAsync("one");
        await console.Fleet.PromotedAsync();
        await console.Fleet.PutTagAsync("1.0.0/1", "latest");

        var page = await RunAsync("fleet", console);

        Assert.Equal(3, page["cards"]!.AsArray().Count);
        Assert.Contains("1.0.0/1", page["cards"]![1]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["app-web"], Texts(page["found"]));
        Assert.Equal(["app"], Texts(page["kept"]));
        Assert.Equal(1, page["collapsed"]!.GetValue<int>());
        Assert.Single(page["rows"]!.AsArray());
        Assert.DoesNotContain("token", page["address"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keyboard_ReachesSearchAndImages()
    {
        await using var console = await ConsoleFixture.StartAsync();

        var page = await RunAsync("keyboard", console);

        Assert.Equal(("Skip to the content", "search", "app-web"), (page["first"]!.ToString(), page["search"]!.ToString(), page["heading"]!.ToString()));
        Assert.Equal(0, page["unnamed"]!.GetValue<int>());
        Assert.Equal(["header", "nav", "main"], Texts(page["landmarks"]));
    }

    [Fact]
    public async Task Image_ShowsBuildsAndComparesTwo()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.PushBaseAsync("one");
        await console.Fleet.PromotedAsync();
        await console.Fleet.PushBaseAsync("two");
        await console.Fleet.BuildAsync();

        var page = await RunAsync("image", console);

        Assert.Equal(["1.0.0/2", "1.0.0/1"], Texts(page["builds"]));
        Assert.Contains(Texts(page["facts"]), fact => fact.StartsWith("retention", StringComparison.Ordinal));
        Assert.Contains(Texts(page["rows"]), row => row.StartsWith("recipe", StringComparison.Ordinal) && row.EndsWith("same", StringComparison.Ordinal));
        Assert.Contains("FROM", page["recipe"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithoutAllowActions_HasNoActionAndCannotForgeOne()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: false);
        await console.Fleet.PushBaseAsync("one");

        var page = await RunAsync("readOnly", console);

        Assert.Equal((0, "read-only", 403), (page["actions"]!.GetValue<int>(), Texts(page["mode"]).Single(), page["forged"]!.GetValue<int>()));
        Assert.Empty(await console.Fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Hold_IsConfirmedWithItsCommandAndShown()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);
        await console.Fleet.PushBaseAsync("one");

        var page = await RunAsync("hold", console);

        Assert.True(page["modal"]!.GetValue<bool>());
        Assert.True(page["before"]!.GetValue<bool>());
        Assert.Equal([@"automation hold app '--reason=it'\''s a test'"], Texts(page["command"]));
        Assert.StartsWith("app is held.", Texts(page["result"]).Single(), StringComparison.Ordinal);
        Assert.Contains(Texts(page["notes"]), note => note.Contains("it's a test (anna)", StringComparison.Ordinal));
        Assert.Contains("held", (await console.Fleet.RunAsync("status", "app")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_IsGivenAfterTheComparison()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);
        await console.Fleet.PushBaseAsync("one");
        await console.Fleet.PromotedAsync();
        await console.Fleet.PushBaseAsync("two");
        await console.Fleet.BuildAsync();
        await console.Fleet.WaitForApprovalAsync("release-app_1-0-0-2", "1.0.0/2");

        var driving = DriveAsync(console, out var end);
        var page = await RunAsync("approve", console);
        await end.CancelAsync();
        await driving;

        Assert.Equal(["1.0.0/1", "1.0.0/2"], Texts(page["shown"]).Where(text => text.Contains('/', StringComparison.Ordinal)));
        Assert.Contains("approved release-app_1-0-0-2", page["result"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["No release waits for one."], Texts(page["approvals"]));
    }

    /// <summary>The browser sends the cookie of 127.0.0.1 only to it, and no answer allows another origin.</summary>
    [Fact]
    public async Task PageOfAnotherOrigin_CausesAndReadsNothing()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);
        await console.Fleet.PushBaseAsync("one");

        var page = await RunAsync("attack", console, checkFaults: false);

        Assert.Equal(["stopped", "stopped", "stopped"], Texts(page["results"]));
        Assert.NotEqual("readable", page["framed"]!.ToString());
        Assert.Empty(await console.Fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task ThreeHundredImages_StayUsable()
    {
        await using var console = await WideFleet.StartAsync(300);

        var page = await RunAsync("wide", console);

        Assert.Equal(304, page["rows"]!.GetValue<int>());
        Assert.InRange(page["searched"]!.GetValue<int>(), 0, 3_000);
        Assert.Matches("^[0-9]+ of 300 images", Texts(page["found"]).Single());
        Assert.InRange(page["held"]!.GetValue<int>(), 2, 20);
        Assert.Equal(4, page["collapsed"]!.AsArray().Count);
        Assert.Equal(304, page["cards"]!.GetValue<int>());
    }

    [Fact]
    public async Task EmptyAccount_SaysWhatIsMissing()
    {
        await using var console = await ConsoleFixture.StartAsync(stack: null);

        var page = await RunAsync("empty", console);

        Assert.Contains("The automation's workflow was not found in us-east-1", Texts(page["text"]).Single(), StringComparison.Ordinal);
        Assert.Equal(["not read"], Texts(page["fresh"]));
    }

    [Fact]
    public async Task EveryView_FitsBothWidthsAndHasContrastInBothSchemes()
    {
        await using var console = await ConsoleFixture.StartAsync();
        foreach (var release in new[] { "one", "two", "three" })
        {
            await console.Fleet.PushBaseAsync(release);
            await console.Fleet.PromotedAsync();
        }

        await console.Fleet.PutTagAsync("1.0.0/3", "latest");
        await console.Fleet.PushBaseAsync("four");
        await console.Fleet.TagAsync(await console.Fleet.BuildAsync(), ("automation:release", "blocked"), ("automation:release-reason", "CVE-2026-0815"));
        await console.Fleet.WaitForApprovalAsync("release-app-web_1-0-0-1");

        var page = await RunAsync("looks", console);

        Assert.Equal([], Texts(page["wide"]));
        Assert.Equal([], Texts(page["weak"]));
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(text => text!.ToString());

    /// <summary>Lets the cloud work while the page waits for it.</summary>
    private static Task DriveAsync(ConsoleFixture console, out CancellationTokenSource end)
    {
        var source = end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        return Task.Run(
            async () =>
            {
                while (!source.IsCancellationRequested)
                {
                    await console.Fleet.Host.Cloud.RunUntilIdleAsync(cancellationToken: Token);
                    await Task.Yield();
                }
            },
            Token);
    }

    private static async Task<JsonObject> RunAsync(string scenario, ConsoleFixture console, bool checkFaults = true)
    {
        var page = await Browser.RunAsync(scenario, console.Entry);

        if (checkFaults)
        {
            Assert.Equal([], Texts(page["faults"]));
            Assert.Equal([console.Address.Authority], Texts(page["hosts"]));
        }

        return page;
    }
}
