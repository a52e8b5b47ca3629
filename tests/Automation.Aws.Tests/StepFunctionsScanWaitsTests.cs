using Automation.Core;
using Automation.Core.Workflow;

namespace Automation.Aws.Tests;

/// <summary>Waits for scans on the wire are running executions.</summary>
public sealed class StepFunctionsScanWaitsTests
{
    private const string Machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:scan-waits";
    private static readonly string First = ScanWaitNames.Of("images/app", "one", DateTimeOffset.UnixEpoch);
    private static readonly string Second = ScanWaitNames.Of("images/app", "two", DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task End_StopsTheRunningWaitsOfTheRepositoryOnEveryPage()
    {
        var other = ScanWaitNames.Of("images/web", "one", DateTimeOffset.UnixEpoch);
        var wire = new Wire()
            .Answer($$"""{"executions":[{{Execution(First)}},{{Execution(other)}}],"nextToken":"more"}""")
            .Answer("""{"stopDate":1767600000}""")
            .Answer($$"""{"executions":[{{Execution(Second)}}]}""")
            .Answer("""{"stopDate":1767600000}""");

        Assert.Equal([First, Second], await wire.ScanWaits.EndAsync("images/app", Sample.Cancel));

        Assert.Equal(["ListExecutions", "StopExecution", "ListExecutions", "StopExecution"], wire.Operations);
        Assert.Equal((Machine, "RUNNING"), (wire.Sent[0].Text("stateMachineArn"), wire.Sent[0].Text("statusFilter")));
        Assert.Equal([ArnOf(First), ArnOf(Second)], new[] { wire.Sent[1], wire.Sent[3] }.Select(sent => sent.Text("executionArn")));
    }

    [Fact]
    public async Task End_NothingWaits_StopsNothing()
    {
        var wire = new Wire().Answer("""{"executions":[]}""");

        Assert.Empty(await wire.ScanWaits.EndAsync("images/app", Sample.Cancel));

        Assert.Equal(["ListExecutions"], wire.Operations);
    }

    [Fact]
    public async Task End_Refused_IsPermanent() => await Assert.ThrowsAsync<PermanentException>(
        () => new Wire().Answer($$"""{"executions":[{{Execution(First)}}]}""").Refuse("AccessDeniedException").ScanWaits.EndAsync("images/app", Sample.Cancel));

    private static string ArnOf(string name) => $"{Machine.Replace("stateMachine", "execution", StringComparison.Ordinal)}:{name}";

    private static string Execution(string name) =>
        $$"""{"executionArn":"{{ArnOf(name)}}","name":"{{name}}","stateMachineArn":"{{Machine}}","status":"RUNNING","startDate":1767600000}""";
}
