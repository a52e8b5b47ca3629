using System.Text.Json.Nodes;
using Automation.Cli.Web;

namespace Automation.Cli.Tests.Web;

/// <summary>The documents that the page shows. A command prints each of them too.</summary>
public sealed class ConsoleViewTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fleet_HasLineageFromBaseToChild()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.PushBaseAsync("one");

        var fleet = await console.ViewAsync("fleet");

        Assert.Equal("golden/base:stable", fleet["bases"]!.AsArray().Single()!["name"]!.ToString());
        Assert.StartsWith("sha256:", fleet["bases"]![0]!["digest"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["golden/base:stable", "app"], fleet["images"]!.AsArray().Select(image => image!["from"]![0]!.ToString()));
        Assert.Equal(["app", "app-web"], fleet["images"]!.AsArray().Select(image => image!["status"]!["image"]!.ToString()));
        Assert.Equal(("123456789012", "us-east-1"), (fleet["place"]!["account"]!.ToString(), fleet["place"]!["region"]!.ToString()));
    }

    [Fact]
    public async Task Fleet_MissingBase_SaysSo()
    {
        await using var console = await ConsoleFixture.StartAsync();

        var fleet = await console.ViewAsync("fleet");

        Assert.Equal("it does not exist", fleet["bases"]![0]!["unread"]!.ToString());
        Assert.Contains("golden/base:stable", fleet["images"]![0]!["why"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fleet_StatusOfEachImage_IsThatOfTheCommand()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.PushBaseAsync("one");
        await console.Fleet.PromotedAsync();

        var fleet = await console.ViewAsync("fleet");

        var command = JsonNode.Parse((await console.Fleet.RunAsync("status", "--output", "json")).Output)!.AsArray();
        Assert.Equal(command.Select(image => image!.ToJsonString()), fleet["images"]!.AsArray().Select(image => image!["status"]!.ToJsonString()));
    }

    [Fact]
    public async Task Print_OfAView_IsItsDocument()
    {
        await using var console = await ConsoleFixture.StartAsync();

        var run = await console.Fleet.RunAsync("console", "--print", "retention");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal((await console.ViewAsync("retention"))["images"]!.ToJsonString(), JsonNode.Parse(run.Output)!["images"]!.ToJsonString());
    }

    [Fact]
    public async Task Print_OfAnUnknownView_NamesTheViews()
    {
        await using var console = await ConsoleFixture.StartAsync();

        var run = await console.Fleet.RunAsync("console", "--print", "everything");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("There is no view 'everything'. The views are: fleet, live, retention", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_WithoutStack_SaysWhatIsMissingAndRecovers()
    {
        await using var console = await ConsoleFixture.StartAsync(stack: null);

        var answer = await console.AnswerAsync("fleet");

        Assert.Null(answer["view"]);
        Assert.StartsWith("The automation's workflow was not found in us-east-1", answer["problem"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_NotInTheCatalog_IsAProblem()
    {
        await using var console = await ConsoleFixture.StartAsync();

        var answer = await console.AnswerAsync("image/nothing");

        Assert.Contains("nothing", answer["problem"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_HasBuildsScansTagsAndWhatRetentionWillDo()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.PushBaseAsync("one");
        await console.Fleet.PromotedAsync();
        await console.Fleet.PutTagAsync("1.0.0/1", "latest");

        var image = await console.ViewAsync("image/app");

        var build = image["history"]!["builds"]!.AsArray().Single()!;
        Assert.Equal("1.0.0/1", build["version"]!.ToString());
        Assert.Equal(build["digest"]!.ToString(), image["scans"]![0]!["digest"]!.ToString());
        var tags = image["tags"]!.AsArray().Single()!;
        Assert.Equal(("123456789012", "us-east-1", "1.0.0/1"), (tags["account"]!.ToString(), tags["region"]!.ToString(), tags["version"]!.ToString()));
        Assert.Contains("latest", tags["tags"]!.AsArray().Select(tag => tag!.ToString()));
        var kept = image["plan"]!["prune"]![0]!["items"]!.AsArray().Single(item => item!["version"]?.ToString() == "1.0.0/1")!;
        Assert.Equal("keep", kept["action"]!.ToString());
        Assert.InRange(kept["bytes"]!.GetValue<long>(), 1, long.MaxValue);
    }

    [Fact]
    public async Task Compare_OfTwoBuilds_ShowsRecipesAndPackages()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.PushBaseAsync("one", ("openssl", "3.0"));
        await console.Fleet.BuildAsync();
        await console.Fleet.PushBaseAsync("two", ("openssl", "3.1"));
        await console.Fleet.BuildAsync();

        var view = await console.ViewAsync("compare/app/1.0.0/1/1.0.0/2");

        Assert.Equal(("1.0.0/1", "1.0.0/2"), (view["now"]!["version"]!.ToString(), view["new"]!["version"]!.ToString()));
        Assert.Equal("app 1.0.0", view["new"]!["recipe"]!["name"]!.ToString());
        Assert.Contains("FROM {{{ imagebuilder:parentImage }}}", view["new"]!["recipe"]!["lines"]!.AsArray().Select(line => line!.ToString()));
    }

    [Fact]
    public async Task Live_ShowsWaitingApprovalIncidentAndThatDeadLettersAreUnknown()
    {
        await using var console = await ConsoleFixture.StartAsync();
        await console.Fleet.WaitForApprovalAsync("release-app_1-0-0-1");
        await console.Fleet.OpenIncidentAsync("not-releasable_app__20260105T08",
            """{"image":"app","kind":"not-releasable","detail":{"reasons":[{"code":"not-in-region","text":"it is not in eu-west-1"}]} }""");

        var live = await console.ViewAsync("live");

        var execution = live["executions"]!.AsArray().Single()!;
        Assert.Equal(("release-app_1-0-0-1", "running", "app", "1.0.0/1"),
            (execution["name"]!.ToString(), execution["status"]!.ToString(), execution["image"]!.ToString(), execution["version"]!.ToString()));
        Assert.True(execution["waits"]!["approval"]!.GetValue<bool>());
        Assert.Equal("it is not in eu-west-1", live["incidents"]![0]!["why"]!.ToString());
        Assert.Null(live["deadLetters"]);
        Assert.Contains("DeadLettersUrl", live["deadLettersUnknown"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Action_MakesEveryViewOld()
    {
        await using var console = await ConsoleFixture.StartAsync(allowActions: true);
        Assert.Equal("new", (await console.ViewAsync("fleet"))["images"]![0]!["status"]!["state"]!.ToString());

        using var answer = await console.ActAsync("""{"action":"hold","image":"app","reason":"a test"}""");

        Assert.Equal("held", (await console.ViewAsync("fleet"))["images"]![0]!["status"]!["state"]!.ToString());
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1073741824, "0.10")]
    [InlineData(10737418240, "1.00")]
    public void Price_IsThatOfABinaryGigabyteForAMonth(long bytes, string dollars) =>
        Assert.Equal(decimal.Parse(dollars, System.Globalization.CultureInfo.InvariantCulture), RetentionView.MonthlyPrice(bytes));

    [Fact]
    public async Task Retention_OfAnOldBuild_HasSizeAndSavings()
    {
        await using var console = await ConsoleFixture.StartAsync();
        foreach (var release in new[] { "one", "two", "three" })
        {
            await console.Fleet.PushBaseAsync(release);
            await console.Fleet.PromotedAsync();
        }

        await console.Fleet.PutTagAsync("1.0.0/3", "latest");
        await console.Fleet.Host.Cloud.AdvanceAsync(TimeSpan.FromDays(30), Token);

        var view = await console.ViewAsync("retention");

        var deleted = view["images"]![0]!["prune"]![0]!["items"]!.AsArray().Where(item => item!["action"]!.ToString() == "delete").ToList();
        Assert.Equal(["1.0.0/1", "1.0.0/2"], deleted.Where(item => item!["bytes"] is not null).Select(item => item!["version"]!.ToString()).Order());
        Assert.Equal(2, deleted.Count(item => item!["bytes"] is null));
        Assert.Equal(deleted.Sum(item => item!["bytes"]?.GetValue<long>() ?? 0), view["deleteBytes"]!.GetValue<long>());
        Assert.InRange(view["savedPerMonth"]!.GetValue<decimal>(), 0.0000000001m, 1m);
        Assert.Equal(RetentionView.StoragePriceSource, view["priceSource"]!.ToString());
    }
}
