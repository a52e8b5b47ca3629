using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// A role that Step Functions takes for state machines of this account only.
/// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
/// </summary>
internal static class MachineRole
{
    public static Role For(Construct scope, string id)
    {
        var stack = Stack.Of(scope);
        return new Role(scope, id, new RoleProps
        {
            AssumedBy = new ServicePrincipal("states.amazonaws.com", new ServicePrincipalOpts
            {
                Conditions = new Dictionary<string, object>
                {
                    ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = stack.Account },
                    ["ArnLike"] = new Dictionary<string, object> { ["aws:SourceArn"] = $"arn:{stack.Partition}:states:{stack.Region}:{stack.Account}:stateMachine:*" },
                },
            }),
        });
    }
}
