using Amazon.CDK;
using Amazon.CDK.AWS.Logs;
using Constructs;

namespace Automation.Infra;

/// <summary>Log groups that forget some day and go with the stack.</summary>
internal static class Logs
{
    /// <summary>
    /// For a state machine. Log groups below <c>/aws/vendedlogs/</c> are in the account's resource policy once and for all; any other would
    /// be added to it for each machine, and it ends at 5,120 characters. Part of the stack's id, because a name may be in use still when a
    /// stack of the same name is made again. https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    /// </summary>
    public static LogGroup OfMachine(Construct scope, string id, int days) =>
        Group(scope, id, days, $"/aws/vendedlogs/states/{Aws.STACK_NAME}-{scope.Node.Id}-{Fn.Select(0, Fn.Split("-", Fn.Select(2, Fn.Split("/", Aws.STACK_ID))))}");

    public static LogGroup Group(Construct scope, string id, int days, string? name = null)
    {
        var group = new LogGroup(scope, id, new LogGroupProps { LogGroupName = name, RemovalPolicy = RemovalPolicy.DESTROY });

        // CDK has a name for each number of days that there is; here it is a setting.
        ((CfnLogGroup)group.Node.DefaultChild!).RetentionInDays = days;
        return group;
    }
}
