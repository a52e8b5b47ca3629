using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Task states: integrations, Retry, Catch and timeouts.</summary>
public sealed class TaskTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Fact]
    public async Task Function_ByArn_ReturnsItsResultUnchanged()
    {
        _states.Functions["f"] = input => new JsonObject { ["got"] = input?.DeepClone() };
        var execution = _states.Begin(_states.Machine("""{"T": {«direct», "End": true}}"""), """{"a":1}""");
        await _states.Idle();

        Assert.Equal("""{"got":{"a":1}}""", (string?)_states.Describe(execution)["output"]);
        Assert.Equal(
            ["ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "TaskStateExited",
                "ExecutionSucceeded"],
            _states.HistoryTypes(execution));
        Assert.Equal(StatesFixture.FunctionArn("f"), (string?)_states.History(execution)[2]["lambdaFunctionScheduledEventDetails"]!["resource"]);
    }

    [Fact]
    public async Task LambdaInvoke_WrapsTheResultLikeTheService()
    {
        _states.Functions["f"] = _ => "done";
        var execution = _states.Begin(_states.Machine("""{"T": {«invoke», "End": true}}"""), """{"a":1}""");
        await _states.Idle();

        var output = JsonNode.Parse((string)_states.Describe(execution)["output"]!)!;
        Assert.Equal("$LATEST", (string?)output["ExecutedVersion"]);
        Assert.Equal("done", (string?)output["Payload"]);
        Assert.Equal(200, (int)output["StatusCode"]!);
        Assert.Equal(200, (int)output["SdkHttpMetadata"]!["HttpStatusCode"]!);
        var scheduled = _states.History(execution)[2]["taskScheduledEventDetails"]!;
        Assert.Equal("lambda", (string?)scheduled["resourceType"]);
        Assert.Equal("invoke", (string?)scheduled["resource"]);
        Assert.Equal("""{"FunctionName":"f","Payload":{"a":1}}""", (string?)scheduled["parameters"]);
    }

    [Fact]
    public async Task FunctionError_HasTheErrorTypeAsNameAndTheDocumentAsCause()
    {
        _states.Functions["f"] = _ => throw new FunctionError("PermanentException", "no such image");

        var execution = await _states.Run("""{"T": {«invoke», "End": true}}""");

        Assert.Equal("FAILED", (string?)execution["status"]);
        Assert.Equal("PermanentException", (string?)execution["error"]);
        Assert.Equal("""{"errorType":"PermanentException","errorMessage":"no such image"}""", (string?)execution["cause"]);
        Assert.Contains(_states.Journal, entry => entry.Kind == "task-failed" && entry.Data["error"] == "PermanentException");
    }

    [Fact]
    public async Task MissingFunction_IsTheServicesError()
    {
        var execution = await _states.Run("""{"T": {«invoke», "End": true}}""");

        Assert.Equal("Lambda.ResourceNotFoundException", (string?)execution["error"]);
        Assert.Contains("Function not found", (string?)execution["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task InjectedFault_AffectsCallsOfTasks()
    {
        _states.Functions["f"] = _ => null;
        _states.Cloud.BeforeCall = (service, operation, _) =>
        {
            if (service == "lambda" && operation == "Invoke")
            {
                throw new AwsException("TooManyRequestsException", "Rate Exceeded.", 429);
            }
        };

        var execution = await _states.Run("""{"T": {«invoke», "End": true}}""");

        Assert.Equal("Lambda.TooManyRequestsException", (string?)execution["error"]);
    }

    [Fact]
    public async Task Retry_WaitsLongerEachTime()
    {
        var start = _states.Now;
        var calls = new List<double>();
        _states.Functions["f"] = _ =>
        {
            calls.Add((_states.Now - start).TotalSeconds);
            return calls.Count < 5 ? throw new FunctionError("Transient", "again") : "ok";
        };

        var execution = await _states.Run(
            """{"T": {«invoke», "OutputPath": "$.Payload", "End": true, "Retry": [{"ErrorEquals": ["Transient"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 20}]}}""");

        Assert.Equal("\"ok\"", (string?)execution["output"]);
        Assert.Equal([0, 2, 8, 26, 46], calls);
        Assert.Equal(4, _states.Journal.Count(entry => entry.Kind == "task-retried"));
    }

    [Fact]
    public async Task Retry_Exhausted_ContinuesWithTheCatch()
    {
        _states.Functions["f"] = _ => throw new FunctionError("Transient", "again");
        var start = _states.Now;

        var execution = await _states.Run(
            """
            {"T": {«invoke», "Next": "No", "Retry": [{"ErrorEquals": ["States.ALL"]}],
               "Catch": [{"ErrorEquals": ["Other"], "Next": "No"}, {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failure", "Next": "Caught"}]},
             "No": {"Type": "Fail"},
             "Caught": {"Type": "Pass", "Parameters": {"error.$": "$.failure.Error", "document.$": "States.StringToJson($.failure.Cause)", "kept.$": "$.a"}, "End": true}}
            """,
            """{"a": 1}""");

        Assert.Equal("""{"document":{"errorType":"Transient","errorMessage":"again"},"error":"Transient","kept":1}""", (string?)execution["output"]);
        Assert.Equal(4, _states.Calls.Count);
        Assert.Equal(start.AddSeconds(1 + 2 + 4), _states.Now);
    }

    [Fact]
    public async Task Retry_RulesCountSeparatelyAndZeroMeansNever()
    {
        var errors = new Queue<string>(["A", "B", "A", "Never"]);
        _states.Functions["f"] = _ => throw new FunctionError(errors.Dequeue(), "x");

        var execution = await _states.Run(
            """
            {"T": {«invoke», "End": true, "Retry": [
               {"ErrorEquals": ["A"], "MaxAttempts": 2}, {"ErrorEquals": ["B"], "MaxAttempts": 1}, {"ErrorEquals": ["Never"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]}}
            """);

        Assert.Equal("Never", (string?)execution["error"]);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Retry_WithJitter_IsTheSameInEveryRun()
    {
        var ends = new List<DateTimeOffset>();
        for (var i = 0; i < 2; i++)
        {
            using var states = new StatesFixture();
            var failures = 3;
            states.Functions["f"] = _ => failures-- > 0 ? throw new FunctionError("E", "x") : null;
            await states.Run("""{"T": {«invoke», "End": true, "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 100, "JitterStrategy": "FULL"}]}}""");
            ends.Add(states.Now);
        }

        Assert.Equal(ends[0], ends[1]);
        Assert.InRange(ends[0], new CloudOptions().Start, new CloudOptions().Start.AddSeconds(100 + 200 + 400));
        Assert.NotEqual(new CloudOptions().Start.AddSeconds(700), ends[0]);
    }

    [Fact]
    public async Task RetryCount_IsInTheContextObject()
    {
        var seen = new List<string>();
        _states.Functions["f"] = input =>
        {
            seen.Add(input!.ToJsonString());
            return seen.Count < 3 ? throw new FunctionError("E", "x") : null;
        };

        await _states.Run(
            """
            {"T": {«direct», "Parameters": {"n.$": "$$.State.RetryCount", "s.$": "$$.State.Name"}, "End": true, "Retry": [{"ErrorEquals": ["E"]}]}}
            """);

        Assert.Equal(["""{"s":"T","n":0}""", """{"s":"T","n":1}""", """{"s":"T","n":2}"""], seen);
    }

    [Fact]
    public async Task TimeoutSeconds_EndsTheAttemptAndIgnoresTheLateResult()
    {
        Action<LocalCloud.Ports.FunctionOutcome>? late = null;
        _states.Slow = (_, _, completed) => late = completed;
        var execution = _states.Begin(_states.Machine("""{"T": {«invoke», "TimeoutSeconds": 30, "End": true}}"""));

        await _states.Idle();
        Assert.Equal("RUNNING", (string?)_states.Describe(execution)["status"]);

        await _states.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("RUNNING", (string?)_states.Describe(execution)["status"]);

        await _states.Advance(TimeSpan.FromSeconds(1));
        _states.Cloud.Run(() => late!(StatesFixture.Success("1")));
        var ended = _states.Describe(execution);
        Assert.Equal("FAILED", (string?)ended["status"]);
        Assert.Equal("States.Timeout", (string?)ended["error"]);
        Assert.False(ended.ContainsKey("cause"));
        Assert.Equal("TaskTimedOut", _states.HistoryTypes(execution)[^2]);
    }

    [Fact]
    public async Task TimeoutSecondsPath_IsReadFromTheInput()
    {
        _states.Slow = (_, _, _) => { };
        var execution = _states.Begin(_states.Machine("""{"T": {«invoke», "TimeoutSecondsPath": "$.limit", "End": true}}"""), """{"limit": 7}""");

        await _states.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal("States.Timeout", (string?)_states.Describe(execution)["error"]);
        Assert.Equal(7, (int)_states.History(execution)[2]["taskScheduledEventDetails"]!["timeoutInSeconds"]!);
    }

    [Fact]
    public async Task Timeout_IsNotTaskFailed()
    {
        _states.Slow = (_, _, _) => { };
        var execution = _states.Begin(_states.Machine(
            """
            {"T": {«invoke», "TimeoutSeconds": 5, "Next": "A", "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "A"}, {"ErrorEquals": ["States.Timeout"], "Next": "B"}]},
             "A": {"Type": "Fail"}, "B": {"Type": "Succeed"}}
            """));

        await _states.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("""{"Error":"States.Timeout","Cause":""}""", (string?)_states.Describe(execution)["output"]);
    }

    [Fact]
    public async Task ExecutionTimeout_EndsItTimedOut()
    {
        var execution = _states.Begin(_states.Machine("""{"W": {"Type": "Wait", "Seconds": 100, "End": true}}""", timeout: 60));

        await _states.Idle();

        var ended = _states.Describe(execution);
        Assert.Equal("TIMED_OUT", (string?)ended["status"]);
        Assert.False(ended.ContainsKey("error"));
        Assert.Equal("ExecutionTimedOut", _states.HistoryTypes(execution)[^1]);
    }

    /// <summary>In recordings of the service, States.ALL catches a task's result that is too large, although its documentation denies it.</summary>
    [Fact]
    public async Task ResultBeyondTheLimit_FailsTheTaskAndIsCaughtByAll()
    {
        _states.Functions["f"] = _ => new string('x', 262_144);

        var execution =
            await _states.Run("""{"T": {«invoke», "Next": "A", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}]}, "A": {"Type": "Succeed"}}""");

        Assert.Equal(
            """{"Error":"States.DataLimitExceeded","Cause":"The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."}""",
            (string?)execution["output"]);
    }

    [Fact]
    public async Task StateBeyondTheLimit_IsNotCaughtByAll()
    {
        _states.Functions["f"] = input => input?.DeepClone();
        var half = new string('x', 140_000);

        var execution = await _states.Run(
            """{"T": {«direct», "ResultPath": "$.again", "Next": "A", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}]}, "A": {"Type": "Succeed"}}""",
            $$"""{"a":"{{half}}"}""");

        Assert.Equal("FAILED", (string?)execution["status"]);
        Assert.Equal("States.DataLimitExceeded", (string?)execution["error"]);
    }

    [Fact]
    public async Task ResultAtTheLimit_IsAccepted()
    {
        _states.Functions["f"] = _ => new string('x', 262_142);

        var execution = await _states.Run("""{"T": {«direct», "End": true}}""");

        Assert.Equal("SUCCEEDED", (string?)execution["status"]);
    }

    [Fact]
    public async Task OtherServices_ReceiveTheParameters()
    {
        var execution = await _states.Run(
            """
            {"S": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Subject": "s", "Message": {"a.$": "$.n"}}, "ResultSelector": {"id.$": "$.MessageId"}, "ResultPath": "$.sns", "Next": "Q"},
             "Q": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "MessageBody.$": "$.text"}, "ResultSelector": {"md5.$": "$.MD5OfMessageBody"}, "ResultPath": "$.sqs", "Next": "E"},
             "E": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [{"Source": "my.app", "DetailType": "Done", "Detail": {"n.$": "$.n"}}]}, "ResultSelector": {"failed.$": "$.FailedEntryCount"}, "ResultPath": "$.events", "End": true}}
            """,
            """{"n": 5, "text": "hello"}""");

        Assert.Equal("""{"n":5,"text":"hello","sns":{"id":"message-1"},"sqs":{"md5":"5d41402abc4b2a76b9719d911017c592"},"events":{"failed":0}}""",
            (string?)execution["output"]);
        Assert.Equal([("arn:aws:sns:us-east-1:123456789012:t", """s|{"a":5}"""), ("arn:aws:sqs:eu-west-1:123456789012:q", "hello")], _states.Calls);
        var sent = Assert.Single(_states.Events, entry => entry.Source == "my.app");
        Assert.Equal("""{"n":5}""", sent.Detail.ToJsonString());
        Assert.Contains((string?)execution["executionArn"], sent.Resources);
    }

    [Fact]
    public async Task OperationOfSqs_IsCalledWithTheParametersAndReturnsTheResponse()
    {
        var execution = await _states.Run(
            """{"R": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:receiveMessage", "Parameters": {"QueueUrl.$": "$.url", "MaxNumberOfMessages": 10}, "End": true}}""",
            """{"url": "https://sqs.us-east-1.amazonaws.com/123456789012/q"}""");

        Assert.Equal(
            """{"Called":"ReceiveMessage","With":{"MaxNumberOfMessages":10,"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q"}}""",
            (string?)execution["output"]);
    }

    [Fact]
    public async Task PutEvents_InAnotherServicesName_IsRefused()
    {
        var execution = await _states.Run(
            """{"E": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [{"Source": "aws.ecr", "DetailType": "x", "Detail": {}}]}, "End": true}}""");

        Assert.Equal("EventBridge.FailedEntry", (string?)execution["error"]);
    }

    [Theory]
    [InlineData(".sync:2", """{"x":1}""")]
    [InlineData(".sync", "\"{\\\"x\\\":1}\"")]
    public async Task StartExecutionSync_WaitsForItsEndAndReturnsItsOutput(string pattern, string output)
    {
        _states.Machine("""{"W": {"Type": "Wait", "Seconds": 50, "End": true}}""", "child");
        var start = _states.Now;

        var execution = await _states.Run(
            """{"C": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution«pattern»", "Parameters": {"StateMachineArn": "«child»", "Name": "n", "Input": {"x": 1}}, "ResultSelector": {"o.$": "$.Output", "s.$": "$.Status"}, "End": true}}""".Replace("«pattern»", pattern, StringComparison.Ordinal));

        Assert.Equal($"{{\"s\":\"SUCCEEDED\",\"o\":{output}}}", (string?)execution["output"]);
        Assert.Equal(start.AddSeconds(50), _states.Now);
    }

    [Fact]
    public async Task StartExecutionSync_FailingExecution_FailsWithItsDescription()
    {
        _states.Machine("""{"F": {"Type": "Fail", "Error": "Deep", "Cause": "down"}}""", "child");

        var execution = await _states.Run(
            """{"C": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "«child»"}, "End": true}}""");

        Assert.Equal("States.TaskFailed", (string?)execution["error"]);
        Assert.Equal("Deep", (string?)JsonNode.Parse((string)execution["cause"]!)!["Error"]);
    }

    [Fact]
    public async Task StartExecutionSync_StartedExecutionIsStopped_FailsAtOnceAndTheCauseHasTheStatus()
    {
        _states.Machine("""{"W": {"Type": "Wait", "Seconds": 5000, "End": true}}""", "child");
        var parent = _states.Begin(_states.Machine(
            """
            {"C": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {"StateMachineArn": "«child»", "Name": "n"}, "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.ended", "Next": "Stopped?"}], "End": true},
             "Stopped?": {"Type": "Choice", "Choices": [{"Variable": "$.ended.Cause", "StringMatches": "*\"Status\":\"ABORTED\"*", "Next": "Yes"}], "Default": "No"},
             "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail"}}
            """));
        await _states.Idle(_states.Now.AddSeconds(1));
        var stopped = _states.Now;

        _states.Call("StopExecution", new JsonObject { ["executionArn"] = StatesFixture.Child.Replace("stateMachine", "execution", StringComparison.Ordinal) + ":n" });
        await _states.Idle();

        Assert.Equal("SUCCEEDED", (string?)_states.Describe(parent)["status"]);
        Assert.Equal(stopped, _states.Now);
    }

    [Fact]
    public async Task StartExecutionSync_Stopped_StopsTheStartedExecution()
    {
        _states.Machine("""{"W": {"Type": "Wait", "Seconds": 5000, "End": true}}""", "child");
        var parent = _states.Begin(_states.Machine(
            """{"C": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {"StateMachineArn": "«child»", "Name": "n"}, "End": true}}"""));
        await _states.Idle(_states.Now.AddSeconds(1));

        _states.Call("StopExecution", new JsonObject { ["executionArn"] = parent });

        Assert.Equal("ABORTED", (string?)_states.Describe(StatesFixture.Child.Replace("stateMachine", "execution", StringComparison.Ordinal) + ":n")["status"]);
    }

    [Fact]
    public async Task StartExecution_OfAnExistingName_HasTheErrorOfTheSdk()
    {
        _states.Machine("""{"S": {"Type": "Succeed"}}""", "child");
        _states.Begin(StatesFixture.Child, "{}", "taken");
        await _states.Idle();

        var execution = await _states.Run(
            """{"C": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "«child»", "Name": "taken"}, "End": true}}""");

        Assert.Equal("StepFunctions.ExecutionAlreadyExistsException", (string?)execution["error"]);
    }
}
