using System.Text.Json.Nodes;
using Amazon.Imagebuilder.Model;
using Automation.Cli.Commands;
using Automation.Core.Builds;

namespace Automation.Cli.Tests;

/// <summary>Holds by hand: the tags on the pipeline, and the messages about them.</summary>
public sealed class HoldTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Hold_WritesWhyAndUntilWhenOnThePipeline_AndSaysWhatItStops()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("hold", "app", "--reason", "the audit (Q1), until Friday", "--until", "36h");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("app is held. Builds start only on request, and no floating tag moves until the first reconcile after 2026-01-06 20:00Z.", run.Output.Trim());
        var hold = BuildTags.ReadHold(await TagsAsync(fleet))!;
        Assert.Equal(("the audit (Q1), until Friday (anna)", HoldScope.Everything, Now, Now.AddHours(36)), (hold.Why, hold.Scope, hold.Since, hold.Until));
        Assert.Matches(@"app +- +- +- +held +everything held: the audit \(Q1\), until Friday \(anna\) \(until 2026-01-06 20:00Z\)",
            (await fleet.RunAsync("status")).Output);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Hold_Again_ReplacesTheFirstWithItsEnd_AndSaysSo()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.RunAsync("hold", "app", "--reason", "one", "--until", "7d");

        var run = await fleet.RunAsync("hold", "app", "--reason", "two", "--scope", "promotion");

        Assert.Contains("in place of the hold \"one (anna)\". No floating tag moves until automation unhold app or automation promote app.", run.Output,
            StringComparison.Ordinal);
        var hold = BuildTags.ReadHold(await TagsAsync(fleet))!;
        Assert.Equal(("two (anna)", HoldScope.Promotion, null), (hold.Why, hold.Scope, hold.Until));
    }

    [Fact]
    public async Task Unhold_RemovesEveryTagOfIt()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.RunAsync("hold", "app", "--reason", "one", "--until", "7d");

        var run = await fleet.RunAsync("unhold", "app");

        Assert.StartsWith("The hold of app ended: one (anna)", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(await TagsAsync(fleet), tag => tag.Key.StartsWith("automation:hold", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unhold_ImageThatIsNotHeld_SaysSoAndSucceeds()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("unhold", "app");

        Assert.Equal((0, "app is not held."), (run.ExitCode, run.Output.Trim()));
    }

    [Fact]
    public async Task Hold_OnARollback_IsRefused()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.TagAsync(
            CommandFixture.AppPipeline, ("automation:hold", "Rolled back"), ("automation:hold-scope", "promotion"),
            ("automation:hold-since", "2026-01-05T07:00:00Z"), ("automation:hold-target", "1.0.0/1 2026-01-05T07:00:00Z"));

        var run = await fleet.RunAsync("hold", "app", "--reason", "the audit");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("app is held on 1.0.0/1 by a rollback: Rolled back. Run automation unhold app first", run.Error, StringComparison.Ordinal);
        Assert.Equal("Rolled back", BuildTags.ReadHold(await TagsAsync(fleet))!.Why);
    }

    [Fact]
    public async Task Hold_Json_IsAnArrayOfWhatWasDone()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("hold", "app", "--reason", "one", "--output", "json");

        var told = Assert.Single(JsonNode.Parse(run.Output)!.AsArray())!;
        Assert.Equal(("note", "app"), (told["kind"]!.ToString(), told["image"]!.ToString()));
    }

    [Theory]
    [InlineData("2026-01-31T03:00Z", "2026-01-31T03:00Z")]
    [InlineData("2026-01-31T03:00:00+02:00", "2026-01-31T01:00Z")]
    [InlineData("2026-01-31", "2026-01-31T00:00Z")]
    [InlineData("90m", "2026-01-05T09:30Z")]
    [InlineData("2w", "2026-01-19T08:00Z")]
    [InlineData("1d12h", "2026-01-06T20:00Z")]
    public void Until_IsATimeADayOrADuration(string text, string time) =>
        Assert.Equal(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), HoldCommands.ReadEnd(text, Now));

    [Theory]
    [InlineData("friday", "--until 'friday' is neither a time")]
    [InlineData("36", "--until '36' is neither a time")]
    [InlineData("99999999999d", "--until '99999999999d' is neither a time")]
    [InlineData("2026-02-30", "--until '2026-02-30' is neither a time")]
    [InlineData("2026-01-01", "--until 2026-01-01 00:00Z is past; it is 2026-01-05 08:00Z now.")]
    [InlineData("0h", "--until 2026-01-05 08:00Z is past")]
    public void Until_OfAnotherForm_IsRefused(string text, string why) =>
        Assert.StartsWith(why, Assert.Throws<CommandException>(() => HoldCommands.ReadEnd(text, Now)).Message, StringComparison.Ordinal);

    private static async Task<Dictionary<string, string>> TagsAsync(CommandFixture fleet) =>
        (await fleet.ImageBuilder.ListTagsForResourceAsync(
            new ListTagsForResourceRequest { ResourceArn = CommandFixture.AppPipeline }, TestContext.Current.CancellationToken)).Tags;
}
