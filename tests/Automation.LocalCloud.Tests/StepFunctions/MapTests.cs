using System.Globalization;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

public sealed class MapTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("ItemProcessor")]
    [InlineData("Iterator")]
    public async Task Results_KeepTheOrderOfTheItemsInAnyOrderOfCompletion(string field)
    {
        var execution = await _states.Run(
            """
            {"M": {"Type": "Map", "ItemsPath": "$.waits", "End": true, "«field»": {"StartAt": "W", "States": {
              "W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}
            """.Replace("«field»", field, StringComparison.Ordinal),
            """{"waits": [30, 10, 20]}""");

        Assert.Equal("[30,10,20]", (string?)execution["output"]);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 50)]
    [InlineData(2, 30)]
    public async Task MaxConcurrency_LimitsHowManyRunAtOnce(int limit, int seconds)
    {
        var start = _states.Now;

        await _states.Run(
            """
            {"M": {"Type": "Map", "MaxConcurrency": «limit», "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "W", "States": {
              "W": {"Type": "Wait", "Seconds": 10, "End": true}}}}}
            """.Replace("«limit»", limit.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
            "[1, 2, 3, 4, 5]");

        Assert.Equal(start.AddSeconds(seconds), _states.Now);
    }

    [Fact]
    public async Task MaxConcurrencyPath_IsReadFromTheInput()
    {
        var start = _states.Now;

        await _states.Run(
            """
            {"M": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrencyPath": "$.limit", "End": true, "ItemProcessor": {"StartAt": "W", "States": {
              "W": {"Type": "Wait", "Seconds": 10, "End": true}}}}}
            """,
            """{"items": [1, 2, 3, 4], "limit": 2}""");

        Assert.Equal(start.AddSeconds(20), _states.Now);
    }

    [Theory]
    [InlineData("ItemSelector")]
    [InlineData("Parameters")]
    public async Task Selector_SeesTheInputAndTheItem(string field)
    {
        var execution = await _states.Run(
            """
            {"M": {"Type": "Map", "ItemsPath": "$.regions", "«field»": {"i.$": "$$.Map.Item.Index", "r.$": "$$.Map.Item.Value", "tag.$": "$.tag"},
              "ResultPath": "$.done", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}
            """.Replace("«field»", field, StringComparison.Ordinal),
            """{"regions": ["eu", "us"], "tag": "v1"}""");

        Assert.Equal(
            """{"regions":["eu","us"],"tag":"v1","done":[{"r":"eu","i":0,"tag":"v1"},{"r":"us","i":1,"tag":"v1"}]}""",
            (string?)execution["output"]);
    }

    [Fact]
    public async Task NoItems_GiveAnEmptyResult()
    {
        var machine = _states.Machine(
            """{"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}""");
        var execution = _states.Begin(machine, "[]");
        await _states.Idle();

        Assert.Equal("[]", (string?)_states.Describe(execution)["output"]);
        Assert.Equal(
            ["ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"],
            _states.HistoryTypes(execution));
    }

    [Fact]
    public async Task ItemsAreNotAnArray_FailTheExecution()
    {
        var execution =
            await _states.Run("""{"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}""");

        Assert.Equal("States.Runtime", (string?)execution["error"]);
        Assert.Contains("must point to array", (string?)execution["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneIterationFails_AbortsTheOthersAndCanBeCaught()
    {
        var machine = _states.Machine(
            """
            {"M": {"Type": "Map", "Next": "End", "Catch": [{"ErrorEquals": ["Bad"], "ResultPath": "$.error", "Next": "Caught"}], "ItemsPath": "$.items",
              "ItemProcessor": {"StartAt": "C", "States": {
                "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "W"},
                "W": {"Type": "Wait", "Seconds": 100, "End": true},
                "F": {"Type": "Fail", "Error": "Bad", "Cause": "two"}}}},
             "Caught": {"Type": "Pass", "End": true},
             "End": {"Type": "Fail", "Error": "NotReached"}}
            """);
        var execution = _states.Begin(machine, """{"items": [1, 2]}""");
        await _states.Idle();

        Assert.Equal("""{"items":[1,2],"error":{"Error":"Bad","Cause":"two"}}""", (string?)_states.Describe(execution)["output"]);
        Assert.Equal(
            [
                "ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapIterationStarted", "MapIterationStarted",
                "ChoiceStateEntered", "ChoiceStateExited", "ChoiceStateEntered", "ChoiceStateExited",
                "WaitStateEntered", "FailStateEntered", "MapIterationFailed", "WaitStateAborted", "MapIterationAborted", "MapStateFailed",
                "MapStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
            ],
            _states.HistoryTypes(execution));
    }

    [Fact]
    public async Task Retry_OfAMapState_RunsAllIterationsAgain()
    {
        var failures = 1;
        _states.Functions["f"] = input => failures-- > 0 ? throw new FunctionError("Flaky", "once") : input;

        var execution = await _states.Run(
            """
            {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "Retry": [{"ErrorEquals": ["Flaky"]}], "ItemProcessor": {"StartAt": "T", "States": {
              "T": {«direct», "End": true}}}}}
            """,
            "[1, 2]");

        Assert.Equal("[1,2]", (string?)execution["output"]);
        Assert.Equal(["1", "1", "2"], _states.Calls.Select(call => call.Payload));
    }

    [Fact]
    public async Task Iterations_InHistory_HaveTheirIndexAndFollowTheirOwnEvents()
    {
        var machine = _states.Machine(
            """{"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}""");
        var execution = _states.Begin(machine, "[7, 8]");
        await _states.Idle();

        var events = _states.History(execution);
        Assert.Equal(
            ["0 ExecutionStarted", "0 MapStateEntered", "2 MapStateStarted", "3 MapIterationStarted", "3 MapIterationStarted", "4 PassStateEntered",
                "6 PassStateExited", "7 MapIterationSucceeded", "5 PassStateEntered", "9 PassStateExited", "10 MapIterationSucceeded", "11 MapStateSucceeded",
                "11 MapStateExited", "13 ExecutionSucceeded"],
            events.Select(entry => $"{entry["previousEventId"]} {entry["type"]}"));
        Assert.Equal(1, (int)events[4]["mapIterationStartedEventDetails"]!["index"]!);
        Assert.Equal("M", (string?)events[4]["mapIterationStartedEventDetails"]!["name"]);
        Assert.Equal(2, (int)events[2]["mapStateStartedEventDetails"]!["length"]!);
    }
}
