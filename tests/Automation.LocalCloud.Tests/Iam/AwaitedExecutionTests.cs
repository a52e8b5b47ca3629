using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>
/// What the role of a state machine needs to start another one and to wait for its end.
/// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
/// </summary>
public sealed class AwaitedExecutionTests : EnforcementFixture
{
    private const string Rule = "arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
    private const string Child = "arn:aws:states:us-east-1:123456789012:stateMachine:child";
    private const string Started = "arn:aws:states:us-east-1:123456789012:execution:child:n";

    private static readonly (string Action, string Resource)[] All =
    [
        ("events:PutTargets", Rule), ("events:PutRule", Rule), ("events:DescribeRule", Rule),
        ("states:StartExecution", Child), ("states:DescribeExecution", Started), ("states:StopExecution", Started),
    ];

    [Theory]
    [InlineData("events:PutTargets")]
    [InlineData("events:PutRule")]
    [InlineData("events:DescribeRule")]
    public void Machine_WithoutAPermissionForTheManagedRule_IsRefused(string missing) =>
        Assert.Contains("is not authorized to create managed-rule", Assert.Throws<AwsException>(() => Put(missing)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "SUCCEEDED")]
    [InlineData("states:StartExecution", "FAILED")]
    [InlineData("states:DescribeExecution", "FAILED")]
    [InlineData("states:StopExecution", "SUCCEEDED")]
    public async Task Execution_AwaitsTheOtherOnlyWithThePermissionsForIt(string? missing, string status)
    {
        Put(missing);
        var parent = Cloud.Run(() => Cloud.StepFunctions.StartExecution(Child.Replace("child", "parent", StringComparison.Ordinal), "p", "{}"));

        await Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);

        Assert.Equal(status, Status(parent));
    }

    [Theory]
    [InlineData(null, "ABORTED")]
    [InlineData("states:StopExecution", "RUNNING")]
    public async Task StoppedExecution_StopsTheOtherOnlyWithThePermission(string? missing, string status)
    {
        Put(missing);
        var parent = Cloud.Run(() => Cloud.StepFunctions.StartExecution(Child.Replace("child", "parent", StringComparison.Ordinal), "p", "{}"));
        await Cloud.RunUntilIdleAsync(Cloud.Clock.Now.AddSeconds(1), TestContext.Current.CancellationToken);

        States("StopExecution", new JsonObject { ["executionArn"] = parent });

        Assert.Equal(status, Status(Started));
    }

    private string Status(string execution) => States("DescribeExecution", new JsonObject { ["executionArn"] = execution })["status"]!.ToString();

    private JsonNode States(string operation, JsonObject input) =>
        JsonNode.Parse(Send("states", "POST", "/", "", $"AWSStepFunctions.{operation}", input.ToJsonString(), "AKIDEXAMPLE").Body.Span)!;

    private void Put(string? missing)
    {
        var policy = new JsonObject
        {
            ["Type"] = "AWS::IAM::Policy",
            ["Properties"] = new JsonObject
            {
                ["PolicyName"] = "p",
                ["Roles"] = new JsonArray(new JsonObject { ["Ref"] = "Role" }),
                ["PolicyDocument"] = new JsonObject
                {
                    ["Statement"] = new JsonArray([.. All.Where(each => each.Action != missing).Select(each =>
                        new JsonObject { ["Effect"] = "Allow", ["Action"] = each.Action, ["Resource"] = each.Resource })]),
                },
            },
        };
        var resources = new JsonObject
        {
            ["Role"] = Role("states.amazonaws.com", []),
            ["Policy"] = policy,
            ["Child"] = Machine("child", """{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true} } }"""),
            ["Parent"] = Machine(
                "parent",
                $$$"""{"StartAt":"C","States":{"C":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync","Parameters":{"StateMachineArn":"{{{Child}}}","Name":"n"},"End":true} } }"""),
        };
        var source = new StackSource("S", new JsonObject { ["Resources"] = resources }.ToJsonString());
        Cloud.Run(() => Cloud.Stacks.Create(source));
    }

    private static JsonObject Machine(string name, string definition) => new()
    {
        ["Type"] = "AWS::StepFunctions::StateMachine",
        ["DependsOn"] = "Policy",
        ["Properties"] = new JsonObject
        {
            ["StateMachineName"] = name,
            ["RoleArn"] = new JsonObject { ["Fn::GetAtt"] = new JsonArray("Role", "Arn") },
            ["DefinitionString"] = definition,
        },
    };
}
