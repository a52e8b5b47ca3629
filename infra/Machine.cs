using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace Automation.Infra;

/// <summary>The common form of our state machines: the role's policies are complete before the machine is created, failures are logged, and
/// executions are traced if the options say so.</summary>
internal static class Machine
{
    /// <param name="role">See <see cref="MachineRole"/>.</param>
    /// <param name="timeout">The timeout of one execution; null means a year, which is the maximum.</param>
    public static StateMachine Of(Construct scope, string id, IChainable start, Role role, string comment, Duration? timeout, StackOptions options)
    {
        var machine = new StateMachine(scope, id, new StateMachineProps
        {
            DefinitionBody = DefinitionBody.FromChainable(start),
            StateMachineType = StateMachineType.STANDARD,
            Role = role.WithoutPolicyUpdates(),
            Timeout = timeout,
            TracingEnabled = options.Tracing,
            Comment = comment,
            Logs = new LogOptions
            {
                Destination = Logs.OfMachine(scope, "Log", options.LogRetentionDays),
                Level = Amazon.CDK.AWS.StepFunctions.LogLevel.ERROR,
                IncludeExecutionData = false,
            },
        });
        machine.Node.AddDependency(role);
        return machine;
    }

    /// <summary>
    /// Lets a function start executions, and read them: the reference's table of operations names both actions for StartExecution. Whether an
    /// execution has ended is also what a trigger reads before it starts the build again.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html#list_stepfunctions-operations
    /// </summary>
    public static void LetStart(Function function, StateMachine machine)
    {
        machine.GrantStartExecution(function);
        machine.GrantExecution(function, "states:DescribeExecution");
    }
}
