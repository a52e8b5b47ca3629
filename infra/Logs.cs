using Amazon.CDK;
using Amazon.CDK.AWS.Logs;
using Constructs;

namespace Automation.Infra;

/// <summary>Log groups that forget some day and go with the stack.</summary>
internal static class Logs
{
    public static LogGroup Group(Construct scope, string id, int days)
    {
        var group = new LogGroup(scope, id, new LogGroupProps { RemovalPolicy = RemovalPolicy.DESTROY });

        // CDK has a name for each number of days that there is; here it is a setting.
        ((CfnLogGroup)group.Node.DefaultChild!).RetentionInDays = days;
        return group;
    }
}
