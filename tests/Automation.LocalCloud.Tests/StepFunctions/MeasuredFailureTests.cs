using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Failures as recordings of the service show them: names, causes and the events that they follow.</summary>
public sealed class MeasuredFailureTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("sqs:sendMessage", """{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "m"}""", "MissingParameter",
        "SQS.AmazonSQSException", "no (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: *; Proxy: null)")]
    [InlineData("sqs:sendMessage", """{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "m"}""",
        "AWS.SimpleQueueService.NonExistentQueue", "SQS.QueueDoesNotExistException",
        "no (Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: *; Proxy: null)")]
    [InlineData("aws-sdk:sqs:purgeQueue", """{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q"}""", "InvalidParameterValue",
        "Sqs.SqsException", "no (Service: Sqs, Status Code: 400, Request ID: *)")]
    [InlineData("sns:publish", """{"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"}""", "InvalidParameter",
        "SNS.InvalidParameterException", "no (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: *; Proxy: null)")]
    [InlineData("events:putEvents", """{"Entries": [{"Source": "s", "DetailType": "d", "Detail": {}}]}""", "ValidationException",
        "EventBridge.AmazonEventBridgeException",
        "no (Service: AmazonEventBridge; Status Code: 400; Error Code: ValidationException; Request ID: *; Proxy: null)")]
    public async Task RefusedCall_HasTheNameOfTheSdksException(string integration, string parameters, string code, string error, string cause)
    {
        _states.Cloud.BeforeCall = (service, _, _) =>
        {
            if (service is "sqs" or "sns" or "events")
            {
                throw new AwsException(code, "no");
            }
        };

        var execution = await _states.Run(
            $$$"""{"T": {"Type": "Task", "Resource": "arn:aws:states:::{{{integration}}}", "Parameters": {{{parameters}}}, "End": true}}""");

        Assert.Equal(error, (string?)execution["error"]);
        var parts = cause.Split('*');
        Assert.StartsWith(parts[0], (string?)execution["cause"], StringComparison.Ordinal);
        Assert.EndsWith(parts[1], (string?)execution["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task QueueUrl_WithoutAHost_IsNotReachable()
    {
        var execution = await _states.Run(
            """{"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "somewhere", "MessageBody": "m"}, "End": true}}""");

        Assert.Equal(
            ("SQS.SdkClientException", "Unable to execute HTTP request: somewhere: Name or service not known"),
            ((string?)execution["error"], (string?)execution["cause"]));
    }

    [Theory]
    [InlineData("States.Array(1, States.StringToJson($.no))", "$.no")]
    [InlineData("States.ArrayLength($$.Execution.No)", "$.Execution.No")]
    [InlineData("States.JsonToString($.list[9])", "$.list[9]")]
    public async Task FunctionOfAMissingPath_NamesTheWholeCallAndTheInput(string call, string path)
    {
        var execution = await _states.Run(
            $$$"""{"P": {"Type": "Pass", "Parameters": {"v.$": "{{{call}}}"}, "End": true}}""", """{"list":[1]}""");

        Assert.Equal("States.Runtime", (string?)execution["error"]);
        Assert.EndsWith(
            $"The function '{call}' had the following error: The JsonPath argument for the field '{path}' could not be found in the input '{{\"list\":[1]}}'",
            (string?)execution["cause"],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingPathOfTheContextObject_NamesThePathLikeOneOfTheInput()
    {
        var execution = await _states.Run("""{"P": {"Type": "Pass", "Parameters": {"v.$": "$$.Nope.Deep"}, "End": true}}""");

        Assert.Contains(
            "The JSONPath '$.Nope.Deep' specified for the field 'v.$' could not be found in the input '{\"Execution\":{\"Id\":",
            (string?)execution["cause"],
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$.list[9]", "null")]
    [InlineData("$.list[-9]", "null")]
    [InlineData("$.list[9].x", null)]
    [InlineData("$.none[9]", null)]
    public async Task TemplateField_WithAnIndexBeyondTheArray_IsNull(string path, string? value)
    {
        var execution = await _states.Run($$$"""{"P": {"Type": "Pass", "Parameters": {"v.$": "{{{path}}}"}, "End": true}}""", """{"list":[1]}""");

        Assert.Equal(value is null ? "FAILED" : "SUCCEEDED", (string?)execution["status"]);
        Assert.Equal(value is null ? null : $"{{\"v\":{value}}}", (string?)execution["output"]);
    }

    [Fact]
    public async Task ResultSelectorThatFails_FollowsTheSuccessOfTheBranches()
    {
        var lines = await Lines(
            """{"P": {"Type": "Parallel", "ResultSelector": {"m.$": "$.no"}, "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}]}}""");

        Assert.Equal(["5 ParallelStateSucceeded", "6 ExecutionFailed"], lines[^2..]);
    }

    [Fact]
    public async Task TaskThatFailsInABranch_IsAborted()
    {
        var lines = await Lines(
            """
            {"P": {"Type": "Parallel", "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
              "Branches": [{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "x", "MessageBody": "m"}, "End": true}}}]},
             "Z": {"Type": "Pass", "End": true}}
            """);

        Assert.Equal(
            ["0 ExecutionStarted", "0 ParallelStateEntered", "2 ParallelStateStarted", "3 TaskStateEntered", "4 TaskScheduled", "5 TaskStarted",
                "6 TaskFailed", "7 TaskStateAborted", "7 ParallelStateFailed", "9 ParallelStateExited", "10 PassStateEntered", "11 PassStateExited",
                "12 ExecutionSucceeded"],
            lines);
    }

    [Fact]
    public async Task TaskWithAMissingParameterInABranch_LeavesNoOtherEvents()
    {
        var lines = await Lines(
            """
            {"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "T", "States": {"T":
              {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl.$": "$.no", "MessageBody": "m"}, "End": true}}}]}}
            """);

        Assert.Equal(["0 ExecutionStarted", "0 ParallelStateEntered", "2 ParallelStateStarted", "3 TaskStateEntered", "4 ExecutionFailed"], lines);
    }

    [Fact]
    public async Task MapOfNothing_ExitsAfterItsStart()
    {
        var lines = await Lines(
            """{"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}""", "[]");

        Assert.Equal(
            ["0 ExecutionStarted", "0 MapStateEntered", "2 MapStateStarted", "3 MapStateSucceeded", "3 MapStateExited", "5 ExecutionSucceeded"], lines);
    }

    [Fact]
    public async Task IterationThatFails_FailsTheMapAfterTheSameEvent()
    {
        var lines = await Lines(
            """{"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {"StartAt": "F", "States": {"F": {"Type": "Fail"}}}}}""", "[1, 2]");

        Assert.Equal(
            ["0 ExecutionStarted", "0 MapStateEntered", "2 MapStateStarted", "3 MapIterationStarted", "4 FailStateEntered", "5 MapIterationFailed",
                "5 MapStateFailed", "7 ExecutionFailed"],
            lines);
    }

    private async Task<string[]> Lines(string states, string input = "{}")
    {
        var execution = _states.Begin(_states.Machine(states), input);
        await _states.Idle();
        return [.. _states.History(execution).Select(entry => $"{entry["previousEventId"]} {entry["type"]}")];
    }
}
