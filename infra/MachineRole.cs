using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// The role of a state machine. Step Functions may assume it only for machines of this account. Its permissions are written here and by the
/// machine, not by the CDK, because <c>LambdaInvoke</c> would also allow every version and alias of a function, and there are none.
/// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
/// </summary>
internal static class MachineRole
{
    /// <param name="functions">The functions that the machine calls.</param>
    public static Role For(Construct scope, string id, bool tracing, params IEnumerable<IFunction> functions)
    {
        var stack = Stack.Of(scope);
        var role = new Role(scope, id, new RoleProps
        {
            AssumedBy = new ServicePrincipal("states.amazonaws.com", new ServicePrincipalOpts
            {
                Conditions = new Dictionary<string, object>
                {
                    ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = stack.Account },
                    ["ArnLike"] = new Dictionary<string, object>
                    {
                        ["aws:SourceArn"] = $"arn:{stack.Partition}:states:{stack.Region}:{stack.Account}:stateMachine:*"
                    },
                },
            }),
        });
        Permissions.Allow(role, ["lambda:InvokeFunction"], functions.Select(function => function.FunctionArn));

        // "*" because X-Ray and the log delivery of CloudWatch Logs have no resource types.
        // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
        Permissions.Allow(role, ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
            tracing ? ["*"] : []);
        Permissions.Allow(
            role,
            [
                "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
                "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
            ],
            "*");
        return role;
    }
}
