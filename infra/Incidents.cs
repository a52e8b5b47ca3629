using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// A state machine that notifies people of lasting problems: one execution for each incident. It mails the beginning, waits with a task
/// token while the incident lasts, and mails the end. Its input, and the output that ends the wait:
/// <code>
/// {"image":"app","kind":"not-releasable","subject":"not-releasable: app 1.0.0/7","message":"…","detail":{"image":"app","kind":"not-releasable","state":"began",…}}
/// {"tell":true,"subject":"resolved: app (not-releasable)","message":"…","detail":{…,"state":"ended"}}
/// </code>
/// Without a kind, the input is a mail that could not be sent at once and that nothing else sends: {"subject":"held: app 1.0.0/7","message":"…"}.
/// So no incident is stored on an image, pipeline or repository, all of which may be missing. Only the quota of running executions limits
/// their number. An incident counts as reported only after its mail was accepted: an execution that could not send it fails. The next
/// reconcile still finds the problem and no open incident, and begins another one.
/// </summary>
internal sealed class Incidents : Construct
{
    /// <summary>An execution may run for a year. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html</summary>
    private const int MaxSeconds = 350 * 24 * 3600;

    public Incidents(Construct scope, string id, ITopic alerts, StackOptions options)
        : base(scope, id)
    {
        var done = new Succeed(this, "Incident ended");
        var failed = new Fail(this, "Not mailed", new FailProps { ErrorPath = "$.error.Error", CausePath = "$.error.Cause" });
        var mailEnd = Mail("Mail the end", alerts, "$.end.subject", "$.end.message", failed);
        mailEnd.Next(done);
        var mailOnce = Mail("Mail once", alerts, "$.subject", "$.message", failed);
        mailOnce.Next(done);
        var publishEnd = Event("Publish the end", "$.end.detail", mailEnd);
        var mailBeginning = MailBeginning(alerts);
        mailBeginning.AddCatch(done, new CatchProps { Errors = ["States.Timeout"], ResultPath = "$.error" });
        mailBeginning.AddCatch(failed, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.error" });
        mailBeginning.Next(new Choice(this, "Mail the end?")
            .When(Condition.And(Condition.IsPresent("$.end.tell"), Condition.BooleanEquals("$.end.tell", true)), publishEnd)
            .Otherwise(done));
        var isIncident = new Choice(this, "Is it an incident?")
            .When(Condition.IsPresent("$.kind"), Event("Publish the beginning", "$.detail", mailBeginning))
            .Otherwise(mailOnce);

        Role = MachineRole.For(this, "Role", options.Tracing);
        Permissions.Allow(Role, ["sns:Publish"], alerts.TopicArn);
        Permissions.Allow(Role, ["events:PutEvents"], $"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/default");
        StateMachine = Machine.Of(this, "StateMachine", isIncident, Role, "Tells people when an incident begins and when it ends", null, options);
    }

    public StateMachine StateMachine { get; }

    public Role Role { get; }

    /// <summary>Lets a function begin and end incidents. Ending needs the token in the execution's history. IAM has no resource type for
    /// SendTaskSuccess. https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html</summary>
    public void AllowReporting(Function function)
    {
        function.AddEnvironment("AUTOMATION_INCIDENTS_ARN", StateMachine.StateMachineArn);
        Machine.LetStart(function, StateMachine);
        StateMachine.Grant(function, "states:ListExecutions");
        StateMachine.GrantExecution(function, "states:GetExecutionHistory");
        Permissions.Allow(function, ["states:SendTaskSuccess"], "*");
    }

    // The task that mails the beginning also waits for the end. The token is a message attribute, which mails do not show.
    private CustomState MailBeginning(ITopic alerts)
    {
        var mail = new CustomState(this, "Mail the beginning", new CustomStateProps
        {
            StateJson = new Dictionary<string, object>
            {
                ["Type"] = "Task",
                ["Resource"] = $"arn:{Aws.PARTITION}:states:::sns:publish.waitForTaskToken",
                ["Parameters"] = new Dictionary<string, object>
                {
                    ["TopicArn"] = alerts.TopicArn,
                    ["Subject.$"] = "$.subject",
                    ["Message.$"] = "$.message",
                    ["MessageAttributes"] = new Dictionary<string, object>
                    {
                        ["token"] = new Dictionary<string, object> { ["DataType"] = "String", ["StringValue.$"] = "$$.Task.Token" },
                    },
                },
                ["ResultPath"] = "$.end",
                ["TimeoutSeconds"] = MaxSeconds,
            },
        });

        // Retries for about an hour. If the problem lasts, a later reconcile begins the incident again.
        mail.AddRetry(Retry(["States.TaskFailed"], attempts: 12));
        return mail;
    }

    private SnsPublish Mail(string id, ITopic alerts, string subject, string message, State onFailure)
    {
        var mail = new SnsPublish(this, id, new SnsPublishProps
        {
            Topic = alerts,
            Subject = JsonPath.StringAt(subject),
            Message = TaskInput.FromJsonPathAt(message),
            ResultPath = JsonPath.DISCARD,
        });

        // Retries for a week, because no other mail has this text. Then an alarm follows.
        mail.AddRetry(Retry(["States.TaskFailed"], attempts: 7 * 24));
        mail.AddCatch(onFailure, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.error" });
        return mail;
    }

    // The event is for programs. If it fails, the mail is still sent.
    private EventBridgePutEvents Event(string id, string detail, IChainable next)
    {
        var put = new EventBridgePutEvents(this, id, new EventBridgePutEventsProps
        {
            Entries = [
                new EventBridgePutEventsEntry { Source = "automation.images", DetailType = "Image Incident", Detail = TaskInput.FromJsonPathAt(detail) }
            ],
            ResultPath = JsonPath.DISCARD,
        });
        put.AddRetry(Retry(["States.TaskFailed"], attempts: 6));
        put.AddCatch(next, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.notPublished" });
        put.Next(next);
        return put;
    }

    private static RetryProps Retry(string[] errors, int attempts) => new()
    {
        Errors = errors,
        Interval = Duration.Seconds(5),
        BackoffRate = 2,
        MaxAttempts = attempts,
        MaxDelay = Duration.Hours(1),
        JitterStrategy = JitterType.FULL,
    };
}
