using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Each state type alone.</summary>
public sealed class StateTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Fact]
    public async Task Pass_WithResult_GivesItInsteadOfTheInput()
    {
        var execution = await _states.Run("""{"A": {"Type": "Pass", "Result": {"x": 1}, "ResultPath": "$.made", "End": true}}""", """{"in": true}""");

        Assert.Equal("SUCCEEDED", (string?)execution["status"]);
        Assert.Equal("""{"in":true,"made":{"x":1}}""", (string?)execution["output"]);
    }

    [Fact]
    public async Task Succeed_InABranch_EndsTheExecution()
    {
        var execution = await _states.Run("""{"A": {"Type": "Succeed", "OutputPath": "$.a"}}""", """{"a": [1]}""");

        Assert.Equal("[1]", (string?)execution["output"]);
    }

    [Fact]
    public async Task Fail_WithPaths_TakesErrorAndCauseFromTheInput()
    {
        var execution = await _states.Run(
            """{"A": {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "States.Format('because of {}', $.why)"}}""",
            """{"error": "Broken", "why": 7}""");

        Assert.Equal("FAILED", (string?)execution["status"]);
        Assert.Equal("Broken", (string?)execution["error"]);
        Assert.Equal("because of 7", (string?)execution["cause"]);
    }

    [Fact]
    public async Task Fail_WithoutErrorAndCause_FailsWithNeither()
    {
        var execution = await _states.Run("""{"A": {"Type": "Fail"}}""");

        Assert.Equal("FAILED", (string?)execution["status"]);
        Assert.False(execution.ContainsKey("error"));
        Assert.False(execution.ContainsKey("cause"));
    }

    [Theory]
    [InlineData("""{"Type": "Wait", "Seconds": 90, "End": true}""", 90)]
    [InlineData("""{"Type": "Wait", "SecondsPath": "$.seconds", "End": true}""", 30)]
    [InlineData("""{"Type": "Wait", "Timestamp": "2026-01-05T09:00:00Z", "End": true}""", 3600)]
    [InlineData("""{"Type": "Wait", "TimestampPath": "$.at", "End": true}""", 7200)]
    [InlineData("""{"Type": "Wait", "Timestamp": "2020-01-01T00:00:00+01:00", "End": true}""", 0)]
    public async Task Wait_LetsVirtualTimePass(string state, int seconds)
    {
        var start = _states.Now;

        var execution = await _states.Run($$"""{"A": {{state}}}""", """{"seconds": 30, "at": "2026-01-05T11:00:00.000+01:00"}""");

        Assert.Equal("SUCCEEDED", (string?)execution["status"]);
        Assert.Equal(start.AddSeconds(seconds), _states.Now);
    }

    [Theory]
    [InlineData("""{"Type": "Wait", "SecondsPath": "$.seconds", "End": true}""", "SecondsPath")]
    [InlineData("""{"Type": "Wait", "TimestampPath": "$.seconds", "End": true}""", "TimestampPath")]
    public async Task Wait_WithoutATime_FailsTheExecution(string state, string field)
    {
        var execution = await _states.Run($$"""{"A": {{state}}}""", """{"seconds": "soon"}""");

        Assert.Equal("States.Runtime", (string?)execution["error"]);
        Assert.Contains(field, (string?)execution["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallel_ReturnsResultsInTheOrderOfTheBranches()
    {
        var execution = await _states.Run(
            """
            {"P": {"Type": "Parallel", "Parameters": {"n.$": "$.number"}, "ResultSelector": {"all.$": "$[*].n"}, "End": true, "Branches": [
              {"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 60, "End": true}}},
              {"StartAt": "Fast", "States": {"Fast": {"Type": "Pass", "Result": {"n": "fast"}, "End": true}}}]}}
            """,
            """{"number": 5}""");

        Assert.Equal("""{"all":[5,"fast"]}""", (string?)execution["output"]);
    }

    [Fact]
    public async Task Parallel_OneBranchFails_AbortsTheOthersAndFails()
    {
        var machine = _states.Machine(
            """
            {"P": {"Type": "Parallel", "End": true, "Branches": [
              {"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 60, "End": true}}},
              {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Broken", "Cause": "for a test"}}}]}}
            """);
        var start = _states.Now;

        var execution = _states.Begin(machine);
        await _states.Idle();

        Assert.Equal("Broken", (string?)_states.Describe(execution)["error"]);
        Assert.Equal(start, _states.Now);
        Assert.Equal(
            ["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted", "WaitStateEntered", "FailStateEntered", "WaitStateAborted",
                "ParallelStateFailed", "ExecutionFailed"],
            _states.HistoryTypes(execution));
    }

    [Fact]
    public async Task Loop_OfThousandsOfTransitions_RunsWithoutDeepStack()
    {
        var execution = await _states.Run(
            """
            {"Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
             "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThanEquals": 5000, "Next": "Done"}], "Default": "Count"},
             "Done": {"Type": "Succeed"}}
            """,
            """{"n": 0}""");

        Assert.Equal("SUCCEEDED", (string?)execution["status"]);
        Assert.Equal("""{"n":5000}""", (string?)execution["output"]);
    }

    [Fact]
    public async Task Loop_WithoutEnd_FailsWhenTheHistoryIsFull()
    {
        var execution = await _states.Run(
            """
            {"A": {"Type": "Pass", "Next": "B"}, "E": {"Type": "Succeed"},
             "B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "E"}], "Default": "A"}}
            """);

        Assert.Equal("FAILED", (string?)execution["status"]);
        Assert.Contains("maximum number of history events (25000)", (string?)execution["cause"], StringComparison.Ordinal);
        var last = _states.Call(
            "GetExecutionHistory", new JsonObject { ["executionArn"] = (string?)execution["executionArn"], ["reverseOrder"] = true, ["maxResults"] = 1 });
        Assert.Equal(25_000, (int)last["events"]![0]!["id"]!);
        Assert.Equal("ExecutionFailed", (string?)last["events"]![0]!["type"]);
    }

    [Fact]
    public async Task Assign_SetsVariablesForLaterStatesAndInnerFlows()
    {
        var execution = await _states.Run(
            """
            {"A": {"Type": "Pass", "Assign": {"who.$": "$.name", "fixed": 2}, "Next": "M"},
             "M": {"Type": "Map", "ItemsPath": "$.list", "End": true, "ItemProcessor": {"StartAt": "F", "States": {
               "F": {"Type": "Pass", "Parameters": {"t.$": "States.Format('{}-{}-{}', $who, $fixed, $)"}, "OutputPath": "$.t", "End": true}}}}}
            """,
            """{"name": "ann", "list": ["x", "y"]}""");

        Assert.Equal("""["ann-2-x","ann-2-y"]""", (string?)execution["output"]);
    }
}
