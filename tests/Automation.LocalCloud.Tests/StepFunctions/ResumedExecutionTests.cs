using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Executions that a second cloud resumes from the store of a first one that stopped.</summary>
public sealed class ResumedExecutionTests : IDisposable
{
    private readonly MemoryStore _store = new(keepsRows: true);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task EndedBefore_IsKeptWithItsHistory()
    {
        string ended;
        using (var first = new StatesFixture(_store))
        {
            ended = first.Begin(first.Machine("""{"P": {"Type": "Pass", "End": true}}"""), "1", "ended");
            await first.Idle();
        }

        using var second = new StatesFixture(_store);
        await second.Idle();

        Assert.Equal("SUCCEEDED", (string?)second.Describe(ended)["status"]);
        Assert.Equal(["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"], second.HistoryTypes(ended));
        Assert.Empty(second.Events);
        Assert.Equal(
            "ExecutionAlreadyExists",
            second.Refused(
                "StartExecution", new JsonObject { ["stateMachineArn"] = (string?)second.Describe(ended)["stateMachineArn"], ["name"] = "ended" }).Code);
    }

    [Fact]
    public async Task NotBegunYet_Begins()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            execution = first.Begin(first.Machine("""{"P": {"Type": "Pass", "End": true}}"""), "7");
        }

        using var second = new StatesFixture(_store);
        await second.Idle();

        Assert.Equal("7", (string?)second.Describe(execution)["output"]);
    }

    [Fact]
    public async Task InAWait_WaitsOnlyForTheRest()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            execution = first.Begin(first.Machine("""{"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}"""), "5000");
            await first.Advance(TimeSpan.FromSeconds(3000));
        }

        using var second = new StatesFixture(_store);
        await second.Advance(TimeSpan.FromSeconds(1999));
        Assert.Equal("RUNNING", (string?)second.Describe(execution)["status"]);
        await second.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("5000", (string?)second.Describe(execution)["output"]);
        Assert.Equal(["ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"], second.HistoryTypes(execution));
    }

    [Fact]
    public async Task WaitForATimeThatHasPassed_EndsAtOnce()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            execution = first.Begin(first.Machine("""{"W": {"Type": "Wait", "Seconds": 60, "End": true}}"""));
            await first.Idle(first.Now);
        }

        using var second = new StatesFixture(_store, new CloudOptions().Start.AddYears(1));
        await second.Idle(second.Now);

        Assert.Equal("SUCCEEDED", (string?)second.Describe(execution)["status"]);
    }

    [Fact]
    public async Task RunningTask_IsStartedAgainWithTheSameInput()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            first.Slow = (_, _, _) => { };
            execution = first.Begin(
                first.Machine(
                    """{"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload": {"id.$": "States.UUID()"}}, "OutputPath": "$.Payload", "End": true}}"""));
            await first.Idle();
            Assert.Single(first.Calls);
            using var second = new StatesFixture(_store);
            second.Functions["f"] = input => input!["id"]!.DeepClone();
            await second.Idle();

            Assert.Equal(first.Calls, second.Calls);
            Assert.Equal("SUCCEEDED", (string?)second.Describe(execution)["status"]);
            Assert.Equal(
                ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"],
                second.HistoryTypes(execution));
        }
    }

    [Fact]
    public async Task RunningTask_FunctionIsGone_FailsLikeATask()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            first.Slow = (_, _, _) => { };
            execution = first.Begin(
                first.Machine(
                    """{"T": {«direct», "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true}, "C": {"Type": "Pass", "End": true}}"""));
            await first.Idle();
        }

        using var second = new StatesFixture(_store);
        await second.Idle();

        Assert.Contains("Lambda.ResourceNotFoundException", (string?)second.Describe(execution)["output"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retries_ContinueCounting()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            first.Functions["f"] = _ => throw new FunctionError("Busy", "no");
            execution = first.Begin(
                first.Machine(
                    """{"T": {«direct», "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 100, "BackoffRate": 2, "MaxAttempts": 2}], "End": true}}"""));
            await first.Advance(TimeSpan.FromSeconds(150));
            Assert.Equal(2, first.Calls.Count);
        }

        using var second = new StatesFixture(_store);
        second.Functions["f"] = _ => throw new FunctionError("Busy", "no");
        await second.Advance(TimeSpan.FromSeconds(149));
        Assert.Empty(second.Calls);
        await second.Advance(TimeSpan.FromSeconds(1));

        Assert.Single(second.Calls);
        Assert.Equal("FAILED", (string?)second.Describe(execution)["status"]);
    }

    [Fact]
    public async Task TaskToken_IssuedBefore_StillEndsTheTask()
    {
        const string States =
            """{"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}, "End": true}}""";
        string execution, token = "";
        using (var first = new StatesFixture(_store))
        {
            first.Functions["f"] = input =>
            {
                token = (string)input!["t"]!;
                return null;
            };
            execution = first.Begin(first.Machine(States));
            await first.Idle();
        }

        using var second = new StatesFixture(_store);
        second.Call("SendTaskSuccess", new JsonObject { ["taskToken"] = token, ["output"] = "\"approved\"" });
        await second.Idle();

        Assert.Empty(second.Calls);
        Assert.Equal("\"approved\"", (string?)second.Describe(execution)["output"]);
        Assert.Equal("TaskTimedOut", second.Refused("SendTaskSuccess", new JsonObject { ["taskToken"] = token, ["output"] = "1" }).Code);
    }

    [Fact]
    public async Task TaskToken_HeartbeatAndTimeout_KeepTheirDeadlines()
    {
        string late, silent;
        using (var first = new StatesFixture(_store))
        {
            first.Functions["f"] = _ => null;
            late = first.Begin(first.Machine(Callback("\"TimeoutSeconds\": 100"), "late"));
            silent = first.Begin(first.Machine(Callback("\"TimeoutSeconds\": 1000, \"HeartbeatSeconds\": 50"), "silent"));
            await first.Advance(TimeSpan.FromSeconds(40));
            var token = (string)JsonNode.Parse(first.Calls[^1].Payload)!["t"]!;
            first.Call("SendTaskHeartbeat", new JsonObject { ["taskToken"] = token });
        }

        using var second = new StatesFixture(_store);
        await second.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal("RUNNING", (string?)second.Describe(silent)["status"]);
        await second.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("States.Timeout", (string?)second.Describe(silent)["error"]);
        Assert.Equal("RUNNING", (string?)second.Describe(late)["status"]);
        await second.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("States.Timeout", (string?)second.Describe(late)["error"]);

        static string Callback(string times) =>
            $$$"""{"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}, {{{times}}}, "End": true}}""";
    }

    [Fact]
    public async Task ExecutionTimeout_CountsFromTheStart()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            execution = first.Begin(first.Machine("""{"W": {"Type": "Wait", "Seconds": 5000, "End": true}}""", timeout: 100));
            await first.Advance(TimeSpan.FromSeconds(60));
        }

        using var second = new StatesFixture(_store);
        await second.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal("TIMED_OUT", (string?)second.Describe(execution)["status"]);
    }

    [Fact]
    public async Task ChildExecution_StartedBefore_IsAwaitedAndNotStartedTwice()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            first.Machine("""{"W": {"Type": "Wait", "Seconds": 50, "Next": "P"}, "P": {"Type": "Pass", "Result": 5, "End": true}}""", "child");
            execution = first.Begin(
                first.Machine(
                    """{"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "«child»"}, "OutputPath": "$.Output", "End": true}}"""));
            await first.Advance(TimeSpan.FromSeconds(20));
        }

        using var second = new StatesFixture(_store);
        await second.Idle();

        Assert.Equal("5", (string?)second.Describe(execution)["output"]);
        Assert.Single(second.Call("ListExecutions", new JsonObject { ["stateMachineArn"] = StatesFixture.Child })["executions"]!.AsArray());
    }

    [Fact]
    public async Task ExecutionOfAReplacedDefinition_KeepsItsOwn()
    {
        string execution;
        using (var first = new StatesFixture(_store))
        {
            var machine = first.Machine("""{"W": {"Type": "Wait", "Seconds": 50, "Next": "Old"}, "Old": {"Type": "Pass", "Result": "old", "End": true}}""");
            execution = first.Begin(machine);
            await first.Idle(first.Now);
            first.Call("UpdateStateMachine",
                new JsonObject { ["stateMachineArn"] = machine, ["definition"] = """{"StartAt": "New", "States": {"New": {"Type": "Succeed"}}}""" });
        }

        using var second = new StatesFixture(_store);
        await second.Idle();

        Assert.Equal("\"old\"", (string?)second.Describe(execution)["output"]);
    }

    [Fact]
    public async Task ExecutionOfADeletedMachine_EndsAndTheMachineIsRemoved()
    {
        string execution, machine;
        using (var first = new StatesFixture(_store))
        {
            machine = first.Machine("""{"W": {"Type": "Wait", "Seconds": 50, "End": true}}""");
            execution = first.Begin(machine);
            await first.Idle(first.Now);
            first.Call("DeleteStateMachine", new JsonObject { ["stateMachineArn"] = machine });
        }

        using var second = new StatesFixture(_store);
        Assert.Equal("DELETING", (string?)second.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = machine })["status"]);
        await second.Idle();

        Assert.Equal("SUCCEEDED", (string?)second.Describe(execution)["status"]);
        Assert.Equal("StateMachineDoesNotExist", second.Refused("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = machine }).Code);
    }

    /// <summary>Whenever the cloud stops, an execution takes the same course to the same end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task StoppedAtAnyStep_EndsInTheSameState(int seed)
    {
        const string States = """
            {
              "Keep": {"Type": "Pass", "Assign": {"seen.$": "$.items"}, "Next": "Each"},
              "Each": {
                "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemSelector": {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"},
                "ItemProcessor": {"StartAt": "Hold", "States": {
                  "Hold": {"Type": "Wait", "SecondsPath": "$.n", "Next": "Work"},
                  "Work": {«invoke», "ResultSelector": {"r.$": "$.Payload"}, "ResultPath": "$.done", "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 4}], "End": true}}},
                "ResultPath": "$.mapped", "Next": "Both"},
              "Both": {
                "Type": "Parallel", "Branches": [
                  {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 4, "Next": "A2"}, "A2": {"Type": "Pass", "Result": null, "End": true}}},
                  {"StartAt": "B", "States": {"B": {"Type": "Pass", "Parameters": {"v.$": "$seen"}, "Next": "B2"}, "B2": {"Type": "Wait", "Seconds": 7, "End": true}}}],
                "ResultPath": "$.both", "End": true}
            }
            """;
        const string Input = """{"items": [5, 1, 9, 1, 3, 3]}""";
        using var whole = new StatesFixture();
        whole.Functions["f"] = input => input!.DeepClone();
        var expected = whole.Begin(whole.Machine(States), Input);
        await whole.Idle();
        var (restarts, steps) = (0, 0);

        var states = Open();
        try
        {
            var execution = states.Begin(states.Machine(States), Input);
            while ((string?)states.Describe(execution)["status"] == "RUNNING")
            {
                if (Ids.From($"{seed}/{++steps}").ToByteArray()[0] % 2 == 0)
                {
                    states.Dispose();
                    states = Open();
                    restarts++;
                }

                Assert.True(states.Cloud.Run(() => states.Cloud.Clock.FireNext(DateTimeOffset.MaxValue)));
            }

            Assert.True(restarts > 2);
            Assert.Equal((string?)whole.Describe(expected)["output"], (string?)states.Describe(execution)["output"]);
            Assert.Equal(whole.HistoryTypes(expected).Order(), states.HistoryTypes(execution).Order());
            Assert.Equal((double?)whole.Describe(expected)["stopDate"], (double?)states.Describe(execution)["stopDate"]);
            Assert.Null(states.Cloud.StepFunctions.Store.Position(execution));
        }
        finally
        {
            states.Dispose();
        }

        StatesFixture Open()
        {
            var opened = new StatesFixture(_store);
            opened.Functions["f"] = input => input!.DeepClone();
            return opened;
        }
    }
}
