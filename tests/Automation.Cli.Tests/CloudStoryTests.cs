using Automation.Cli.EmbeddedCloud;

namespace Automation.Cli.Tests;

/// <summary>The lines that people read about an embedded cloud.</summary>
public sealed class CloudStoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("PlanBuild", """{"decision":"start","reasons":[{"code":"never-built","text":"the image has no build yet"}]}""", "runtime: start: the image has no build yet")]
    [InlineData("PlanBuild", """{"decision":"not-yet","reasons":[]}""", null)]
    [InlineData("CheckScan", """{"verdict":"open","reasons":[{"code":"clean","text":"no finding blocks"}]}""", "runtime: open: no finding blocks")]
    [InlineData("CheckScan", """{"verdict":"open","reasons":[{"code":"no-gate","text":"there is no gate"}]}""", null)]
    [InlineData("InspectImage", """{"outcome":"failed","reasons":[{"code":"x","text":"Build 1.0.0/3 failed"}]}""", "runtime: failed: Build 1.0.0/3 failed")]
    [InlineData("Prune", """{"items":[{"action":"delete","target":"image 1.0.0/1","reasons":[{"code":"x","text":"nothing keeps it"}]}]}""",
        "runtime: delete image 1.0.0/1: nothing keeps it")]
    [InlineData("Prune", """{"items":[]}""", null)]
    public void Step_NamesItsImageAndTheReason(string function, string output, string? expected)
    {
        var story = new CloudStory("us-east-1");
        var name = $"Automation-Functions{function}9CD3B715-3FYPSLOTNN1C";

        Assert.Empty(story.Of(
            Entry("lambda", "function-invoked", ("function", name), ("requestId", "r1"), ("input", """{"state":{"action":"build","image":"runtime"}}""")), true));
        var lines = story.Of(Entry("lambda", "function-returned", ("function", name), ("requestId", "r1"), ("output", output)), true).ToList();

        Assert.Equal(expected is null ? [] : [expected], lines.Select(line => line.Text));
        Assert.All(lines, line => Assert.Equal(function, line.Who));
    }

    [Fact]
    public void Trigger_ShowsEachStartOnce_AndNoPrune()
    {
        var story = new CloudStory("us-east-1");
        var entry = Entry(
            "lambda", "function-returned", ("function", "Automation-FunctionsReconcileA7-PN"), ("requestId", "r1"),
            ("output", """
                {"decisions":[
                  {"subject":"app","decision":"started","execution":"build-app_1","reasons":[{"code":"x","text":"123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable is new"}]},
                  {"subject":"app","decision":"started","execution":"prune-app_1","reasons":[]},
                  {"subject":"web","decision":"no","reasons":[]}]}
                """));

        Assert.Equal(["app: starts build-app_1, golden/base:stable is new"], story.Of(entry, true).Select(line => line.Text));
        Assert.Empty(story.Of(entry, true));
    }

    [Theory]
    [InlineData("us-east-1", "the scan of images/app 2915f9f67202 has 1 finding")]
    [InlineData("eu-west-1", "the scan of images/app 2915f9f67202 in us-east-1 has 1 finding")]
    [InlineData(null, "the scan of images/app 2915f9f67202 in us-east-1 has 1 finding")]
    public void Scan_NamesTheImageBriefly_AndAnotherRegion(string? home, string text) => Assert.Equal(
        [text],
        new CloudStory(home).Of(
            Entry("ecr", "image-scanned", ("repository", "images/app"), ("digest", "sha256:2915f9f672025bcec718"), ("region", "us-east-1"), ("findings", "1")), false)
            .Select(line => line.Text));

    [Theory]
    [InlineData("events", "event-published", 0)]
    [InlineData("states", "state-entered", 0)]
    [InlineData("sns", "message-published", 0)]
    [InlineData("sns", "delivered", 0)]
    [InlineData("ecr", "tag-moved", 0)]
    [InlineData("iam", "access-denied", 1)]
    [InlineData("test", "happened", 1)]
    public void Journal_WithoutWhatOnlyPassesMessagesOn(string source, string kind, int lines)
    {
        Assert.Equal(lines, new CloudStory(null).Of(Entry(source, kind), everything: true).Count());
        Assert.Empty(new CloudStory(null).Of(Entry(source, kind), everything: false));
    }

    [Fact]
    public void FunctionOfAnotherStack_ThatIsInvoked_IsShownAsInTheJournal() => Assert.Equal(
        ["text"],
        new CloudStory(null).Of(Entry("lambda", "function-invoked", ("function", "thumbnails"), ("requestId", "r1"), ("input", "7")), true)
            .Select(line => line.Text));

    [Theory]
    [InlineData("WorkflowImageLifecycle799F1D92-0eeb93888e08", "SUCCEEDED", 0)]
    [InlineData("WorkflowImageLifecycle799F1D92-0eeb93888e08", "FAILED", 1)]
    [InlineData("ScanWaitsStateMachine1A2B-0eeb93888e08", "ABORTED", 0)]
    [InlineData("thumbnails", "SUCCEEDED", 1)]
    public void Execution_ThatEndsAsItShould_IsShownForOtherStacksOnly(string machine, string status, int lines) => Assert.Equal(
        lines, new CloudStory(null).Of(Entry("states", "execution-ended", ("machine", machine), ("status", status)), true).Count());

    [Theory]
    [InlineData("42")]
    [InlineData("not JSON")]
    public void FunctionOfAnotherStack_IsShownAsInTheJournal(string output) => Assert.Equal(
        ["thumbnails returned"],
        new CloudStory(null).Of(
            Entry("lambda", "function-returned", ("function", "thumbnails"), ("requestId", "r1"), ("output", output)) with { Text = "thumbnails returned" }, true)
            .Select(line => line.Text));

    private static CloudEvent Entry(string source, string kind, params (string Key, string Value)[] data) =>
        new(Now, source, kind, "text", data.ToDictionary(fact => fact.Key, fact => fact.Value, StringComparer.Ordinal));
}
