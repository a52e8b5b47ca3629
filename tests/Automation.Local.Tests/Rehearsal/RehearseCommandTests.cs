using System.Text.Json.Nodes;
using Automation.Local.Rehearsal;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>The command <c>rehearse</c>: its files, its exit codes and its refusals.</summary>
[Trait("Category", "Slow")]
public sealed class RehearseCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rehearse-command-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string State => Path.Combine(_folder.FullName, "state.json.gz");

    public async ValueTask InitializeAsync()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        for (var release = 1; release <= 3; release++)
        {
            await fleet.PushAndSettleAsync($"12.{release}");
            await cloud.AdvanceAsync(TimeSpan.FromDays(3));
        }

        await StateFile.SaveAsync(await RehearsalFixture.ReadAsync(cloud), State, Token);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task File_IsRehearsedWithoutAnAccountAndPrintsOneDocument()
    {
        var run = await RunAsync("--days", "4", "--push", "golden/base@day2", "--only-told", "--output", "json");

        Assert.Equal(0, run.ExitCode);
        var document = JsonNode.Parse(run.Output)!;
        var built = Assert.Single(Of(document, "build"), build => build["image"]!.ToString() == "app" && build["day"]!.GetValue<int>() == 2);
        Assert.Equal(("1.0.0/5", "new-base-digest"), (built["subject"]!.ToString(), built["code"]!.ToString()));
        Assert.Equal(document["deployed"]!["totals"]!["builds"]!.GetValue<int>(), Of(document, "build").Count());
        Assert.Null(document["changed"]);
    }

    [Fact]
    public async Task Table_SaysWhatHappensOnWhichDayAndWhy()
    {
        var run = await RunAsync("--days", "3", "--push", "golden/base@day2", "--fail", "app@day2", "--only-told");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^2 \(\w{3} \d\d \w{3} \d\d:\d\d\) +runtime +build +1\.0\.0/5: .+golden/base:stable is .+, but the newest build 1\.0\.0/4 used", run.Output);
        Assert.Matches(@"(?m)^2 .+ runtime +promoted +1\.0\.0/5 as .*latest", run.Output);
        Assert.Matches(@"(?m)^2 .+ app +build-failed +1\.0\.0/5: .*The rehearsal lets builds of app fail on day 2", run.Output);
        Assert.Matches(@"(?m)^\d+ builds \(1 failed\), \d+ promotions?, 0 blocked", run.Output);
    }

    [Fact]
    public async Task Base_KeepsItsRhythmUnlessTold()
    {
        var usual = JsonNode.Parse((await RunAsync("--days", "7", "-o", "json")).Output)!;
        var still = JsonNode.Parse((await RunAsync("--days", "7", "--only-told", "-o", "json")).Output)!;

        Assert.Equal([1, 4, 7], Of(usual, "pushed").Select(push => push["day"]!.GetValue<int>()));
        Assert.Empty(Of(still, "pushed"));
        Assert.Contains("changes every 3 days", usual["assumptions"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--forbid delete: ", "--forbid", "delete")]
    [InlineData("--forbid move:app:latest: 2 times, first on day 2: app latest in us-east-1", "--forbid", "move:app:latest")]
    [InlineData("--max-builds 1: ", "--max-builds", "1")]
    public async Task Forbidden_WhatWouldHappen_FailsTheCheck(string said, params string[] rule)
    {
        var run = await RunAsync(["--days", "10", "--push", "golden/base@day2", "--only-told", .. rule]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"Forbidden: {said}", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--forbid", "delete:app", "--days", "1")]
    [InlineData("--forbid", "move:app:latest", "--days", "1")]
    [InlineData("--max-builds", "50", "--days", "1")]
    public async Task Forbidden_WhatWouldNotHappen_Passes(params string[] arguments) =>
        Assert.Equal(0, (await RunAsync(["--only-told", .. arguments])).ExitCode);

    [Theory]
    [InlineData("--push golden/bas@day1: there is no base 'golden/bas'; did you mean 'golden/base'? There are: golden/base.", "--push", "golden/bas@day1")]
    [InlineData("--fail apq@day1: there is no image 'apq'; did you mean 'app'? There are: app, runtime.", "--fail", "apq@day1")]
    [InlineData("--down eu-nowhere-1@day1: there is no Region 'eu-nowhere-1'. There are: us-east-1.", "--down", "eu-nowhere-1@day1")]
    [InlineData("--forbid move:ap:latest: there is no image 'ap'; did you mean 'app'?", "--forbid", "move:ap:latest")]
    public async Task WrongArguments_AreRefusedWithOneLine(string said, params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal(said, run.Error.Trim().Split('\n')[0]);
    }

    [Theory]
    [InlineData("{\"format\":2}", "was saved by a newer version (format 2; this version reads 1). Use that version.")]
    [InlineData("{}", "is not a state that --save wrote.")]
    [InlineData("[]", "is not a state that --save wrote.")]
    [InlineData("no JSON", "is not a state that --save wrote.")]
    [InlineData("{\"format\":1}", "is not a state that --save wrote.")]
    public async Task StateFile_OfSomethingElse_IsRefusedWithOneLine(string text, string said)
    {
        var file = Path.Combine(_folder.FullName, "other.json");
        await File.WriteAllTextAsync(file, text, Token);

        var run = await CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System, ["rehearse", "--from", file], _folder.FullName, Token);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"--from {file} {said}", Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StateFile_IsMissing_IsRefused()
    {
        var run = await CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System, ["rehearse", "--from", "none.json"], _folder.FullName, Token);

        Assert.EndsWith("none.json: there is no such file. --save writes one.", run.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Catalog_OutsideAClone_IsRefused()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "catalog.json"), TestCloud.CatalogOf("Automation"), Token);

        var run = await RunAsync("--catalog", "catalog.json");

        Assert.Equal("--catalog needs the CDK app: run this in a clone of the repository.", run.Error.Trim());
    }

    /// <summary>The account is read through AWS's APIs over HTTP.</summary>
    [Fact]
    public async Task Account_IsReadSavedAndRehearsed()
    {
        var stacks = Path.Combine(AppContext.BaseDirectory, "stacks");
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Drive = false }, Token);
        host.Cloud.Run(() => host.Cloud.Stacks.Create(new StackSource("Automation", File.ReadAllText(Path.Combine(stacks, "Automation.template.json")))
        {
            Assets = new Dictionary<string, string> { ["functions.zip"] = Path.Combine(stacks, "Automation") },
        }));
        var saved = Path.Combine(_folder.FullName, "account.json");

        var run = await CommandRun.OfAsync(
            LocalCommands.Create, TimeProvider.System,
            ["rehearse", "--endpoint", host.Endpoint.ToString(), "--region", "us-east-1", "--days", "2", "--save", saved, "-o", "json"], _folder.FullName, Token);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Left out: image layers, Dockerfiles,", run.Error, StringComparison.Ordinal);
        Assert.Equal(["app", "runtime"], (await StateFile.LoadAsync(saved, Token)).Pipelines.Select(pipeline => pipeline["name"]!.ToString()).Order());
        Assert.Equal("123456789012", JsonNode.Parse(run.Output)!["account"]!.ToString());
    }

    private static IEnumerable<JsonNode> Of(JsonNode document, string kind) =>
        document["deployed"]!["decisions"]!.AsArray().Where(decision => decision!["kind"]!.ToString() == kind)!;

    private Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System, ["rehearse", "--from", State, .. arguments], _folder.FullName, Token);
}
