using Amazon.CDK;
using Amazon.CDK.AWS.Logs;
using Constructs;

namespace Automation.Infra;

/// <summary>Log groups with a retention that are deleted with the stack.</summary>
internal static class Logs
{
    /// <summary>The stack's name with a part of its id. A log group may outlive its stack, and a later stack of the same name needs its own.</summary>
    private static string StackCopy => $"{Aws.STACK_NAME}-{Fn.Select(0, Fn.Split("-", Fn.Select(2, Fn.Split("/", Aws.STACK_ID))))}";

    /// <summary>
    /// The log group of a state machine. The account's resource policy covers all groups below <c>/aws/vendedlogs/</c> with one statement; any
    /// other group would add a statement, and the policy may have only 5,120 characters. https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    /// </summary>
    public static LogGroup OfMachine(Construct scope, string id, int days) => Group(scope, id, days, $"/aws/vendedlogs/states/{StackCopy}-{scope.Node.Id}");

    /// <summary>
    /// The log group of one pipeline's builds and runs. Image Builder's service-linked role can write only below <c>/aws/imagebuilder/</c>; any
    /// other group needs an execution role. Each pipeline has its own group, because a build's stream is named only after its version.
    /// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_PipelineLoggingConfiguration.html
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/monitor-cwlogs.html
    /// </summary>
    public static LogGroup OfPipeline(Construct scope, string id, int days, string pipeline) =>
        Group(scope, id, days, $"/aws/imagebuilder/{StackCopy}/{pipeline}");

    public static LogGroup Group(Construct scope, string id, int days, string? name = null)
    {
        var group = new LogGroup(scope, id, new LogGroupProps { LogGroupName = name, RemovalPolicy = RemovalPolicy.DESTROY });

        // The CDK has an enum value for each number of days; here the number is a setting.
        ((CfnLogGroup)group.Node.DefaultChild!).RetentionInDays = days;
        return group;
    }
}
