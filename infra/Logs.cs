using Amazon.CDK;
using Amazon.CDK.AWS.Logs;
using Constructs;

namespace Automation.Infra;

/// <summary>Log groups with a retention that are deleted with the stack.</summary>
internal static class Logs
{
    /// <summary>The stack's name with a part of its id: a log group may outlive its stack, and then a stack of the same name makes another one.</summary>
    private static string StackCopy => $"{Aws.STACK_NAME}-{Fn.Select(0, Fn.Split("-", Fn.Select(2, Fn.Split("/", Aws.STACK_ID))))}";

    /// <summary>
    /// For a state machine. Log groups below <c>/aws/vendedlogs/</c> are in the account's resource policy once and for all; any other would
    /// be added to it for each machine, and it ends at 5,120 characters. https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    /// </summary>
    public static LogGroup OfMachine(Construct scope, string id, int days) => Group(scope, id, days, $"/aws/vendedlogs/states/{StackCopy}-{scope.Node.Id}");

    /// <summary>
    /// For the builds of one pipeline and its runs. Only below <c>/aws/imagebuilder/</c> does Image Builder write with its service-linked role;
    /// any other group needs an execution role. One group for each pipeline, because a build's stream is named after its version alone.
    /// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_PipelineLoggingConfiguration.html
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/monitor-cwlogs.html
    /// </summary>
    public static LogGroup OfPipeline(Construct scope, string id, int days, string pipeline) => Group(scope, id, days, $"/aws/imagebuilder/{StackCopy}/{pipeline}");

    public static LogGroup Group(Construct scope, string id, int days, string? name = null)
    {
        var group = new LogGroup(scope, id, new LogGroupProps { LogGroupName = name, RemovalPolicy = RemovalPolicy.DESTROY });

        // The CDK has an enum value for each number of days; here the number is a setting.
        ((CfnLogGroup)group.Node.DefaultChild!).RetentionInDays = days;
        return group;
    }
}
