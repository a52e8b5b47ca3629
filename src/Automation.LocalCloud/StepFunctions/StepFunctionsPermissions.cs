using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The permissions of the operations. Those that create and change state machines also pass their role, so they are reserved for administrators here.
/// https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html
/// </summary>
internal static class StepFunctionsPermissions
{
    public static IReadOnlyList<Need>? Of(string operation, JsonObject input)
    {
        return operation switch
        {
            // The table of operations names both for StartExecution. A repeated start returns the existing execution.
            "StartExecution" => [.. On("stateMachineArn"), new Need("states:DescribeExecution", Execution())],
            "StartSyncExecution" or "ListExecutions" or "DescribeStateMachine" or "DeleteStateMachine" or "ListStateMachineVersions" or "ListStateMachineAliases" =>
                On("stateMachineArn"),
            "DescribeStateMachineAlias" or "DeleteStateMachineAlias" => On("stateMachineAliasArn"),
            "DeleteStateMachineVersion" => On("stateMachineVersionArn"),
            "DescribeExecution" or "StopExecution" or "GetExecutionHistory" or "DescribeStateMachineForExecution" => OnExecution(),
            "TagResource" or "UntagResource" or "ListTagsForResource" => On("resourceArn"),
            "ListStateMachines" or "ValidateStateMachineDefinition" or "SendTaskSuccess" or "SendTaskFailure" or "SendTaskHeartbeat" =>
                [new Need($"states:{operation}", "*")],
            _ => null,
        };

        // The resource is the machine, also with a version or an alias. arn:aws:states:eu-west-1:123456789012:stateMachine:flow:alias gives
        // arn:aws:states:eu-west-1:123456789012:execution:flow:name
        string Execution() => $"{Machine(input["stateMachineArn"]).Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{input["name"]}";

        Need[] On(string member) => [new Need($"states:{operation}", input[member] is null ? "*" : Machine(input[member]))];

        Need[] OnExecution() => [new Need($"states:{operation}", input["executionArn"]?.ToString() ?? "*")];

        static string Machine(JsonNode? arn) => string.Join(':', arn?.ToString().Split(':').Take(7) ?? []);
    }
}
