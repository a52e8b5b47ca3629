using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Tasks that wait for their token.</summary>
public sealed class CallbackTests : IDisposable
{
    private readonly StatesFixture _states = new();
    private string? _token;

    public CallbackTests() => _states.Functions["ask"] = input =>
    {
        _token = (string?)input!["token"];
        return null;
    };

    public void Dispose() => _states.Dispose();

    [Fact]
    public async Task Success_ContinuesWithItsOutput()
    {
        var execution = await Asked();

        Assert.Equal("RUNNING", (string?)_states.Describe(execution)["status"]);
        _states.Call("SendTaskSuccess", new JsonObject { ["taskToken"] = _token, ["output"] = """{"ok":true}""" });
        await _states.Idle();

        Assert.Equal("""{"ok":true}""", (string?)_states.Describe(execution)["output"]);
        Assert.Equal(
            ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"],
            _states.HistoryTypes(execution));
    }

    [Fact]
    public async Task Failure_IsTheTasksError()
    {
        var execution = await Asked();

        _states.Call("SendTaskFailure", new JsonObject { ["taskToken"] = _token, ["error"] = "Rejected", ["cause"] = "not today" });

        var ended = _states.Describe(execution);
        Assert.Equal("Rejected", (string?)ended["error"]);
        Assert.Equal("not today", (string?)ended["cause"]);
    }

    [Fact]
    public async Task AnswerFromWithinTheFunction_IsAcceptedBeforeTheFunctionReturns()
    {
        _states.Functions["ask"] = input =>
        {
            _states.Call("SendTaskSuccess", new JsonObject { ["taskToken"] = (string?)input!["token"], ["output"] = "1" });
            return null;
        };

        var execution = await Asked();

        Assert.Equal("1", (string?)_states.Describe(execution)["output"]);
    }

    [Fact]
    public async Task Token_OfAnEndedTask_TimedOut()
    {
        await Asked();
        _states.Call("SendTaskSuccess", new JsonObject { ["taskToken"] = _token, ["output"] = "1" });

        var refused = _states.Refused("SendTaskSuccess", new JsonObject { ["taskToken"] = _token, ["output"] = "2" });

        Assert.Equal("TaskTimedOut", refused.Code);
        Assert.Equal("TaskTimedOut", _states.Refused("SendTaskHeartbeat", new JsonObject { ["taskToken"] = _token }).Code);
    }

    [Fact]
    public void Token_Unknown_IsInvalid()
    {
        Assert.Equal("InvalidToken", _states.Refused("SendTaskFailure", new JsonObject { ["taskToken"] = "nonsense" }).Code);
        Assert.Equal("ValidationException", _states.Refused("SendTaskFailure", []).Code);
    }

    [Fact]
    public async Task Output_IsNotJson_IsInvalidAndTheTaskStillWaits()
    {
        var execution = await Asked();

        Assert.Equal("InvalidOutput", _states.Refused("SendTaskSuccess", new JsonObject { ["taskToken"] = _token, ["output"] = "{oops" }).Code);
        Assert.Equal("RUNNING", (string?)_states.Describe(execution)["status"]);
    }

    [Fact]
    public async Task NoAnswer_TimesOutOnlyWhenTimeReachesTheDeadline()
    {
        var execution = await Asked("\"TimeoutSeconds\": 3600,");
        var start = _states.Now;

        await _states.Idle();
        Assert.Equal(start, _states.Now);

        await _states.Advance(TimeSpan.FromHours(1));
        Assert.Equal("States.Timeout", (string?)_states.Describe(execution)["error"]);
        Assert.Equal("TaskTimedOut", _states.Refused("SendTaskSuccess", new JsonObject { ["taskToken"] = _token, ["output"] = "2" }).Code);
    }

    [Fact]
    public async Task Heartbeats_KeepTheTaskAlive()
    {
        var execution = await Asked("\"HeartbeatSeconds\": 60,");
        for (var i = 0; i < 5; i++)
        {
            await _states.Advance(TimeSpan.FromSeconds(50));
            _states.Call("SendTaskHeartbeat", new JsonObject { ["taskToken"] = _token });
        }

        Assert.Equal("RUNNING", (string?)_states.Describe(execution)["status"]);
        await _states.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("States.Timeout", (string?)_states.Describe(execution)["error"]);
    }

    [Fact]
    public async Task MissedHeartbeat_CanBeCaughtByItsOwnName()
    {
        var execution =
            await Asked("\"HeartbeatSeconds\": 60, \"Catch\": [{\"ErrorEquals\": [\"States.HeartbeatTimeout\"], \"Next\": \"Late\"}],",
                """, "Late": {"Type": "Succeed"}""");

        await _states.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("SUCCEEDED", (string?)_states.Describe(execution)["status"]);
    }

    [Fact]
    public async Task EachAttempt_HasItsOwnToken()
    {
        await Asked("\"Retry\": [{\"ErrorEquals\": [\"Again\"]}],");
        var first = _token;

        _states.Call("SendTaskFailure", new JsonObject { ["taskToken"] = first, ["error"] = "Again" });
        await _states.Idle();

        Assert.NotEqual(first, _token);
        Assert.Equal("TaskTimedOut", _states.Refused("SendTaskSuccess", new JsonObject { ["taskToken"] = first, ["output"] = "1" }).Code);
        _states.Call("SendTaskSuccess", new JsonObject { ["taskToken"] = _token, ["output"] = "1" });
    }

    [Fact]
    public async Task FunctionThatFails_FailsTheTask()
    {
        _states.Functions["ask"] = _ => throw new FunctionError("CannotAsk", "x");

        var execution = await Asked();

        Assert.Equal("CannotAsk", (string?)_states.Describe(execution)["error"]);
    }

    private async Task<string> Asked(string fields = "", string more = "")
    {
        var states = """
            {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", «fields»
              "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}, "End": true}«more»}
            """;
        var execution = _states.Begin(_states.Machine(
            states.Replace("«fields»", fields, StringComparison.Ordinal).Replace("«more»", more, StringComparison.Ordinal)));
        await _states.Idle();
        return execution;
    }
}
