using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>What CreateStateMachine and ValidateStateMachineDefinition refuse, with the location that they report.</summary>
public sealed class DefinitionTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("not json", "INVALID_JSON_DESCRIPTION")]
    [InlineData("[]", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null'")]
    [InlineData("""{"StartAt": "A"}""", "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /")]
    [InlineData("""{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}""", "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt, MISSING_TRANSITION_TARGET: State \"A\" is not reachable. at /States/A'")]
    [InlineData("""{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}, "Foo": 1}""", "Field 'Foo' is not supported at /'")]
    [InlineData("""{"StartAt": "A", "Version": "2.0", "States": {"A": {"Type": "Succeed"}}}""", "Value should be one of the following: [1.0] at /Version'")]
    [InlineData("""{"StartAt": "A", "QueryLanguage": "jsonata", "States": {"A": {"Type": "Succeed"}}}""",
        "Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage'")]
    [InlineData("""{"StartAt": "A", "QueryLanguage": 5, "States": {"A": {"Type": "Succeed"}}}""", "Expected value of type [STRING] at /QueryLanguage'")]
    [InlineData("""{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}""",
        "'MISSING_END_STATE: Workflow has no terminal state at null'")]
    [InlineData("""{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "NOPE"}}}""",
        "'MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next, MISSING_END_STATE: Workflow has no terminal state at null'")]
    [InlineData("""{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Succeed"}}}""",
        "The embedded cloud does not support the query language 'JSONata'")]
    [InlineData("""{"StartAt": "A", "TimeoutSeconds": -1, "States": {"A": {"Type": "Succeed"}}}""", "Minimum value is 0 at /TimeoutSeconds'")]
    public void Definition_WithAFault_IsRefused(string definition, string fault)
    {
        var refused = _states.Refused("CreateStateMachine", new JsonObject { ["name"] = "m", ["definition"] = definition, ["roleArn"] = StatesFixture.Role });

        Assert.Equal("InvalidDefinition", refused.Code);
        Assert.StartsWith("Invalid State Machine Definition: '", refused.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Type": "Sleep", "End": true}""", "/Type", "Value should be one of the following: [Choice, Fail, ")]
    [InlineData("""{"End": true}""", "", "These fields are required: [Type]")]
    [InlineData("""{"Type": "Pass"}""", "", "This object should have only one of the following fields: [Next, End]")]
    [InlineData("""{"Type": "Pass", "End": false}""", "", "This object should have only one of the following fields: [Next, End]")]
    [InlineData("""{"Type": "Pass", "End": true, "Next": "A"}""", "", "There should only be one of the following fields: [Next, End]")]
    [InlineData("""{"Type": "Pass", "Next": "Nowhere"}""", "/Next", "Missing 'Next' target: Nowhere")]
    [InlineData("""{"Type": "Pass", "End": true, "Retry": []}""", "", "Field 'Retry' is not supported")]
    [InlineData("""{"Type": "Succeed", "Next": "A"}""", "", "Field 'Next' is not supported")]
    [InlineData("""{"Type": "Succeed", "Assign": {"x": 1}}""", "", "Field 'Assign' is not supported")]
    [InlineData("""{"Type": "Pass", "End": true, "Assign": {"states": 1}}""", "/Assign/states", "Cannot assign to reserved variable '$states'.")]
    [InlineData("""{"Type": "Pass", "End": true, "Assign": {"a-b.$": "$"}}""", "/Assign/a-b.$",
        "Invalid variable name 'a-b': the variable name contains invalid characters.")]
    [InlineData("""{"Type": "Pass", "End": true, "InputPath": "a.b"}""", "/InputPath", "Value must be a valid JSONPath.")]
    [InlineData("""{"Type": "Pass", "End": true, "ResultPath": "$.a[*]"}""", "/ResultPath", "Value is not a Reference Path")]
    [InlineData("""{"Type": "Pass", "End": true, "Parameters": {"a.$": "b"}}""", "/Parameters",
        "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call")]
    [InlineData("""{"Type": "Pass", "End": true, "Assign": {"x.$": "Test"}}""", "/Assign",
        "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call")]
    [InlineData("""{"Type": "Pass", "End": true, "Parameters": {"a.$": "States.Format('one\\nother {}', $.a)"}}""", "/Parameters",
        "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call")]
    [InlineData("""{"Type": "Pass", "End": true, "Parameters": {"x": [{"a.$": 1}]}}""", "/Parameters", "must be a STRING")]
    [InlineData("""{"Type": "Pass", "End": true, "Arguments": {}}""", "", "The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage")]
    [InlineData("""{"Type": "Wait", "End": true}""", "", "This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]")]
    [InlineData("""{"Type": "Wait", "Seconds": -1, "End": true}""", "/Seconds", "Minimum value is 0")]
    [InlineData("""{"Type": "Wait", "Seconds": 100000000, "End": true}""", "/Seconds", "Maximum value is 99999999")]
    [InlineData("""{"Type": "Wait", "Seconds": "5", "End": true}""", "/Seconds", "Expected value of type Integer")]
    [InlineData("""{"Type": "Wait", "Timestamp": "today", "End": true}""", "/Timestamp", "String does not match RFC3339 timestamp")]
    [InlineData("""{"Type": "Fail", "Error": "a", "ErrorPath": "$.b"}""", "", "There should only be one of the following fields: [Error, ErrorPath]")]
    [InlineData("""{"Type": "Choice", "Choices": []}""", "/Choices", "Value cannot be empty")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Variable": "a", "IsNull": true, "Next": "A"}]}""", "/Choices[0]/Variable",
        "Value is not a Reference Path: Reference path didn't start with '$'")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Variable": "$.a[$$.Execution.Id]S", "IsNull": true, "Next": "A"}]}""", "/Choices[0]/Variable",
        "Value is not a Reference Path: '[' must be followed by ' or '['")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "StringEquals": "b", "Next": "A"}]}""", "/Choices[0]",
        "There should only be one of the following fields: [StringEquals, StringEqualsPath, ")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "A"}]}""", "/Choices[0]",
        "This object should have only one of the following fields: [StringEquals, ")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Next": "A"}]}""", "/Choices[0]",
        "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "X"}], "Default": "Y"}""", "/Default",
        "Missing 'Next' target: Y")]
    [InlineData("""{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "X"}]}""", "/Choices[0]/Next", "Missing 'Next' target: X")]
    [InlineData("""{"Type": "Task", "End": true}""", "", "These fields are required: [Resource]")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "arn:aws:states:::ecs:runTask.sync"}""", "/Resource",
        "does not support the integration 'arn:aws:states:::ecs:runTask.sync'")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "arn:aws:states:::aws-sdk:ecr:putImage"}""", "/Resource",
        "does not support the resource 'arn:aws:states:::aws-sdk:ecr:putImage'")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "arn:aws:states:::lambda:invoke.sync", "Parameters": {"FunctionName": "f"}}""", "/Resource",
        "The resource provided arn:aws:states:::lambda:invoke.sync is not recognized")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "f"}""", "/Resource", "Value is not a valid resource ARN")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}}""", "/Parameters",
        "The field \"FunctionName\" is required but was missing")]
    [InlineData(
        """{"Type": "Task", "End": true, "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "q", "MessageBody": "", "DelaySeconds": 5}}""", "/Parameters/DelaySeconds", "does not support the parameter 'DelaySeconds' of sqs:sendMessage")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Credentials": {}}""", "/Credentials",
        "does not support the field 'Credentials'")]
    [InlineData("""{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "TimeoutSeconds": 5, "HeartbeatSeconds": 5}""",
        "/HeartbeatSeconds", "smaller than 'TimeoutSeconds'")]
    [InlineData(
        """{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A"]}]}""", "/Retry[0]/ErrorEquals", "States.ALL must appear alone and at end of list")]
    [InlineData(
        """{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Retry": [{"ErrorEquals": [], "BackoffRate": 0.5}]}""",
        "/Retry[0]/BackoffRate", "Minimum value is 1")]
    [InlineData(
        """{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Catch": [{"ErrorEquals": ["A"], "Next": "X"}]}""",
        "/Catch[0]/Next", "Missing 'Next' target: X")]
    [InlineData("""{"Type": "Parallel", "End": true, "Branches": []}""", "/Branches", "Value cannot be empty")]
    [InlineData("""{"Type": "Parallel", "End": true, "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "A"}}}]}""",
        "/Branches[0]/States/B/Next", "Missing 'Next' target: A")]
    [InlineData("""{"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}]}""", "/Branches[0]/States/A",
        "Duplicate State name: A")]
    [InlineData("""{"Type": "Map", "End": true}""", "", "This object should have only one of the following fields: [ItemProcessor, Iterator]")]
    [InlineData(
        """{"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}}""", "/ItemProcessor/ProcessorConfig/Mode", "does not support a Map state in the mode 'DISTRIBUTED'")]
    [InlineData("""{"Type": "Map", "End": true, "ItemReader": {}, "Iterator": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}}""", "/ItemReader",
        "does not support the field 'ItemReader'")]
    public void State_WithAFault_IsRefusedWithItsLocation(string state, string location, string message)
    {
        var definition = new JsonObject { ["StartAt"] = "A", ["States"] = new JsonObject { ["A"] = JsonNode.Parse(state) } };

        var answer = _states.Call("ValidateStateMachineDefinition", new JsonObject { ["definition"] = definition.ToJsonString() });

        Assert.Equal("FAIL", (string?)answer["result"]);
        Assert.Contains(
            answer["diagnostics"]!.AsArray(),
            diagnostic => (string?)diagnostic!["location"] == "/States/A" + location
                && ((string)diagnostic["message"]!).Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void MaxConcurrency_HasNoMaximum() => _states.Machine(
        """{"M": {"Type": "Map", "MaxConcurrency": 100000000, "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}""");

    [Fact]
    public void State_WithoutATransitionToIt_IsNotReachable()
    {
        var answer = _states.Call("ValidateStateMachineDefinition", new JsonObject
        {
            ["definition"] = """{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Pass", "Next": "A"}}}""",
        });

        var diagnostic = Assert.Single(answer["diagnostics"]!.AsArray())!;
        Assert.Equal("MISSING_TRANSITION_TARGET", (string?)diagnostic["code"]);
        Assert.Equal("/States/B", (string?)diagnostic["location"]);
        Assert.Equal("State \"B\" is not reachable.", (string?)diagnostic["message"]);
    }

    [Fact]
    public void AllFaults_AreReportedAtOnce()
    {
        var refused = _states.Refused("CreateStateMachine", new JsonObject
        {
            ["name"] = "m",
            ["definition"] = """{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": 1, "Next": "X"}, "B": {"Type": "Nap"}}}""",
            ["roleArn"] = StatesFixture.Role,
        });

        Assert.Contains("/States/A/InputPath", refused.Message, StringComparison.Ordinal);
        Assert.Contains("/States/A/Next", refused.Message, StringComparison.Ordinal);
        Assert.Contains("/States/B/Type", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CdkDefinition_IsValid()
    {
        const string Definition = """
            {"StartAt":"Route","States":{"Route":{"Type":"Choice","Choices":[{"Variable":"$.action","StringEquals":"build","Next":"Plan"}],"Default":"Each"},
            "Plan":{"Next":"Each","Retry":[{"ErrorEquals":["Lambda.ClientExecutionTimeoutException","Lambda.ServiceException","Lambda.AWSLambdaException","Lambda.SdkClientException"],"IntervalSeconds":2,"MaxAttempts":6,"BackoffRate":2}],
              "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Failed"}],"Type":"Task","ResultPath":"$.plan","ResultSelector":{"Payload.$":"$.Payload"},"TimeoutSeconds":900,
              "Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:Plan","Payload.$":"$"}},
            "Each":{"Type":"Map","ResultPath":null,"Next":"Done","ItemsPath":"$.regions","ItemSelector":{"region.$":"$$.Map.Item.Value"},"MaxConcurrency":1,
              "ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"Tag","States":{"Tag":{"End":true,"Type":"Pass"}}}},
            "Failed":{"Type":"Fail","CausePath":"$.error.Cause","ErrorPath":"$.error.Error"},"Done":{"Type":"Succeed"}},"TimeoutSeconds":86400,"Comment":"image lifecycle"}
            """;

        Assert.Equal("OK", (string?)_states.Call("ValidateStateMachineDefinition", new JsonObject { ["definition"] = Definition })["result"]);
    }
}
