using System.Text.Json;
using Automation.Core;
using Automation.Core.Incidents;

namespace Automation.Functions.Tests;

/// <summary>The schemas for consumers. The harness checks each event that any test emits against them; these are the rest.</summary>
public sealed class EventSchemaTests
{
    [Theory]
    [InlineData("""{"outcome":"promoted","digests":[],"tags":[],"reasons":[{"code":"forward","text":"latest moves"}]}""", "")]
    [InlineData("""{"outcome":"promotet","digests":[],"tags":[],"reasons":[{"code":"forward","text":"latest moves"}]}""", "$.outcome is promotet, not one of")]
    [InlineData("""{"outcome":"promoted","digests":[],"tags":[],"reasons":[]}""", "$.reasons has 0 items")]
    [InlineData("""{"outcome":"promoted","digests":[],"tags":[]}""", "$.reasons is missing")]
    [InlineData("""{"outcome":"promoted","digests":[{"region":"eu-west-1","digest":"sha256:1"}],"tags":[],"reasons":[{"code":"a","text":"b"}]}""",
        "$.digests[0].digest is 'sha256:1'")]
    [InlineData("""{"outcome":"promoted","digests":[],"tags":[],"reasons":[{"code":"a","text":"b"}],"colour":"red"}""", "$.colour is not described")]
    [InlineData("""{"outcome":"promoted","digests":[],"tags":"latest","reasons":[{"code":"a","text":"b"}]}""", "$.tags is string, not array")]
    public void Check_FindsWhatTheSchemaDoesNotAllow(string json, string fault)
    {
        using var document = JsonDocument.Parse(json);

        Assert.StartsWith(fault, string.Join('\n', EventSchema.Of("Image Release").Faults(document.RootElement)), StringComparison.Ordinal);
    }

    /// <summary>A new outcome or kind is added to the schema too.</summary>
    [Fact]
    public void EveryOutcomeAndKind_IsDescribed()
    {
        static IEnumerable<string> Enum(string file, string member)
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, SampleTests.Folder, "schemas", file)));
            return [.. document.RootElement.GetProperty("properties").GetProperty(member).GetProperty("enum").EnumerateArray()
                .Select(choice => choice.GetString()!)];
        }

        Assert.Equal(
            System.Enum.GetValues<Outcome>().Select(outcome => outcome.Name()).Order(StringComparer.Ordinal),
            Enum("image-release.v1.json", "outcome").Union(Enum("image-prune.v1.json", "outcome")).Order(StringComparer.Ordinal));
        Assert.Equal(System.Enum.GetValues<IncidentKind>().Select(kind => kind.Code()).Order(StringComparer.Ordinal),
            Enum("image-incident.v1.json", "kind").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Announce_ARollback_TellsPeopleWhatToDoNext()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");

        var result = await harness.Announce(FunctionHarness.Step(new LifecycleState
        {
            Action = WorkflowActions.Release,
            Image = "app",
            Version = "1.0.0/1",
            Explicit = true,
            Release = FunctionHarness.Released("app", "1.0.0/1").Release,
            Error = new StepError { Name = "Rejected", Cause = "anna rejected it: not today" },
        }));

        Assert.Equal("rejected: app 1.0.0/1", result.Detail.Alert!.Title);
        Assert.Equal("- anna rejected it: not today", result.Detail.Alert.Text);
        Assert.Equal(["Automation does not retry it. Run this to promote it anyway: automation promote app 1.0.0/1", "automation why app"],
            result.Detail.Alert.NextSteps);
    }

    [Fact]
    public void IncidentText_OfEachKind_HasNextSteps() => Assert.All(System.Enum.GetValues<IncidentKind>(), kind =>
        Assert.Equal(2, Alerts.Of(new IncidentId("app", kind, ""), "title", [new Reason(ReasonCode.Blocked, new string('x', 5000))]).NextSteps.Count));
}
