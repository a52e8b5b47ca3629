using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
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
}
