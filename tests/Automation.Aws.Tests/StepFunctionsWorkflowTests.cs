using Automation.Core;

namespace Automation.Aws.Tests;

public sealed class StepFunctionsWorkflowTests
{
    private const string Started =
        """{"executionArn":"arn:aws:states:eu-central-1:123456789012:execution:image-lifecycle:build-app-1","startDate":1767600000}""";
    private const string Running = """{"status":"RUNNING"}""";
    private const string Ended = """{"status":"FAILED","stopDate":1767600000}""";
    private static readonly DateTimeOffset EndedAt = DateTimeOffset.FromUnixTimeSeconds(1767600000);
    private static readonly DateTimeOffset Now = EndedAt.AddMinutes(1);

    [Fact]
    public async Task Start_NewName_StartsWithNameAndInput()
    {
        var wire = new Wire().Answer(Started);

        var started = await wire.Workflow.StartAsync("build-app-1", """{"action":"build"}""", again: Now, Sample.Cancel);

        Assert.True(started.IsNew);
        Assert.Equal("build-app-1", started.Name);
        var sent = Assert.Single(wire.Sent);
        Assert.Equal("arn:aws:states:eu-central-1:123456789012:stateMachine:image-lifecycle", sent.Text("stateMachineArn"));
        Assert.Equal("build-app-1", sent.Text("name"));
        Assert.Equal("""{"action":"build"}""", sent.Text("input"));
    }

    [Fact]
    public async Task Start_NameIsTaken_SucceedsAndStartsNothing()
    {
        var wire = new Wire().Refuse("ExecutionAlreadyExists");

        var started = await wire.Workflow.StartAsync("release-app_1-0-0-1", "{}", again: null, Sample.Cancel);

        Assert.False(started.IsNew);
        Assert.Equal("release-app_1-0-0-1", started.Name);
        Assert.Equal(["StartExecution"], wire.Operations);
    }

    [Fact]
    public async Task Start_NameIsTakenByRunningExecution_StartsNoSecondRound()
    {
        var wire = new Wire().Refuse("ExecutionAlreadyExists").Answer(Running);

        var started = await wire.Workflow.StartAsync("build-app-1", "{}", again: Now, Sample.Cancel);

        Assert.False(started.IsNew);
        Assert.Equal(["StartExecution", "DescribeExecution"], wire.Operations);
        Assert.Equal("arn:aws:states:eu-central-1:123456789012:execution:image-lifecycle:build-app-1", wire.Sent[1].Text("executionArn"));
    }

    [Fact]
    public async Task Start_NameIsTakenByEndedExecution_StartsTheNextRound()
    {
        var wire = new Wire().Refuse("ExecutionAlreadyExists").Answer(Ended).Refuse("ExecutionAlreadyExists").Answer(Ended).Answer(Started);

        var started = await wire.Workflow.StartAsync("build-app-1", "{}", again: Now, Sample.Cancel);

        Assert.True(started.IsNew);
        Assert.Equal("build-app-1_again-3", started.Name);
        Assert.Equal(["build-app-1", "build-app-1_again-2", "build-app-1_again-3"], Names(wire));
    }

    [Fact]
    public async Task Start_SecondRoundIsRunning_StopsThere()
    {
        var wire = new Wire().Refuse("ExecutionAlreadyExists").Answer(Ended).Refuse("ExecutionAlreadyExists").Answer(Running);

        var started = await wire.Workflow.StartAsync("build-app-1", "{}", again: Now, Sample.Cancel);

        Assert.False(started.IsNew);
        Assert.Equal("build-app-1_again-2", started.Name);
    }

    [Theory]
    [InlineData(23, false)]
    [InlineData(24, true)]
    public async Task Start_NineRoundsHaveEnded_RetriesOnceADay(int hours, bool starts)
    {
        var wire = new Wire();
        for (var round = 1; round <= 9; round++)
        {
            wire.Refuse("ExecutionAlreadyExists").Answer(Ended);
        }

        var started = await wire.Answer(Started).Workflow.StartAsync("build-app-1", "{}", again: EndedAt.AddHours(hours), Sample.Cancel);

        Assert.Equal((starts, starts ? "build-app-1_again-10" : "build-app-1_again-9"), (started.IsNew, started.Name));
    }

    [Fact]
    public async Task Start_LongestName_FitsEightyCharactersInEveryRound()
    {
        var name = new string('a', 80);
        var wire = new Wire().Refuse("ExecutionAlreadyExists").Answer(Ended).Answer(Started);

        await wire.Workflow.StartAsync(name, "{}", again: Now, Sample.Cancel);

        Assert.All(Names(wire), sent => Assert.InRange(sent.Length, 1, 80));
        Assert.Equal(2, Names(wire).Distinct().Count());
    }

    [Theory]
    [InlineData("ExecutionLimitExceeded", typeof(QuotaExceededException))]
    [InlineData("ThrottlingException", typeof(TransientException))]
    [InlineData("StateMachineDeleting", typeof(PermanentException))]
    [InlineData("StateMachineDoesNotExist", typeof(PermanentException))]
    [InlineData("InvalidName", typeof(PermanentException))]
    [InlineData("InvalidExecutionInput", typeof(PermanentException))]
    [InlineData("AccessDeniedException", typeof(PermanentException))]
    public async Task Start_Refused_IsNotADuplicate(string code, Type expected)
    {
        var fault = await Assert.ThrowsAnyAsync<AutomationException>(() =>
            new Wire().Refuse(code).Workflow.StartAsync("build-app-1", "{}", again: Now, Sample.Cancel));

        Assert.Equal(expected, fault.GetType());
        Assert.StartsWith("Could not start execution build-app-1: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListRunning_SeveralPages_ReturnsTheNamesOfAll()
    {
        var wire = new Wire()
            .Answer("""{"executions":[{"name":"a","status":"RUNNING"}],"nextToken":"two"}""")
            .Answer("""{"executions":[{"name":"b","status":"RUNNING"}]}""");

        var names = await wire.Workflow.ListRunningAsync(Sample.Cancel);

        Assert.Equal(["a", "b"], names.Order(StringComparer.Ordinal));
        Assert.All(wire.Sent, sent => Assert.Equal(("RUNNING", "1000"), (sent.Text("statusFilter"), sent.Text("maxResults"))));
        Assert.Equal("two", wire.Sent[1].Text("nextToken"));
    }

    [Fact]
    public async Task ListRunning_NoExecutions_IsEmpty() =>
        Assert.Empty(await new Wire().Answer("""{"executions":[]}""").Workflow.ListRunningAsync(Sample.Cancel));

    private static string[] Names(Wire wire) =>
        [.. wire.Sent.Where(sent => sent.Operation == "StartExecution").Select(sent => sent.Text("name")!)];
}
