using Amazon.CDK;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using Automation.Core.Workflow;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace Automation.Infra;

/// <summary>
/// A state machine that a person starts to process dead letters. A dead letter is a lost event, in four formats (from EventBridge,
/// Scheduler, SNS and Lambda), and a full reconcile finds what the event reported. So the machine runs a reconcile and, if it succeeds,
/// removes the letters that were there before. Their text stays in the history of the execution. SQS's own redrive
/// (StartMessageMoveTask) returns letters only to queues, and these did not come from a queue.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
/// It is a separate machine because Reconcile, which it calls, starts executions of the workflow. In one machine each would need the other to exist first.
/// </summary>
internal sealed class Redrive : Construct
{
    private static readonly string[] AllAttributes = ["All"];

    private readonly IQueue _deadLetters;

    public Redrive(Construct scope, string id, FunctionSet functions, IQueue deadLetters, StackOptions options)
        : base(scope, id)
    {
        _deadLetters = deadLetters;

        // The letters stay invisible for as long as the reconcile may take, including retries.
        var receive = Sqs("Receive dead letters", "receiveMessage", "$.letters", new Dictionary<string, object>
        {
            ["MaxNumberOfMessages"] = 10,
            ["VisibilityTimeout"] = 3600,
            ["WaitTimeSeconds"] = 5,

            // Lambda and EventBridge put the error in these attributes.
            ["MessageAttributeNames"] = AllAttributes,
        });
        var reconcile = new LambdaInvoke(this, "Reconcile everything", new LambdaInvokeProps
        {
            LambdaFunction = functions[FunctionNames.Reconcile],
            Payload = TaskInput.FromObject(new Dictionary<string, object> { ["time.$"] = "$$.State.EnteredTime" }),
            PayloadResponseOnly = true,
            RetryOnServiceExceptions = false,
            ResultPath = "$.found",
            TaskTimeout = Timeout.Duration(Duration.Minutes(16)),
        });
        reconcile.AddRetry(new RetryProps
        {
            Errors = [ErrorNames.Transient, ErrorNames.QuotaExceeded, .. ErrorNames.LambdaService],
            Interval = Duration.Seconds(30),
            BackoffRate = 2,
            MaxAttempts = 4,
            JitterStrategy = JitterType.FULL,
        });
        var remove = new Map(this, "Remove dead letters", new MapProps { ItemsPath = "$.letters.Messages", ResultPath = JsonPath.DISCARD });
        remove.ItemProcessor(Sqs("Remove a dead letter", "deleteMessage", JsonPath.DISCARD, new Dictionary<string, object>
        {
            ["ReceiptHandle"] = JsonPath.StringAt("$.ReceiptHandle"),
        }));
        receive.Next(new Choice(this, "Any dead letters?")
            .When(Condition.IsPresent("$.letters.Messages[0]"), reconcile)
            .Otherwise(new Succeed(this, "No dead letters left")));
        reconcile.Next(remove);
        remove.Next(receive);

        var role = MachineRole.For(this, "Role", options.Tracing, functions[FunctionNames.Reconcile]);
        Permissions.Allow(role, ["sqs:ReceiveMessage", "sqs:DeleteMessage"], deadLetters.QueueArn);
        StateMachine = Machine.Of(
            this, "StateMachine", receive, role, "Reconciles everything that dead letters reported, then removes them", Duration.Hours(6), options);
    }

    public StateMachine StateMachine { get; }

    private CallAwsService Sqs(string id, string action, string? resultPath, Dictionary<string, object> parameters)
    {
        parameters["QueueUrl"] = _deadLetters.QueueUrl;
        var call = new CallAwsService(this, id, new CallAwsServiceProps
        {
            Service = "sqs",
            Action = action,
            IamResources = [_deadLetters.QueueArn],
            Parameters = parameters,
            ResultPath = resultPath,
            TaskTimeout = Timeout.Duration(Duration.Minutes(1)),
        });
        call.AddRetry(new RetryProps
        {
            Errors = ["States.TaskFailed"],
            Interval = Duration.Seconds(5),
            BackoffRate = 2,
            MaxAttempts = 6,
            JitterStrategy = JitterType.FULL
        });
        return call;
    }
}
