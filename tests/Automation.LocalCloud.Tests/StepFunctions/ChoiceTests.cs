using System.Text.Json.Nodes;
using Automation.LocalCloud.StepFunctions;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

public sealed class ChoiceTests : IDisposable
{
    private const string Input = """
        {"s": "mango", "n": 7, "t": "2026-01-05T08:00:00Z", "b": true, "z": null, "s2": "peach", "n2": 8.5, "t2": "2026-01-05T10:00:00+01:00", "b2": true, "file": "log-2026.txt", "star": "a*b"}
        """;

    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Theory]
    [InlineData("s", "StringEquals", "\"mango\"", true)]
    [InlineData("s", "StringEquals", "\"Mango\"", false)]
    [InlineData("n", "StringEquals", "\"7\"", false)]
    [InlineData("s", "StringEqualsPath", "\"$.s2\"", false)]
    [InlineData("s", "StringLessThan", "\"peach\"", true)]
    [InlineData("s", "StringLessThanPath", "\"$.s2\"", true)]
    [InlineData("s", "StringGreaterThan", "\"apple\"", true)]
    [InlineData("s", "StringGreaterThanPath", "\"$.s2\"", false)]
    [InlineData("s", "StringLessThanEquals", "\"mango\"", true)]
    [InlineData("s", "StringLessThanEqualsPath", "\"$.s\"", true)]
    [InlineData("s", "StringGreaterThanEquals", "\"n\"", false)]
    [InlineData("s", "StringGreaterThanEqualsPath", "\"$.s2\"", false)]
    [InlineData("file", "StringMatches", "\"log-*.txt\"", true)]
    [InlineData("file", "StringMatches", "\"*2026*\"", true)]
    [InlineData("file", "StringMatches", "\"log\"", false)]
    [InlineData("file", "StringMatches", "\"log-2026.txt*txt\"", false)]
    [InlineData("star", "StringMatches", "\"a\\\\*b\"", true)]
    [InlineData("s", "StringMatches", "\"m\\\\*o\"", false)]
    [InlineData("n", "StringMatches", "\"*\"", false)]
    [InlineData("n", "NumericEquals", "7.0", true)]
    [InlineData("n", "NumericEqualsPath", "\"$.n2\"", false)]
    [InlineData("n", "NumericLessThan", "7", false)]
    [InlineData("n", "NumericLessThanPath", "\"$.n2\"", true)]
    [InlineData("n", "NumericGreaterThan", "6.5", true)]
    [InlineData("n", "NumericGreaterThanPath", "\"$.n2\"", false)]
    [InlineData("n", "NumericLessThanEquals", "7", true)]
    [InlineData("n", "NumericLessThanEqualsPath", "\"$.n2\"", true)]
    [InlineData("n", "NumericGreaterThanEquals", "8", false)]
    [InlineData("n", "NumericGreaterThanEqualsPath", "\"$.n\"", true)]
    [InlineData("s", "NumericEquals", "7", false)]
    [InlineData("b", "BooleanEquals", "true", true)]
    [InlineData("b", "BooleanEqualsPath", "\"$.b2\"", true)]
    [InlineData("s", "BooleanEquals", "false", false)]
    [InlineData("t", "TimestampEquals", "\"2026-01-05T09:00:00+01:00\"", true)]
    [InlineData("t", "TimestampEqualsPath", "\"$.t2\"", false)]
    [InlineData("t", "TimestampLessThan", "\"2026-01-05T08:00:00.001Z\"", true)]
    [InlineData("t", "TimestampLessThanPath", "\"$.t2\"", true)]
    [InlineData("t", "TimestampGreaterThan", "\"2026-01-05T08:00:00Z\"", false)]
    [InlineData("t", "TimestampGreaterThanPath", "\"$.t2\"", false)]
    [InlineData("t", "TimestampLessThanEquals", "\"2026-01-05T08:00:00Z\"", true)]
    [InlineData("t", "TimestampLessThanEqualsPath", "\"$.t2\"", true)]
    [InlineData("t", "TimestampGreaterThanEquals", "\"2026-01-05T08:00:00Z\"", true)]
    [InlineData("t", "TimestampGreaterThanEqualsPath", "\"$.t2\"", false)]
    [InlineData("s", "TimestampEquals", "\"2026-01-05T08:00:00Z\"", false)]
    [InlineData("z", "IsNull", "true", true)]
    [InlineData("s", "IsNull", "true", false)]
    [InlineData("missing", "IsPresent", "false", true)]
    [InlineData("z", "IsPresent", "true", true)]
    [InlineData("n", "IsNumeric", "true", true)]
    [InlineData("s", "IsNumeric", "false", true)]
    [InlineData("s", "IsString", "true", true)]
    [InlineData("b", "IsString", "true", false)]
    [InlineData("b", "IsBoolean", "true", true)]
    [InlineData("t", "IsTimestamp", "true", true)]
    [InlineData("s", "IsTimestamp", "true", false)]
    public void Comparison_Is(string variable, string name, string operand, bool expected) =>
        Assert.Equal(expected, IsTrue($"{{\"Variable\": \"$.{variable}\", \"{name}\": {operand}}}"));

    [Theory]
    [InlineData("""{"And": [{"Variable": "$.b", "BooleanEquals": true}, {"Variable": "$.n", "NumericEquals": 7}]}""", true)]
    [InlineData("""{"And": [{"Variable": "$.b", "BooleanEquals": true}, {"Variable": "$.n", "NumericEquals": 8}]}""", false)]
    [InlineData("""{"Or": [{"Variable": "$.b", "BooleanEquals": false}, {"Not": {"Variable": "$.n", "NumericEquals": 8}}]}""", true)]
    [InlineData("""{"Or": [{"Variable": "$.b", "BooleanEquals": false}]}""", false)]
    [InlineData("""{"And": [{"Variable": "$.maybe", "IsPresent": true}, {"Variable": "$.maybe.deep", "StringEquals": "x"}]}""", false)]
    public void Combination_Is(string rule, bool expected) => Assert.Equal(expected, IsTrue(rule));

    [Theory]
    [InlineData("""{"Variable": "$.x"}""")]
    [InlineData("""{"StringEquals": "x"}""")]
    [InlineData("""{"Variable": "$.x", "StringEquals": 1}""")]
    [InlineData("""{"Variable": "$.x", "NumericEquals": "1"}""")]
    [InlineData("""{"Variable": "$.x", "BooleanEquals": 0}""")]
    [InlineData("""{"Variable": "$.x", "TimestampEquals": "tomorrow"}""")]
    [InlineData("""{"Variable": "$.x", "IsNull": "true"}""")]
    [InlineData("""{"Variable": "$.x", "StringEquals": "a", "IsNull": true}""")]
    [InlineData("""{"Variable": "x", "StringEquals": "a"}""")]
    [InlineData("""{"Variable": "$.x", "StringLike": "a"}""")]
    [InlineData("""{"And": []}""")]
    [InlineData("""{"And": [{"Variable": "$.x"}]}""")]
    [InlineData("""{"Not": {"Variable": "$.x", "IsNull": true}, "Variable": "$.x"}""")]
    [InlineData("""{"Not": {"Variable": "$.x", "IsNull": true, "Next": "A"}}""")]
    public void Rule_Invalid_IsAFault(string rule)
    {
        var faults = new DefinitionFaults();
        ChoiceRule.Read(new FieldReader(JsonNode.Parse(rule)!.AsObject(), "/C", faults));
        Assert.NotEmpty(faults.All);
        Assert.All(faults.All, fault => Assert.StartsWith("/C", fault.Location, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstTrueRule_DecidesAfterInputPath()
    {
        var execution = await _states.Run(
            """
            {"C": {"Type": "Choice", "InputPath": "$.in", "OutputPath": "$.keep", "Default": "No", "Choices": [
               {"Variable": "$.n", "NumericLessThan": 0, "Next": "No"}, {"Variable": "$.n", "NumericLessThan": 9, "Next": "Yes"}, {"Variable": "$.n", "NumericLessThan": 10, "Next": "No"}]},
             "No": {"Type": "Fail"}, "Yes": {"Type": "Succeed"}}
            """,
            """{"in": {"n": 8, "keep": [1]}}""");

        Assert.Equal("[1]", (string?)execution["output"]);
    }

    [Fact]
    public async Task NoRuleAndNoDefault_IsARuntimeError()
    {
        var execution = await _states.Run(
            """{"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": true, "Next": "Y"}]}, "Y": {"Type": "Succeed"}}""");

        Assert.Equal(
            ("States.Runtime",
                "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state."),
            ((string?)execution["error"], (string?)execution["cause"]));
    }

    [Fact]
    public async Task MissingVariable_EndsTheExecution()
    {
        var execution = await _states.Run(
            """{"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Y"}], "Default": "Y"}, "Y": {"Type": "Succeed"}}""");

        Assert.Equal("States.Runtime", (string?)execution["error"]);
        Assert.Equal(
            "An error occurred while executing the state 'C' (entered at the event id #2). Invalid path '$.n': The choice state's condition path references an invalid value.",
            (string?)execution["cause"]);
    }

    private static bool IsTrue(string rule)
    {
        var faults = new DefinitionFaults();
        var parsed = ChoiceRule.Read(new FieldReader(JsonNode.Parse(rule)!.AsObject(), "/C", faults));
        Assert.Empty(faults.All);
        return parsed!.IsTrue(new Scope(JsonNode.Parse(Input), new Lazy<JsonObject>(() => []), new Dictionary<string, JsonNode?>(), () => Guid.Empty));
    }
}
