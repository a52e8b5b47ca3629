using System.Net;
using Amazon.StepFunctions.Model;

namespace Automation.Shims.Sdk.Tests;

/// <summary>AWS JSON 1.0.</summary>
public sealed class StepFunctionsTests
{
    private readonly Wire _wire = new();

    [Fact]
    public async Task StartExecution_SendsTargetAndReadsTheTime()
    {
        _wire.Answer("""{"executionArn":"e","startDate":1700000000.5}""");

        var response = await _wire.StepFunctions().StartExecutionAsync(
            new StartExecutionRequest { StateMachineArn = "m", Name = "n", Input = "{}" },
            Cancellation);

        var sent = _wire.Only;
        Assert.Equal(("POST", "states.eu-central-1.amazonaws.com", "/"), (sent.Method, sent.Host, sent.PathAndQuery));
        Assert.Equal("AWSStepFunctions.StartExecution", sent.Header("x-amz-target"));
        Assert.Equal("application/x-amz-json-1.0", sent.Header("content-type"));
        Assert.Null(sent.Header("x-amz-api-version"));
        Assert.Contains("/eu-central-1/states/aws4_request", sent.Header("authorization"), StringComparison.Ordinal);
        Assert.Contains("api/SFN#", sent.Header("user-agent"), StringComparison.Ordinal);
        Assert.Equal("""{"input":"{}","name":"n","stateMachineArn":"m"}""", sent.Body);
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 20, 500, DateTimeKind.Utc), response.StartDate);
    }

    [Fact]
    public async Task SendTaskSuccess_IgnoresAnEmptyResponse()
    {
        _wire.Answer("");

        var response = await _wire.StepFunctions().SendTaskSuccessAsync(
            new SendTaskSuccessRequest { TaskToken = "t", Output = "{}" },
            Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.HttpStatusCode);
        Assert.Equal("request-1", response.ResponseMetadata.RequestId);
    }

    [Fact]
    public async Task GetExecutionHistory_ReadsTheDetailsOfEachEvent()
    {
        _wire.Answer("""
            {"events":[
              {"id":1,"type":"ExecutionStarted","timestamp":1.0,"previousEventId":0,"executionStartedEventDetails":{"input":"{}","inputDetails":{"truncated":false}}},
              {"id":2,"type":"TaskFailed","timestamp":2.0,"previousEventId":1,"taskFailedEventDetails":{"error":"E","cause":"c","resource":"lambda:invoke","resourceType":"lambda"}},
              {"id":3,"type":"MapIterationFailed","timestamp":3.0,"mapIterationFailedEventDetails":{"index":4}}]}
            """);

        var response = await _wire.StepFunctions().GetExecutionHistoryAsync(
            new GetExecutionHistoryRequest { ExecutionArn = "e", ReverseOrder = false, MaxResults = 0 },
            Cancellation);

        Assert.Equal("""{"executionArn":"e","maxResults":0,"reverseOrder":false}""", _wire.Only.Body);
        Assert.Equal([1L, 2L, 3L], response.Events.Select(item => item.Id!.Value));
        Assert.False(response.Events[0].ExecutionStartedEventDetails.InputDetails.Truncated);
        Assert.Equal("E", response.Events[1].TaskFailedEventDetails.Error);
        Assert.Equal(4, response.Events[2].MapIterationFailedEventDetails.Index);
        Assert.Null(response.Events[2].TaskFailedEventDetails);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
