using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>The operations from a client's point of view.</summary>
public sealed class ApiTests : IDisposable
{
    private const string Waits = """{"W": {"Type": "Wait", "Seconds": 100, "End": true}}""";
    private const string Pass = """{"P": {"Type": "Pass", "End": true}}""";

    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Fact]
    public void CreateStateMachine_Again_ReturnsTheSameAndRefusesAnotherDefinition()
    {
        var arn = _states.Machine(Pass);

        Assert.Equal("arn:aws:states:us-east-1:123456789012:stateMachine:machine", arn);
        Assert.Equal(arn, _states.Machine(Pass));
        var refused = _states.Refused("CreateStateMachine", Definition("machine", Waits));
        Assert.Equal(("StateMachineAlreadyExists", $"State Machine Already Exists: '{arn}'"), refused);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a*")]
    public void Names_WithForbiddenCharacters_AreRefused(string name)
    {
        var arn = _states.Machine(Pass);

        Assert.Equal("InvalidName", _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = name }).Code);
        Assert.Contains(_states.Refused("CreateStateMachine", Definition(name, Pass)).Code, new[] { "InvalidName", "ValidationException" });
    }

    /// <summary>Recorded: https://github.com/wolfeidau/buildkite-serverless-agent/issues/37, https://github.com/getmoto/moto/issues/6438</summary>
    [Fact]
    public void Names_ThatAreTooLong_AreRefusedByTheModel()
    {
        var arn = _states.Machine(Pass);
        var name = new string('t', 81);
        var refusal = ("ValidationException",
            $"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80");

        Assert.Equal(refusal, _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = name }));
        Assert.Equal(refusal, _states.Refused("CreateStateMachine", Definition(name, Pass)));
    }

    [Fact]
    public void UnsupportedFeature_IsRefusedByName()
    {
        var express = Definition("x", Pass);
        express["type"] = "EXPRESS";

        Assert.Equal("StateMachineTypeNotSupported", _states.Refused("CreateStateMachine", express).Code);
        Assert.Equal("UnknownOperationException", _states.Refused("RedriveExecution", []).Code);
        var missing = _states.Refused("CreateStateMachine", new JsonObject { ["name"] = "x" });
        Assert.Equal("ValidationException", missing.Code);
        Assert.StartsWith("2 validation errors detected: Value null at 'definition' failed to satisfy constraint: Member must not be null", missing.Message,
            StringComparison.Ordinal);
        Assert.Equal("SerializationException",
            _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = "a", ["input"] = new JsonObject() }).Code);
    }

    [Theory]
    [InlineData("DescribeStateMachine", "stateMachineArn", "arn:aws:states:us-east-1:123456789012:stateMachine:no", "StateMachineDoesNotExist")]
    [InlineData("StartExecution", "stateMachineArn", "arn:aws:states:us-east-1:123456789012:stateMachine:no", "StateMachineDoesNotExist")]
    [InlineData("ListExecutions", "stateMachineArn", "arn:aws:states:us-east-1:123456789012:stateMachine:no", "StateMachineDoesNotExist")]
    [InlineData("StartExecution", "stateMachineArn", "machine", "InvalidArn")]
    [InlineData("DeleteStateMachine", "stateMachineArn", "arn:aws:states:us-east-1:123456789012:execution:m:e", "InvalidArn")]
    [InlineData("DescribeExecution", "executionArn", "arn:aws:states:us-east-1:123456789012:execution:m:e", "ExecutionDoesNotExist")]
    [InlineData("StopExecution", "executionArn", "arn:aws:states:us-east-1:123456789012:execution:m:e", "ExecutionDoesNotExist")]
    [InlineData("GetExecutionHistory", "executionArn", "arn:aws:states:us-east-1:123456789012:stateMachine:m", "InvalidArn")]
    [InlineData("ListTagsForResource", "resourceArn", "arn:aws:states:us-east-1:123456789012:stateMachine:no", "ResourceNotFound")]
    [InlineData("UpdateStateMachine", "stateMachineArn", "arn:aws:states:us-east-1:123456789012:stateMachine:no", "StateMachineDoesNotExist")]
    public void UnknownResource_IsRefused(string operation, string member, string arn, string code) =>
        Assert.Equal(code, _states.Refused(operation, new JsonObject { [member] = arn }).Code);

    [Theory]
    [InlineData("not json")]
    [InlineData("{'a': 1}")]
    [InlineData("")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    public void StartExecution_InputIsNotJson_IsRefused(string input)
    {
        var arn = _states.Machine(Pass);

        Assert.Equal("InvalidExecutionInput", _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["input"] = input }).Code);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public async Task StartExecution_AcceptsAnyJsonAsInput(string input)
    {
        var execution = _states.Begin(_states.Machine(Pass), input);
        await _states.Idle();

        Assert.Equal(input, (string?)_states.Describe(execution)["output"]);
    }

    [Fact]
    public async Task StartExecution_NameOfARunningOne_ReturnsItOnlyForTheSameInput()
    {
        var arn = _states.Machine(Waits);
        var first = _states.Call("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = "n", ["input"] = "{}" });

        Assert.Equal(first.ToJsonString(),
            _states.Call("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = "n", ["input"] = "{}" }).ToJsonString());
        Assert.Equal("ExecutionAlreadyExists",
            _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = "n", ["input"] = "[]" }).Code);

        await _states.Idle();
        var refused = _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = "n", ["input"] = "{}" });
        Assert.Equal(("ExecutionAlreadyExists", $"Execution Already Exists: '{first["executionArn"]}'"), refused);
    }

    [Fact]
    public async Task StartExecution_NameIsFreeAgainAfterNinetyDays()
    {
        var arn = _states.Machine(Pass);
        var first = _states.Begin(arn, "{}", "n");
        await _states.Idle();

        await _states.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        Assert.Equal("ExecutionAlreadyExists", _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn, ["name"] = "n" }).Code);

        await _states.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first, _states.Begin(arn, "{}", "n"));
        Assert.Equal("RUNNING", (string?)_states.Describe(first)["status"]);
    }

    [Fact]
    public async Task StopExecution_AbortsOnceAndFinally()
    {
        var execution = _states.Begin(_states.Machine(Waits));
        await _states.Idle(_states.Now.AddSeconds(10));

        _states.Call("StopExecution", new JsonObject { ["executionArn"] = execution, ["error"] = "Enough", ["cause"] = "said so" });
        await _states.Idle();

        var ended = _states.Describe(execution);
        Assert.Equal("ABORTED", (string?)ended["status"]);
        Assert.Equal("Enough", (string?)ended["error"]);
        Assert.Equal("said so", (string?)ended["cause"]);
        Assert.Equal(["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"], _states.HistoryTypes(execution));
        Assert.Equal(0, (int)_states.History(execution)[2]["previousEventId"]!);
        var again = _states.Call("StopExecution", new JsonObject { ["executionArn"] = execution });
        Assert.Equal(ended["stopDate"]!.ToJsonString(), again["stopDate"]!.ToJsonString());
    }

    [Fact]
    public async Task ListExecutions_PagesNewestFirstAndFiltersByStatus()
    {
        var arn = _states.Machine(
            """{"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 3, "Next": "S"}], "Default": "F"}, "S": {"Type": "Succeed"}, "F": {"Type": "Fail"}}""");
        for (var i = 0; i < 5; i++)
        {
            _states.Begin(arn, $"{i}", $"n{i}");
        }

        await _states.Idle();

        var first = _states.Call("ListExecutions", new JsonObject { ["stateMachineArn"] = arn, ["maxResults"] = 2 });
        _states.Begin(arn, "9", "new");
        var second = _states.Call(
            "ListExecutions", new JsonObject { ["stateMachineArn"] = arn, ["maxResults"] = 3, ["nextToken"] = (string?)first["nextToken"] });
        var failed = _states.Call("ListExecutions", new JsonObject { ["stateMachineArn"] = arn, ["statusFilter"] = "FAILED" });

        Assert.Equal(["n4", "n3"], Names(first));
        Assert.Equal(["n2", "n1", "n0"], Names(second));
        Assert.False(second.ContainsKey("nextToken"));
        Assert.Equal(["n4", "n3"], Names(failed));
        Assert.Equal("InvalidToken", _states.Refused("ListExecutions", new JsonObject { ["stateMachineArn"] = arn, ["nextToken"] = "x" }).Code);
        Assert.Equal("ValidationException", _states.Refused("ListExecutions", new JsonObject { ["stateMachineArn"] = arn, ["maxResults"] = 1001 }).Code);
        Assert.Equal("ValidationException", _states.Refused("ListExecutions", new JsonObject { ["stateMachineArn"] = arn, ["statusFilter"] = "DONE" }).Code);
    }

    [Fact]
    public async Task GetExecutionHistory_PagesInBothDirections()
    {
        var execution = _states.Begin(_states.Machine("""{"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}"""), """{"x":1}""");
        await _states.Idle();

        Assert.Equal([1, 2, 3, 4, 5, 6], Ids(reverse: false));
        Assert.Equal([6, 5, 4, 3, 2, 1], Ids(reverse: true));

        var bare = _states.Call("GetExecutionHistory", new JsonObject { ["executionArn"] = execution, ["includeExecutionData"] = false });
        Assert.DoesNotContain("\"x\"", bare.ToJsonString().Replace("\\u0022", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        var started = _states.History(execution)[0];
        Assert.Equal("""{"x":1}""", (string?)started["executionStartedEventDetails"]!["input"]);
        Assert.Equal(StatesFixture.Role, (string?)started["executionStartedEventDetails"]!["roleArn"]);

        List<int> Ids(bool reverse)
        {
            var ids = new List<int>();
            string? token = null;
            do
            {
                var input = new JsonObject { ["executionArn"] = execution, ["maxResults"] = 4, ["reverseOrder"] = reverse };
                if (token is not null)
                {
                    input["nextToken"] = token;
                }

                var page = _states.Call("GetExecutionHistory", input);
                ids.AddRange(page["events"]!.AsArray().Select(entry => (int)entry!["id"]!));
                token = (string?)page["nextToken"];
            }
            while (token is not null);
            return ids;
        }
    }

    [Fact]
    public async Task UpdateStateMachine_ChangesOnlyExecutionsThatStartLater()
    {
        var arn = _states.Machine("""{"W": {"Type": "Wait", "Seconds": 10, "Next": "P"}, "P": {"Type": "Pass", "Result": "old", "End": true}}""");
        var before = _states.Begin(arn);
        var updated = _states.Call(
            "UpdateStateMachine",
            new JsonObject
            {
                ["stateMachineArn"] = arn,
                ["definition"] = """{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "new", "End": true}}}"""
            });
        var after = _states.Begin(arn);
        await _states.Idle();

        Assert.Equal("\"old\"", (string?)_states.Describe(before)["output"]);
        Assert.Equal("\"new\"", (string?)_states.Describe(after)["output"]);
        Assert.Equal((string?)updated["revisionId"], (string?)_states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = arn })["revisionId"]);
        Assert.Contains("old", (string?)_states.Call("DescribeStateMachineForExecution", new JsonObject { ["executionArn"] = before })["definition"],
            StringComparison.Ordinal);
        Assert.Equal("MissingRequiredParameter", _states.Refused("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = arn }).Code);
        Assert.Equal("InvalidDefinition", _states.Refused("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = arn, ["definition"] = "{}" }).Code);
    }

    [Fact]
    public async Task DeleteStateMachine_WaitsForItsExecutions()
    {
        var arn = _states.Machine(Waits);
        var execution = _states.Begin(arn);

        _states.Call("DeleteStateMachine", new JsonObject { ["stateMachineArn"] = arn });
        Assert.Equal("DELETING", (string?)_states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = arn })["status"]);
        Assert.Equal("StateMachineDeleting", _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = arn }).Code);

        await _states.Idle();
        Assert.Equal("SUCCEEDED", (string?)_states.Describe(execution)["status"]);
        Assert.Equal("StateMachineDoesNotExist", _states.Refused("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = arn }).Code);
        _states.Call("DeleteStateMachine", new JsonObject { ["stateMachineArn"] = arn });
    }

    [Fact]
    public void ListStateMachines_PagesByName()
    {
        foreach (var name in new[] { "c", "a", "b" })
        {
            _states.Machine(Pass, name);
        }

        var first = _states.Call("ListStateMachines", new JsonObject { ["maxResults"] = 2 });
        var second = _states.Call("ListStateMachines", new JsonObject { ["nextToken"] = (string?)first["nextToken"] });

        Assert.Equal(["a", "b"], first["stateMachines"]!.AsArray().Select(machine => (string?)machine!["name"]));
        Assert.Equal(["c"], second["stateMachines"]!.AsArray().Select(machine => (string?)machine!["name"]));
    }

    [Fact]
    public void Tags_AreAddedReplacedAndRemoved()
    {
        var arn = _states.Machine(Pass);
        _states.Call("TagResource",
            new JsonObject { ["resourceArn"] = arn, ["tags"] = JsonNode.Parse("""[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]""") });
        _states.Call("TagResource", new JsonObject { ["resourceArn"] = arn, ["tags"] = JsonNode.Parse("""[{"key": "a", "value": "3"}]""") });
        _states.Call("UntagResource", new JsonObject { ["resourceArn"] = arn, ["tagKeys"] = new JsonArray("b", "none") });

        Assert.Equal("""[{"key":"a","value":"3"}]""", _states.Call("ListTagsForResource", new JsonObject { ["resourceArn"] = arn })["tags"]!.ToJsonString());
    }

    [Fact]
    public async Task StatusChanges_AreEventsAndJournalEntries()
    {
        var execution = _states.Begin(_states.Machine("""{"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}"""), "{}", "n");
        await _states.Idle();

        Assert.Equal(["RUNNING", "FAILED"], _states.Events.Select(entry => (string?)entry.Detail["status"]));
        var (source, type, resources, detail) = _states.Events[1];
        Assert.Equal(("aws.states", "Step Functions Execution Status Change"), (source, type));
        Assert.Equal([execution], resources);
        Assert.Equal("E", (string?)detail["error"]);
        Assert.Equal(1767600000000, (long)detail["startDate"]!);
        Assert.Null(detail["output"]);
        Assert.Equal(["execution-started", "state-entered", "execution-ended"], _states.Journal.Select(entry => entry.Kind));
        Assert.All(_states.Journal, entry => Assert.Equal((execution, "n"), (entry.Data["execution"], entry.Data["name"])));
    }

    private static JsonObject Definition(string name, string states)
    {
        var nodes = JsonNode.Parse(states)!.AsObject();
        var definition = new JsonObject { ["StartAt"] = nodes.First().Key, ["States"] = nodes };
        return new JsonObject { ["name"] = name, ["definition"] = definition.ToJsonString(), ["roleArn"] = StatesFixture.Role };
    }

    private static IEnumerable<string?> Names(JsonObject page) => page["executions"]!.AsArray().Select(execution => (string?)execution!["name"]);

    [Fact]
    public void StartSyncExecution_OfAStandardWorkflow_IsRefused()
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");

        Assert.Equal(
            ("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"),
            _states.Refused("StartSyncExecution", new JsonObject { ["stateMachineArn"] = machine }));
    }

    [Fact]
    public async Task StartExecution_AsATask_HasTheLengthOfTheServicesAnswer()
    {
        _states.Machine("""{"S": {"Type": "Succeed"}}""", "child");

        var output = (string?)(await _states.Run(
            """{"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "«child»", "Name": "n"}, "End": true}}"""))["output"];

        // {"executionArn":"arn:…:child:n","startDate":1.7676E9}
        var answer = JsonNode.Parse(output!)!;
        var seconds = ((long)answer["StartDate"]! / 1e12m).ToString("0.############", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(
            $"{{\"executionArn\":\"{answer["ExecutionArn"]}\",\"startDate\":{seconds}E9}}".Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
            (string?)answer["SdkHttpMetadata"]!["HttpHeaders"]!["Content-Length"]);
    }
}
