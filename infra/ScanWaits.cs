using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// A state machine that only waits: one execution for each wait of a release for a scan.
/// <code>
/// {"until":"2026-01-05T08:00:15Z"}
/// </code>
/// Nothing can end a Wait state, but StopExecution ends an execution. So the event about a finished scan stops this one, and the release, which
/// awaits its end, checks at once. The permission to stop is limited to this machine: it can only make a release check early.
/// </summary>
internal sealed class ScanWaits : Construct
{
    public ScanWaits(Construct scope, string id, StackOptions options)
        : base(scope, id)
    {
        var role = MachineRole.For(this, "Role", options.Tracing);
        var wait = new Wait(this, "Wait", new WaitProps { Time = WaitTime.TimestampPath("$.until") });
        StateMachine = Machine.Of(this, "StateMachine", wait, role, "Waits of releases for a scan; the end of a scan stops them", Duration.Hours(1), options);
    }

    public StateMachine StateMachine { get; }

    /// <summary>
    /// Lets a workflow wait here. The rule tells Step Functions of the end, and StopExecution stops the wait with the workflow.
    /// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    /// </summary>
    public void AllowWaiting(Role workflow)
    {
        Permissions.Allow(workflow, ["states:StartExecution"], StateMachine.StateMachineArn);
        StateMachine.GrantExecution(workflow, "states:DescribeExecution", "states:StopExecution");
        Permissions.Allow(workflow, ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            $"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");
    }

    public void AllowEnding(Function function)
    {
        function.AddEnvironment("AUTOMATION_SCAN_WAITS_ARN", StateMachine.StateMachineArn);
        StateMachine.Grant(function, "states:ListExecutions");
        StateMachine.GrantExecution(function, "states:StopExecution");
    }
}
