using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>The texts of refusals that people search for, as recordings of the service show them.</summary>
public sealed class AnswerTextTests : IDisposable
{
    private const string Tokens = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("no json", $"Unrecognized token 'no': {Tokens}")]
    [InlineData("{'k': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name")]
    [InlineData("", "Invalid execution input.")]
    public void StartExecution_InvalidJson_IsRefusedWithoutItsPosition(string input, string reason)
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");

        var refused = _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = machine, ["input"] = input });

        Assert.Equal(("InvalidExecutionInput", $"Invalid State Machine Execution Input: '{reason}'"), refused);
    }

    [Theory]
    [InlineData("\"\"", "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object", null)]
    [InlineData("[1]", "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object", null)]
    [InlineData("no json", "INVALID_JSON_DESCRIPTION",
        $"Unrecognized token 'no': {Tokens}\n at [Source: (String)\"no json\"; line: 1, column: 3]", "[Source: (String)\"no json\"; line: 1, column: 3]")]
    [InlineData("{}", "SCHEMA_VALIDATION_FAILED", "These fields are required: [States, StartAt]", "/")]
    [InlineData("""{"States": {"S": {"Type": "Succeed"}}}""", "SCHEMA_VALIDATION_FAILED", "These fields are required: [StartAt]", "/")]
    public void Validate_AWholeDefinitionAtFault_HasOneDiagnostic(string definition, string code, string message, string? location)
    {
        var answer = _states.Call("ValidateStateMachineDefinition", new JsonObject { ["definition"] = definition });

        var diagnostic = Assert.Single(answer["diagnostics"]!.AsArray())!.AsObject();
        Assert.Equal(code, (string?)diagnostic["code"]);
        Assert.Equal(message, (string?)diagnostic["message"]);
        Assert.Equal(location, (string?)diagnostic["location"]);
        Assert.Equal(location is not null, diagnostic.ContainsKey("location"));
    }

    [Theory]
    [InlineData("""{"level": "ALL"}""")]
    [InlineData("""{"level": "ERROR", "includeExecutionData": true, "destinations": []}""")]
    [InlineData("""{"level": "OFF", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "a"}}, {"cloudWatchLogsLogGroup": {"logGroupArn": "b"}}]}""")]
    public void LoggingConfiguration_WithoutOneDestination_IsRefused(string logging)
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");

        var created = _states.Refused("CreateStateMachine", new JsonObject
        {
            ["name"] = "logs",
            ["roleArn"] = StatesFixture.Role,
            ["loggingConfiguration"] = JsonNode.Parse(logging),
            ["definition"] = """{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}""",
        });
        var updated = _states.Refused(
            "UpdateStateMachine", new JsonObject { ["stateMachineArn"] = machine, ["loggingConfiguration"] = JsonNode.Parse(logging) });

        Assert.Equal(("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination."), created);
        Assert.Equal(created, updated);
    }

    [Theory]
    [InlineData("{}", """{"level":"OFF","includeExecutionData":false}""")]
    [InlineData("""{"destinations":[]}""", """{"destinations":[],"level":"OFF","includeExecutionData":false}""")]
    public void LoggingConfiguration_WithoutALevel_IsOff(string logging, string described)
    {
        var machine = _states.Call("CreateStateMachine", new JsonObject
        {
            ["name"] = "logs",
            ["roleArn"] = StatesFixture.Role,
            ["loggingConfiguration"] = JsonNode.Parse(logging),
            ["definition"] = """{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}""",
        })["stateMachineArn"]!.DeepClone();

        Assert.Equal(described, _states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = machine })["loggingConfiguration"]!.ToJsonString());
    }

    [Fact]
    public void Update_ThatChangesNothing_KeepsTheRevision()
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");
        JsonObject Update(string role) => new() { ["stateMachineArn"] = machine, ["roleArn"] = role };

        var first = (string?)_states.Call("UpdateStateMachine", Update(StatesFixture.Role + "-2"))["revisionId"];
        var again = (string?)_states.Call("UpdateStateMachine", Update(StatesFixture.Role + "-2"))["revisionId"];
        var other = (string?)_states.Call("UpdateStateMachine", Update(StatesFixture.Role))["revisionId"];

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Update_WithTheSameLogging_KeepsTheRevision()
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");
        JsonObject Update() => new()
        {
            ["stateMachineArn"] = machine,
            ["loggingConfiguration"] = new JsonObject { ["level"] = "OFF", ["includeExecutionData"] = true },
        };

        var first = (string?)_states.Call("UpdateStateMachine", Update())["revisionId"];

        Assert.Equal(first, (string?)_states.Call("UpdateStateMachine", Update())["revisionId"]);
    }

    [Fact]
    public void LoggingConfiguration_WithADeletedGroup_IsRefused()
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");

        Assert.Equal(
            ("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination not found."),
            _states.Refused("UpdateStateMachine", new JsonObject
            {
                ["stateMachineArn"] = machine,
                ["loggingConfiguration"] = JsonNode.Parse(
                    """{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:123456789012:log-group:gone:*"}}]}"""),
            }));
    }

    [Theory]
    [InlineData("CreateStateMachine", "name", "m")]
    [InlineData("UpdateStateMachine", "stateMachineArn", StatesFixture.Child)]
    public void VersionDescription_WithoutPublish_IsRefused(string operation, string member, string value)
    {
        var request = new JsonObject
        {
            [member] = value,
            ["definition"] = """{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}""",
            ["roleArn"] = StatesFixture.Role,
            ["versionDescription"] = "first",
        };

        Assert.Equal(("ValidationException", "Version description can only be set when publish is true"), _states.Refused(operation, request));
    }

    [Theory]
    [InlineData("<execution-role-arn>")]
    [InlineData("arn:aws:iam::1234:role/short")]
    [InlineData("arn:aws:iam::aws:policy/AWSBatchFullAccess")]
    public void Role_WithAnotherArn_IsRefused(string role)
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");
        var create = new JsonObject { ["name"] = "m", ["definition"] = """{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}""", ["roleArn"] = role };

        Assert.Equal(("InvalidArn", $"Invalid Role Arn: '{role}'"), _states.Refused("CreateStateMachine", create));
        Assert.Equal("InvalidArn", _states.Refused("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = machine, ["roleArn"] = role }).Code);
    }

    [Fact]
    public void StatusFilter_ThatDoesNotExist_IsRefusedWithTheOthers()
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");

        Assert.Equal(
            ("ValidationException",
                "1 validation error detected: Value 'DONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"),
            _states.Refused("ListExecutions", new JsonObject { ["stateMachineArn"] = machine, ["statusFilter"] = "DONE" }));
    }

    [Fact]
    public void Update_OfNothing_IsRefused()
    {
        var machine = _states.Machine("""{"S": {"Type": "Succeed"}}""");

        Assert.Equal(
            ("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"),
            _states.Refused("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = machine }));
    }

    [Fact]
    public async Task StopExecution_EndsTheHistoryWithoutAPreviousEvent()
    {
        var execution = _states.Begin(_states.Machine("""{"W": {"Type": "Wait", "Seconds": 60, "End": true}}"""));
        await _states.Advance(TimeSpan.FromSeconds(1));
        _states.Call("StopExecution", new JsonObject { ["executionArn"] = execution });

        var last = _states.History(execution)[^1];
        Assert.Equal("ExecutionAborted", (string?)last["type"]);
        Assert.Equal(0, (int)last["previousEventId"]!);
        Assert.Equal("{}", last["executionAbortedEventDetails"]!.ToJsonString());
    }
}
