using Automation.Cli.Executions;
using Automation.Core.Workflow;

namespace Automation.Cli.Tests;

public sealed class StepReportTests
{
    // The texts are those of Step Functions: the functions' results under the names of the workflow's result paths.
    [Theory]
    [InlineData(WorkflowStates.PlanBuild,
        """{"plan":{"decision":"start","asked":"2026-01-05T08:00:00Z","reasons":[{"code":"new-base","text":"the base changed."},{"code":"x","text":"b"}]}}""",
        "start: the base changed; b")]
    [InlineData(WorkflowStates.CheckScan,
        """{"scan":{"verdict":"blocked","since":"2026-01-05T08:00:00Z","toUnblock":["fix it"],"reasons":[{"code":"finding","text":"CVE-1"}]}}""",
        "blocked: CVE-1\nto unblock: fix it")]
    [InlineData(WorkflowStates.WaitForApproval, """{"approval":{"by":"anna"}}""", "approved by anna")]
    [InlineData(WorkflowStates.WaitForApproval, """{"approval":{"by":5}}""", "approved by an unnamed person")]
    [InlineData(WorkflowStates.WaitForApproval, """{"approval":"yes"}""", "")]
    [InlineData(WorkflowStates.PromoteVersionTags,
        """{"versionTags":{"phase":"version","at":"2026-01-05T08:00:00Z","outcome":"failed","stopped":true,"reasons":[{"code":"conflict","text":"it is immutable"}],"steps":[]}}""", "failed: it is immutable")]
    [InlineData(WorkflowStates.PruneImage,
        """{"prune":{"done":true,"mode":"delete","regions":[],"planned":{"images":3,"records":0,"superseded":0},"applied":{"images":0,"records":0,"superseded":0},"imagesKept":1,"deletionLimit":"3 of 4 images would be deleted","calls":{"DescribeImages":2},"items":[]}}""", "0 images and 0 records deleted, 0 superseded, 1 image kept (mode delete, 2 calls)\nstopped: 3 of 4 images would be deleted")]
    [InlineData("Build due?", """{"plan":{"decision":"no","asked":"2026-01-05T08:00:00Z","reasons":[]}}""", "")]
    public void Output_OfAStep_IsReportedInWords(string state, string output, string expected) =>
        Assert.Equal(expected, string.Join('\n', StepReport.Of(state, WorkflowJson.TryReadState(output)!)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("""{"plan":{"decision":"sta""")]
    [InlineData("[]")]
    [InlineData("5")]
    public void Output_IsNotAState_IsNull(string? output) => Assert.Null(WorkflowJson.TryReadState(output));
}
