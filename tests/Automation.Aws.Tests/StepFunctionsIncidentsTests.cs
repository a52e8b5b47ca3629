using Automation.Core;
using Automation.Core.Incidents;

namespace Automation.Aws.Tests;

/// <summary>Open incidents on the wire are running executions. The history of each has the token that ends it.</summary>
public sealed class StepFunctionsIncidentsTests
{
    private const string Name = "blocked_app_1-0-0-7_20260105T09";
    private const string Arn = "arn:aws:states:eu-central-1:123456789012:execution:incidents:blocked_app_1-0-0-7_20260105T09";
    private static readonly OpenIncident Blocked = new(IncidentId.Parse(Name)!, Name, DateTimeOffset.FromUnixTimeSeconds(1767600000));

    [Fact]
    public async Task ListOpen_ReadsEveryPageAndOmitsOtherExecutions()
    {
        var wire = new Wire()
            .Answer($$"""{"executions":[{{Execution(Name)}},{{Execution("0c1ffb24-2b2f-4f46-9f34-5cdd7c4ad0b4")}}],"nextToken":"more"}""")
            .Answer($$"""{"executions":[{{Execution("pipeline-missing_app__20260105T10")}},{{Execution("region-unreadable_eu-west-1__20260105T10")}}]}""");

        var open = await wire.Incidents.ListOpenAsync(Sample.Cancel);

        Assert.Equal(
            [(IncidentKind.Blocked, "app", "1-0-0-7"), (IncidentKind.PipelineMissing, "app", ""), (IncidentKind.RegionUnreadable, "eu-west-1", "")],
            open.Select(incident => (incident.Id.Kind, incident.Id.Image, incident.Id.About)));
        Assert.All(open, incident => Assert.Equal(Blocked.Since, incident.Since));
        Assert.Equal("RUNNING", wire.Sent[0].Text("statusFilter"));
        Assert.Equal("arn:aws:states:eu-central-1:123456789012:stateMachine:incidents", wire.Sent[0].Text("stateMachineArn"));
        Assert.Equal("more", wire.Sent[1].Text("nextToken"));
    }

    [Fact]
    public async Task Begin_StartsTheExecutionWithThatName()
    {
        var wire = new Wire().Answer($$"""{"executionArn":"{{Arn}}","startDate":1767600000}""");

        Assert.True(await wire.Incidents.BeginAsync(Name, """{"subject":"blocked"}""", Sample.Cancel));

        var sent = Assert.Single(wire.Sent);
        Assert.Equal((Name, """{"subject":"blocked"}"""), (sent.Text("name"), sent.Text("input")));
    }

    [Fact]
    public async Task Begin_AlreadyBegunElsewhere_IsNotAnError() =>
        Assert.False(await new Wire().Refuse("ExecutionAlreadyExists").Incidents.BeginAsync(Name, "{}", Sample.Cancel));

    /// <summary>If the beginning was mailed in several attempts, the token of the last attempt counts.</summary>
    [Fact]
    public async Task End_SendsTheLastToken()
    {
        var wire = new Wire().Answer(History("first", "second")).Answer("{}");

        Assert.True(await wire.Incidents.EndAsync(Blocked, """{"tell":true}""", Sample.Cancel));

        Assert.Equal(["GetExecutionHistory", "SendTaskSuccess"], wire.Operations);
        Assert.Equal(Arn, wire.Sent[0].Text("executionArn"));
        Assert.Equal(("second", """{"tell":true}"""), (wire.Sent[1].Text("taskToken"), wire.Sent[1].Text("output")));
    }

    [Fact]
    public async Task End_BeginningIsNotMailedYet_IsTransient()
    {
        var wire = new Wire().Answer("""{"events":[{"id":1,"timestamp":1767600000,"type":"ExecutionStarted"}]}""");

        Assert.False(await wire.Incidents.EndAsync(Blocked, "{}", Sample.Cancel));
        Assert.Equal(["GetExecutionHistory"], wire.Operations);
    }

    [Theory]
    [InlineData("TaskTimedOut")]
    [InlineData("TaskDoesNotExist")]
    public async Task End_TokenIsNoLongerValid_IsTransient(string error) =>
        Assert.False(await new Wire().Answer(History("old")).Refuse(error).Incidents.EndAsync(Blocked, "{}", Sample.Cancel));

    [Theory]
    [InlineData("AccessDeniedException", 403, typeof(PermanentException))]
    [InlineData("InvalidOutput", 400, typeof(PermanentException))]
    [InlineData("ThrottlingException", 400, typeof(TransientException))]
    public async Task End_OtherError_IsNamed(string error, int status, Type fault) =>
        Assert.IsType(fault,
            await Assert.ThrowsAnyAsync<AutomationException>(
                () => new Wire().Answer(History("token")).Refuse(error, status).Incidents.EndAsync(Blocked, "{}", Sample.Cancel)));

    [Fact]
    public async Task Input_UnknownExecution_IsNull()
    {
        Assert.Equal("{}", await new Wire().Answer("""{"status":"RUNNING","input":"{}"}""").Incidents.InputAsync(Blocked, Sample.Cancel));
        Assert.Null(await new Wire().Refuse("ExecutionDoesNotExist").Incidents.InputAsync(Blocked, Sample.Cancel));
    }

    /// <summary>The messages of the workflow's approvals contain their tokens.</summary>
    [Fact]
    public async Task EndApproval_FailsTheTokenOfTheWaitingExecution()
    {
        var wire = new Wire().Answer(Approval()).Answer("{}");

        Assert.True(await wire.Workflow.EndApprovalAsync("release-app_1-0-0-7", "its record is gone", Sample.Cancel));

        Assert.Equal("arn:aws:states:eu-central-1:123456789012:execution:image-lifecycle:release-app_1-0-0-7", wire.Sent[0].Text("executionArn"));
        Assert.Equal(("AQC1", "NotReleasable", "its record is gone"), (wire.Sent[1].Text("taskToken"), wire.Sent[1].Text("error"), wire.Sent[1].Text("cause")));
    }

    [Fact]
    public async Task EndApproval_ExecutionNoLongerWaits_DoesNothing()
    {
        var wire = new Wire().Answer(
            Approval(
                """,{"id":4,"previousEventId":3,"timestamp":1767600001,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"PromoteVersionTags","input":"{}"}}"""));

        Assert.False(await wire.Workflow.EndApprovalAsync("release-app_1-0-0-7", "why", Sample.Cancel));
        Assert.Equal(["GetExecutionHistory"], wire.Operations);
    }

    [Fact]
    public async Task EndApproval_AnsweredElsewhere_IsNotAnError() =>
        Assert.False(await new Wire().Answer(Approval()).Refuse("TaskTimedOut").Workflow.EndApprovalAsync("release-app_1-0-0-7", "why", Sample.Cancel));

    private static string Execution(string name) =>
        $$"""{"executionArn":"arn:x:{{name}}","stateMachineArn":"arn:y","name":"{{name}}","status":"RUNNING","startDate":1767600000}""";

    private static string History(params string[] tokens) => $$"""{"events":[{{string.Join(',', tokens.Select((token, i) => Scheduled(
        i + 1, "{\"Subject\":\"blocked\",\"MessageAttributes\":{\"token\":{\"DataType\":\"String\",\"StringValue\":\"" + token + "\"}}}")))}}]}""";

    private static string Approval(string next = "") => $$"""
        {"events":[
          {"id":1,"previousEventId":0,"timestamp":1767600000,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"Wait for approval","input":"{}"} },
          {{Scheduled(2, "{\"Message\":\"approve?\\n\\nThe task token, for programs:\\nAQC1\"}")}},
          {"id":3,"previousEventId":2,"timestamp":1767600000,"type":"TaskSubmitted"}{{next}}]}
        """;

    private static string Scheduled(int id, string parameters) => $$"""
        {"id":{{id}},"previousEventId":{{id - 1}},"timestamp":1767600000,"type":"TaskScheduled","taskScheduledEventDetails":
         {"resourceType":"sns","resource":"publish.waitForTaskToken","region":"eu-central-1","parameters":{{System.Text.Json.JsonSerializer.Serialize(parameters)}} } }
        """;
}
