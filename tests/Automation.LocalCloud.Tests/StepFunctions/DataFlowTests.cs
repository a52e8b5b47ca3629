using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>InputPath, Parameters, ResultSelector, ResultPath, OutputPath and the context object.</summary>
public sealed class DataFlowTests : IDisposable
{
    private readonly StatesFixture _states = new();

    public DataFlowTests() => _states.Functions["f"] = input => new System.Text.Json.Nodes.JsonObject { ["in"] = input?.DeepClone(), ["extra"] = 1 };

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("", """{"in":{"a":{"b":1},"c":[2]},"extra":1}""")]
    [InlineData("\"InputPath\": \"$.a\",", """{"in":{"b":1},"extra":1}""")]
    [InlineData("\"InputPath\": null,", """{"in":{},"extra":1}""")]
    [InlineData("\"InputPath\": \"$.a\", \"Parameters\": {\"x.$\": \"$.b\", \"y\": {\"z.$\": \"$$.Execution.Input.c[0]\"}, \"l\": [{\"q.$\": \"$.b\"}, 2]},",
        """{"in":{"y":{"z":2},"l":[{"q":1},2],"x":1},"extra":1}""")]
    [InlineData("\"ResultSelector\": {\"only.$\": \"$.extra\"},", """{"only":1}""")]
    [InlineData("\"ResultPath\": null,", """{"a":{"b":1},"c":[2]}""")]
    [InlineData("\"ResultSelector\": {\"r.$\": \"$.extra\"}, \"ResultPath\": \"$.a.result\",", """{"a":{"b":1,"result":{"r":1}},"c":[2]}""")]
    [InlineData("\"ResultSelector\": {\"r.$\": \"$.extra\"}, \"ResultPath\": \"$.c[0]\", \"OutputPath\": \"$.c\",", """[{"r":1}]""")]
    [InlineData("\"InputPath\": \"$.a\", \"ResultSelector\": {\"r.$\": \"$.extra\"}, \"ResultPath\": \"$.new.x\",",
        """{"a":{"b":1},"c":[2],"new":{"x":{"r":1}}}""")]
    [InlineData("\"OutputPath\": null,", "{}")]
    [InlineData("\"OutputPath\": \"$.extra\",", "1")]
    [InlineData("\"OutputPath\": \"$$.State.Name\",", "\"T\"")]
    public async Task Fields_ShapeTheData(string fields, string output)
    {
        var execution =
            await _states.Run("""{"T": {«direct», «fields» "End": true}}""".Replace("«fields»", fields, StringComparison.Ordinal),
                """{"a":{"b":1},"c":[2]}""");

        Assert.Equal(output, (string?)execution["output"]);
    }

    [Theory]
    [InlineData("\"InputPath\": \"$.x\",", "States.Runtime", "Invalid path '$.x' : No results for path: $['x']")]
    [InlineData("\"OutputPath\": \"$.x\",", "States.Runtime", "Invalid path '$.x' : No results for path: $['x']")]
    [InlineData("\"Parameters\": {\"p.$\": \"$.x\"},", "States.Runtime",
        "An error occurred while executing the state 'T' (entered at the event id #2). The JSONPath '$.x' specified for the field 'p.$' could not be found in the input '{\"a\":{\"b\":1},\"c\":[2]}'")]
    [InlineData("\"Parameters\": {\"p.$\": \"States.StringToJson('{')\"},", "States.IntrinsicFailure", "States.StringToJson")]
    [InlineData("\"ResultPath\": \"$.c.x\",", "States.ReferencePathConflict", "Unable to apply step \"x\" to input {")]
    [InlineData("\"TimeoutSecondsPath\": \"$.a\",", "States.Runtime", "TimeoutSecondsPath")]
    public async Task Data_Invalid_FailsWithANamedError(string fields, string error, string cause)
    {
        var execution =
            await _states.Run("""{"T": {«direct», «fields» "End": true}}""".Replace("«fields»", fields, StringComparison.Ordinal),
                """{"a": {"b": 1}, "c": [2]}""");

        Assert.Equal(error, (string?)execution["error"]);
        Assert.Contains(cause, (string?)execution["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RuntimeError_IsNeitherRetriedNorCaught()
    {
        var execution = await _states.Run(
            """
            {"T": {«direct», "InputPath": "$.x", "Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "Next": "S"},
             "S": {"Type": "Succeed"}}
            """);

        Assert.Equal("FAILED", (string?)execution["status"]);
        Assert.Empty(_states.Calls);
    }

    [Fact]
    public async Task IntrinsicFailure_CanBeCaught()
    {
        var execution = await _states.Run(
            """
            {"T": {«direct», "Parameters": {"x.$": "States.MathAdd('a', 1)"}, "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "ResultPath": null, "Next": "S"}], "Next": "S"},
             "S": {"Type": "Succeed"}}
            """,
            """{"kept":1}""");

        Assert.Equal("""{"kept":1}""", (string?)execution["output"]);
    }

    [Fact]
    public async Task ContextObject_HasPlaceAndTime()
    {
        var machine = _states.Machine("""{"W": {"Type": "Wait", "Seconds": 5, "Next": "P"}, "P": {"Type": "Pass", "InputPath": "$$", "End": true}}""");
        var execution = _states.Begin(machine, """{"x":1}""", "one");
        await _states.Idle();

        Assert.Equal(
            $$$"""{"Execution":{"Id":"{{{execution}}}","Input":{"x":1},"StartTime":"2026-01-05T08:00:00.000Z","Name":"one","RoleArn":"{{{StatesFixture.Role}}}","RedriveCount":0},"StateMachine":{"Id":"{{{machine}}}","Name":"machine"},"State":{"Name":"P","EnteredTime":"2026-01-05T08:00:05.000Z"}}""",
            (string?)_states.Describe(execution)["output"]);
    }
}
