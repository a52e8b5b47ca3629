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

    [Theory]
    [InlineData("""{"StateMachineType": "EXPRESS"}""", "The embedded cloud runs STANDARD state machines only, not EXPRESS.")]
    [InlineData("""{"DefinitionString": "{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"S\",\"States\":{}}"}""",
        "The embedded cloud does not support the query language 'JSONata', only JSONPath at /QueryLanguage")]
    [InlineData("""{"Definition": {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": true}}}}""",
        "The embedded cloud does not support the integration 'arn:aws:states:::ecs:runTask.sync'")]
    public void Refusals_OfWhatTheCloudDoesNotRun_AreKnownBeforeCreation(string properties, string reason)
    {
        using var states = new StatesFixture();

        Assert.StartsWith(reason, Assert.Single(Type(states).Refusals(JsonNode.Parse(properties)!.AsObject())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"StateMachineType": "", "DefinitionString": "", "RoleArn": ""}""")]
    [InlineData("""{"Definition": {"StartAt": "", "States": {"S": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1::function:", "End": true}}}}""")]
    public void Refusals_OfValuesThatAreNotKnownYet_AreNone(string properties)
    {
        using var states = new StatesFixture();

        Assert.Empty(Type(states).Refusals(JsonNode.Parse(properties)!.AsObject()));
    }

    [Fact]
    public void AliasResource_PointsToTheVersionResource()
    {
        using var states = new StatesFixture();
        var machine = states.Machine("""{"P": {"Type": "Pass", "End": true}}""");
        var version = Type(states, "StateMachineVersion").Create(Request(new JsonObject
        {
            ["StateMachineArn"] = machine,
            ["StateMachineRevisionId"] = "INITIAL",
            ["Description"] = "the first",
        }));
        var alias = Type(states, "StateMachineAlias").Create(Request(
            new JsonObject { ["Name"] = "live", ["RoutingConfiguration"] = Route(version.PhysicalId) }));

        Assert.Equal(($"{machine}:1", $"{machine}:live"), (version.Attributes["Arn"], alias.Attributes["Arn"]));
        Assert.Equal("the first", (string?)states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = $"{machine}:1" })["description"]);
        Assert.Equal("ConflictException", Assert.Throws<AwsException>(() => Type(states, "StateMachineVersion").Delete(version.PhysicalId, "us-east-1")).Code);

        Type(states, "StateMachineAlias").Delete(alias.PhysicalId, "us-east-1");
        Type(states, "StateMachineVersion").Delete(version.PhysicalId, "us-east-1");

        Assert.Equal("StateMachineDoesNotExist", states.Refused("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = $"{machine}:1" }).Code);
    }

    private static JsonArray Route(string version) => [new JsonObject { ["StateMachineVersionArn"] = version, ["Weight"] = 100 }];

    private static IResourceType Type(StatesFixture states, string name = "StateMachine") =>
        Assert.Single(states.Cloud.StepFunctions.ResourceTypes, type => type.Name == $"AWS::StepFunctions::{name}");

    private static ResourceRequest Request(JsonObject properties) =>
        new("stack", "Workflow", "us-east-1", "123456789012", properties, new Dictionary<string, string>());
}
