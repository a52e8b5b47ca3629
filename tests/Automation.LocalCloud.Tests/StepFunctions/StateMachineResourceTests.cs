using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>The CloudFormation type.</summary>
public sealed class StateMachineResourceTests
{
    [Fact]
    public async Task Resource_CreatesAStateMachineThatRuns()
    {
        using var states = new StatesFixture();
        states.Functions["f"] = _ => "done";
        var resource = Type(states).Create(Request(new JsonObject
        {
            ["DefinitionString"] = """{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "${function}", "End": true}}}""",
            ["DefinitionSubstitutions"] = new JsonObject { ["function"] = StatesFixture.FunctionArn("f") },
            ["RoleArn"] = StatesFixture.Role,
            ["Tags"] = JsonNode.Parse("""[{"Key": "k", "Value": "v"}]"""),
        }));

        var execution = states.Begin(resource.PhysicalId);
        await states.Idle();

        Assert.Equal("\"done\"", (string?)states.Describe(execution)["output"]);
        Assert.Equal(resource.PhysicalId, resource.Attributes["Arn"]);
        Assert.StartsWith("Workflow-", resource.Attributes["Name"], StringComparison.Ordinal);
        Assert.Equal("INITIAL", resource.Attributes["StateMachineRevisionId"]);
        Assert.Equal(
            """[{"key":"k","value":"v"},{"key":"aws:cloudformation:stack-name","value":"stack"},{"key":"aws:cloudformation:logical-id","value":"Workflow"}]""",
            states.Call("ListTagsForResource", new JsonObject { ["resourceArn"] = resource.PhysicalId })["tags"]!.ToJsonString());

        Type(states).Delete(resource.PhysicalId, "us-east-1");
        Assert.Equal("StateMachineDoesNotExist", states.Refused("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = resource.PhysicalId }).Code);
    }

    [Fact]
    public void Resource_WithADefinitionObjectAndAName_HasThatName()
    {
        using var states = new StatesFixture();

        var resource = Type(states).Create(Request(new JsonObject
        {
            ["Definition"] = JsonNode.Parse("""{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}"""),
            ["StateMachineName"] = "named",
            ["StateMachineType"] = "STANDARD",
            ["RoleArn"] = StatesFixture.Role,
        }));

        Assert.Equal("arn:aws:states:us-east-1:123456789012:stateMachine:named", resource.PhysicalId);
    }

    [Theory]
    [InlineData("""{"RoleArn": "r"}""", "ValidationError")]
    [InlineData("""{"DefinitionString": "{}", "RoleArn": "r"}""", "InvalidDefinition")]
    [InlineData("""{"DefinitionString": "{}"}""", "ValidationError")]
    [InlineData("""{"DefinitionString": "{}", "RoleArn": "r", "StateMachineType": "EXPRESS"}""", "StateMachineTypeNotSupported")]
    public void Resource_Invalid_IsRefused(string properties, string code)
    {
        using var states = new StatesFixture();

        var refused = Assert.Throws<AwsException>(() => Type(states).Create(Request(JsonNode.Parse(properties)!.AsObject())));

        Assert.Equal(code, refused.Code);
    }

    private static IResourceType Type(StatesFixture states) => Assert.Single(states.Cloud.StepFunctions.ResourceTypes);

    private static ResourceRequest Request(JsonObject properties) =>
        new("stack", "Workflow", "us-east-1", "123456789012", properties, new Dictionary<string, string>());
}
