using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Behaviour that recordings of the service show and its documentation does not.</summary>
public sealed class MeasuredTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("""{"p": "0.5"}""", "0.5")]
    [InlineData("""{"p": "{\"a\":1}"}""", """{"a":1}""")]
    [InlineData("""{"p": "null"}""", "null")]
    [InlineData("""{"p": "hello"}""", "\"hello\"")]
    [InlineData("""{"p": null}""", "{}")]
    [InlineData("""{"p": {"a":1}}""", """{"a":1}""")]
    public async Task PayloadText_IsTheDocumentItself(string input, string payload)
    {
        _states.Functions["f"] = given => given?.DeepClone();

        await _states.Run(
            """{"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$.p"}, "End": true}}""",
            input);

        Assert.Equal(payload, Assert.Single(_states.Calls).Payload);
    }

    [Theory]
    [InlineData("""{"p": "0.5"}""", "0.5")]
    [InlineData("""{"p": null}""", "{}")]
    [InlineData("""{"p": {"a":1}}""", """{"a":1}""")]
    public async Task InputText_OfStartExecution_IsTheDocumentItself(string input, string given)
    {
        _states.Machine("""{"S": {"Type": "Succeed"}}""", "child");

        await _states.Run(
            """{"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "«child»", "Name": "n", "Input.$": "$.p"}, "End": true}}""", input);

        Assert.Equal(given, (string?)_states.Describe(StatesFixture.Child.Replace("stateMachine", "execution", StringComparison.Ordinal) + ":n")["input"]);
    }

    [Fact]
    public async Task PutEvents_WithABadEntry_FailsWithTheResponseAndDeliversTheGoodOne()
    {
        var execution = await _states.Run(
            """
            {"E": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": true, "Parameters": {"Entries": [
              {"Source": "my.app", "DetailType": "x", "Detail": {"n": 1}}, {"DetailType": "x", "Detail": {}}, {"Source": "my.app", "DetailType": "x", "Detail": "\"text\""}]}}}
            """);

        Assert.Equal("EventBridge.FailedEntry", (string?)execution["error"]);
        var cause = JsonNode.Parse((string)execution["cause"]!)!;
        Assert.Equal(2, (int)cause["FailedEntryCount"]!);
        Assert.NotNull(cause["Entries"]![0]!["EventId"]);
        Assert.Equal("""{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter Source is not valid. Reason: Source is a required argument."}""",
            cause["Entries"]![1]!.ToJsonString());
        Assert.Equal("""{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}""", cause["Entries"]![2]!.ToJsonString());
        Assert.Single(_states.Events, entry => entry.Source == "my.app");
    }

    [Fact]
    public async Task PutEvents_Succeeds_WithOnlyEntriesAndCount()
    {
        var execution = await _states.Run(
            """{"E": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": true, "Parameters": {"Entries": [{"Source": "my.app", "DetailType": "x", "Detail": {}}]}}}""");

        Assert.Equal(["Entries", "FailedEntryCount"], JsonNode.Parse((string)execution["output"]!)!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("""{"P": {"Type": "Pass", "OutputPath": "$.no.such", "End": true}}""", 2, "Invalid path '$.no.such' : Missing property in path $['no']")]
    [InlineData("""{"P": {"Type": "Pass", "Parameters": {"m.$": "$.nope"}, "End": true}}""", 2,
        "The JSONPath '$.nope' specified for the field 'm.$' could not be found in the input '{}'")]
    [InlineData(
        """{"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Pass", "InputPath": "$.x", "End": true}}}]}}""", 4,
        "Invalid path '$.x' : No results for path: $['x']")]
    [InlineData("""{"W": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}""", 2, "The SecondsPath parameter does not reference an input value: $.s")]
    public async Task RuntimeError_FollowsTheLastEventOfItsState(string states, int previous, string cause)
    {
        var execution = _states.Begin(_states.Machine(states));
        await _states.Idle();

        var last = _states.History(execution)[^1];
        Assert.Equal("ExecutionFailed", (string?)last["type"]);
        Assert.Equal(previous, (int)last["previousEventId"]!);
        Assert.EndsWith($" (entered at the event id #{previous}). {cause}", (string?)last["executionFailedEventDetails"]!["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Iterations_OneAtATime_FollowTheLastStateOfThePreviousOne()
    {
        var execution = _states.Begin(_states.Machine(
            """{"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}"""),
            "[7, 8]");
        await _states.Idle();

        Assert.Equal(
            ["0 ExecutionStarted", "0 MapStateEntered", "2 MapStateStarted", "3 MapIterationStarted", "4 PassStateEntered", "5 PassStateExited",
                "6 MapIterationSucceeded", "6 MapIterationStarted", "8 PassStateEntered", "9 PassStateExited", "10 MapIterationSucceeded",
                "11 MapStateSucceeded", "11 MapStateExited", "13 ExecutionSucceeded"],
            Lines(execution));
    }

    [Fact]
    public async Task Parallel_ExitFollowsTheLastBranch()
    {
        var execution = _states.Begin(_states.Machine(
            """{"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}]}}"""));
        await _states.Idle();

        Assert.Equal(
            ["0 ExecutionStarted", "0 ParallelStateEntered", "2 ParallelStateStarted", "3 PassStateEntered", "4 PassStateExited", "5 ParallelStateSucceeded",
                "5 ParallelStateExited", "7 ExecutionSucceeded"],
            Lines(execution));
    }

    [Fact]
    public async Task Parallel_Retried_RecordsFailedOnlyAfterTheLastAttempt()
    {
        var execution = _states.Begin(_states.Machine(
            """
            {"P": {"Type": "Parallel", "End": true, "Retry": [{"ErrorEquals": ["Bad"], "MaxAttempts": 1}],
              "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad"}}}]}}
            """));
        await _states.Idle();

        Assert.Equal(
            ["0 ExecutionStarted", "0 ParallelStateEntered", "2 ParallelStateStarted", "3 FailStateEntered", "4 ParallelStateStarted", "5 FailStateEntered",
                "6 ParallelStateFailed", "7 ExecutionFailed"],
            Lines(execution));
    }

    [Fact]
    public async Task ConcurrentTasks_StartAfterAllAreScheduled()
    {
        _states.Functions["f"] = input => input?.DeepClone();
        var execution = _states.Begin(
            _states.Machine("""{"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "T", "States": {"T": {«direct», "End": true}}}}}"""), "[1, 2]");
        await _states.Idle();

        Assert.Equal(
            ["TaskStateEntered", "LambdaFunctionScheduled", "TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionStarted"],
            _states.HistoryTypes(execution)[5..11]);
    }

    [Theory]
    [InlineData("\"1\"", "SUCCEEDED", null)]
    [InlineData("{}", "FAILED", "The MaxConcurrencyPath field refers to value \"{}\" which is not a valid integer: $.n")]
    [InlineData("\"x\"", "FAILED", "The MaxConcurrencyPath field refers to value \"x\" which is not a valid integer: $.n")]
    public async Task MaxConcurrencyPath_AcceptsANumberAsText(string value, string status, string? cause)
    {
        var execution = await _states.Run(
            """{"M": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrencyPath": "$.n", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}""",
            $$"""{"items": [1], "n": {{value}}}""");

        Assert.Equal(status, (string?)execution["status"]);
        Assert.EndsWith(cause ?? "", (string?)execution["cause"] ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-05T08:00:10.123456789Z", "SUCCEEDED")]
    [InlineData("2026-01-05T08:00:10.1234567890Z", "FAILED")]
    [InlineData("2026-01-05T08:00:10.000", "FAILED")]
    public async Task Timestamp_MayHaveNanoseconds(string time, string status)
    {
        var execution = await _states.Run("""{"W": {"Type": "Wait", "TimestampPath": "$.t", "End": true}}""", $$"""{"t": "{{time}}"}""");

        Assert.Equal(status, (string?)execution["status"]);
        Assert.EndsWith(
            status == "FAILED" ? $"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == {time}" : "",
            (string?)execution["cause"] ?? "",
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("States.StringToJson('')", "null")]
    [InlineData("States.StringToJson(' ')", "null")]
    [InlineData("States.StringToJson('-0')", "0")]
    [InlineData("States.MathAdd(1.49, 1.5)", "3")]
    [InlineData("States.MathAdd(-1.49, -1.5)", "-2")]
    [InlineData("States.MathAdd(-0.5, 0)", "0")]
    [InlineData("States.MathAdd(0.5, 0)", "1")]
    [InlineData("States.MathAdd(-1.5, 0)", "-1")]
    [InlineData("$.list[?(@.s in ['a', 'c'])].n", "[1,3]")]
    [InlineData("$.list[?(@.s nin ['a', 'c'])].n", "[2]")]
    [InlineData("$.list[?(@.s =~ /[A-B]/i)].n", "[1,2]")]
    [InlineData("$.list[?(@.s =~ /b.*/ && @.n > 1)].n", "[2]")]
    [InlineData("$.list[?(@.s size 1)].n", "[1,2,3]")]
    public async Task Expression_GivesTheServicesResult(string expression, string value)
    {
        var execution = await _states.Run(
            new JsonObject
            {
                ["P"] = new JsonObject { ["Type"] = "Pass", ["Parameters"] = new JsonObject { ["v.$"] = expression }, ["OutputPath"] = "$.v", ["End"] = true }
            }.ToJsonString(),
            """{"list": [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}, {"n": 3, "s": "c"}]}""");

        Assert.Equal(value, (string?)execution["output"]);
    }

    [Fact]
    public async Task FunctionOfAMissingPath_NamesItself()
    {
        var execution = await _states.Run("""{"P": {"Type": "Pass", "Parameters": {"v.$": "States.Format('{}', $.x)"}, "End": true}}""");

        Assert.Equal("States.Runtime", (string?)execution["error"]);
        Assert.Equal(
            "An error occurred while executing the state 'P' (entered at the event id #2). The function 'States.Format('{}', $.x)' had the following error: The JsonPath argument for the field '$.x' could not be found in the input '{}'",
            (string?)execution["cause"]);
    }

    [Fact]
    public async Task SendTaskFailure_WithoutCause_IsCaughtWithNull()
    {
        var execution = _states.Begin(_states.Machine(
            """
            {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody.$": "$$.Task.Token"},
              "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "End": true}, "S": {"Type": "Succeed"}}
            """));
        await _states.Idle();
        _states.Call("SendTaskFailure", new JsonObject { ["taskToken"] = Assert.Single(_states.Calls).Payload, ["error"] = "E" });
        await _states.Idle();

        Assert.Equal("""{"Error":"E","Cause":null}""", (string?)_states.Describe(execution)["output"]);
    }

    [Fact]
    public async Task EmptyAssign_IsNotInTheHistory()
    {
        var execution = _states.Begin(_states.Machine("""{"P": {"Type": "Pass", "Assign": {}, "End": true}}"""));
        await _states.Idle();

        Assert.False(_states.History(execution)[2]["stateExitedEventDetails"]!.AsObject().ContainsKey("assignedVariables"));
    }

    [Fact]
    public async Task Descriptions_HaveVariablesAndRevisionsFromTheFirstUpdate()
    {
        var machine = _states.Machine(
            """
            {"A": {"Type": "Pass", "Assign": {"x": 1, "y.$": "$.y"}, "Next": "M"},
             "M": {"Type": "Map", "ItemsPath": "$x.items", "Next": "C", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"v": {"s.$": "States.MathAdd($y, States.MathAdd($x.n[0], $.n))"}}, "End": true}}}},
             "C": {"Type": "Choice", "Choices": [{"Not": {"Variable": "$y", "NumericEqualsPath": "$x"}, "Next": "E"}], "Default": "E"},
             "E": {"Type": "Succeed"}}
            """);
        var execution = _states.Begin(machine);
        await _states.Idle();

        var described = _states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = machine });
        Assert.Equal("""{"M":["x"],"I":["x","y"],"C":["x","y"]}""", described["variableReferences"]!.ToJsonString());
        var executed = _states.Call("DescribeStateMachineForExecution", new JsonObject { ["executionArn"] = execution });
        Assert.Equal("""{"M":["x"],"I":["x","y"],"C":["x","y"]}""", executed["variableReferences"]!.ToJsonString());
        Assert.False(executed.ContainsKey("revisionId"));

        var revision =
            _states.Call("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = machine, ["roleArn"] = StatesFixture.Role + "-2" })["revisionId"];
        var second = _states.Begin(machine);
        Assert.Equal((string?)revision, (string?)_states.Call("DescribeStateMachineForExecution", new JsonObject { ["executionArn"] = second })["revisionId"]);
        Assert.False(_states.Call("DescribeStateMachineForExecution", new JsonObject { ["executionArn"] = execution }).ContainsKey("revisionId"));
    }

    [Theory]
    [InlineData("""{"S": {"Type": "Succeed"}}""", "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven")]
    [InlineData("""{"F": {"Type": "Fail"}}""", "REDRIVABLE", null)]
    public async Task RedriveStatus_SaysWhetherTheServiceCouldRedriveIt(string states, string status, string? reason)
    {
        var execution = await _states.Run(states);

        Assert.Equal(status, (string?)execution["redriveStatus"]);
        Assert.Equal(reason, (string?)execution["redriveStatusReason"]);
    }

    [Fact]
    public async Task DeepInput_PassesThrough()
    {
        var deep = new string('[', 400) + new string(']', 400);

        Assert.Equal(deep, (string?)(await _states.Run("""{"P": {"Type": "Pass", "Parameters": {"v.$": "$.v"}, "OutputPath": "$.v", "End": true}}""", $$"""{"v":{{deep}}}"""))["output"]);
    }

    [Fact]
    public async Task TasksOfAMap_ThatTimeOutTogether_AllEndBeforeTheMapFails()
    {
        _states.Slow = (_, _, _) => { };
        var execution = _states.Begin(_states.Machine(
            """{"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "T", "States": {"T": {«invoke», "TimeoutSeconds": 5, "End": true}}}}}"""), "[1, 2]");
        await _states.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(
            ["10 TaskTimedOut", "11 TaskTimedOut", "12 MapIterationFailed", "12 TaskStateAborted", "12 MapIterationAborted", "12 TaskStateAborted",
                "12 MapStateFailed", "18 ExecutionFailed"],
            Lines(execution)[^8..]);
    }

    [Fact]
    public async Task TasksOfAMap_ThatTimeOutTogether_AreRetriedEach()
    {
        _states.Slow = (_, _, _) => { };
        var execution = _states.Begin(_states.Machine(
            """
            {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "T", "States": {"T": {«invoke», "TimeoutSeconds": 5, "End": true,
              "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]}}}}}
            """), "[1, 2]");
        await _states.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(4, _states.HistoryTypes(execution).Count(type => type == "TaskTimedOut"));
        Assert.Equal("States.Timeout", (string?)_states.Describe(execution)["error"]);
    }

    [Fact]
    public async Task Result_OfAnIntegration_HasTheHeadersOfItsService()
    {
        _states.Functions["f"] = _ => new JsonObject();
        var execution = _states.Begin(_states.Machine("""{"I": {«invoke», "End": true}}"""));
        await _states.Idle();
        var invoked = JsonNode.Parse((string)_states.Describe(execution)["output"]!)!.AsObject();

        Assert.Equal(["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"], invoked.Select(member => member.Key));
        Assert.Equal(
            ["Connection", "Content-Length", "Content-Type", "Date", "X-Amz-Executed-Version", "x-amzn-Remapped-Content-Length", "x-amzn-RequestId",
                "X-Amzn-Trace-Id"],
            invoked["SdkHttpMetadata"]!["HttpHeaders"]!.AsObject().Select(header => header.Key));
        Assert.Equal("2", (string?)invoked["SdkHttpMetadata"]!["AllHttpHeaders"]!["Content-Length"]![0]);
    }

    [Fact]
    public async Task Result_OfTheLogTypeTail_HasTheLog()
    {
        _states.Functions["f"] = _ => new JsonObject();
        var execution = _states.Begin(_states.Machine("""
            {"I": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "LogType": "Tail"}, "End": true}}
            """));
        await _states.Idle();
        var invoked = JsonNode.Parse((string)_states.Describe(execution)["output"]!)!;
        var log = (string?)invoked["LogResult"];

        Assert.StartsWith("START RequestId: ", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(log!)), StringComparison.Ordinal);
        Assert.Equal(log, (string?)invoked["SdkHttpMetadata"]!["HttpHeaders"]!["X-Amz-Log-Result"]);
    }

    [Fact]
    public async Task ContextObject_HasTheServicesOrder()
    {
        var execution = await _states.Run("""{"P": {"Type": "Pass", "Parameters": {"c.$": "$$"}, "OutputPath": "$.c", "End": true}}""");
        var context = JsonNode.Parse((string)execution["output"]!)!.AsObject();

        Assert.Equal(["Execution", "StateMachine", "State"], context.Select(member => member.Key));
        Assert.Equal(["Id", "Input", "StartTime", "Name", "RoleArn", "RedriveCount"], context["Execution"]!.AsObject().Select(member => member.Key));
        Assert.Equal(["Name", "EnteredTime"], context["State"]!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("""{"S": {"Type": "Succeed"}}""", "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven")]
    [InlineData("""{"F": {"Type": "Fail"}}""", "REDRIVABLE", null)]
    public async Task StatusEvent_SaysWhetherTheServiceCouldRedriveIt(string states, string status, string? reason)
    {
        await _states.Run(states);
        var detail = _states.Events.Last(entry => entry.Type == "Step Functions Execution Status Change").Detail;

        Assert.Equal((0, status, reason), ((int)detail["redriveCount"]!, (string?)detail["redriveStatus"], (string?)detail["redriveStatusReason"]));
        Assert.True(detail.ContainsKey("stateMachineVersionArn") && detail.ContainsKey("stateMachineAliasArn") && detail.ContainsKey("redriveDate"));
    }

    private string[] Lines(string execution) => [.. _states.History(execution).Select(entry => $"{entry["previousEventId"]} {entry["type"]}")];
}
