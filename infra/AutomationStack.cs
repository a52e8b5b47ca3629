using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Scheduler;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Amazon.CDK.AWS.SQS;
using Automation.Core.Catalog;
using Constructs;

namespace Automation.Infra;

/// <summary>What the stack is made from.</summary>
internal sealed class AutomationStackProps : StackProps
{
    public required ImageCatalog Catalog { get; init; }

    /// <summary>The published function folder.</summary>
    public required string FunctionFolder { get; init; }
}

/// <summary>
/// The whole automation in one Region: triggers on the left, one workflow in the middle, the images' factory on the right.
/// <code>
/// schedule ──▶ Reconcile ────────┐
/// ECR push ──▶ ImagePushed ──────┼─▶ image-lifecycle ─▶ steps ─▶ Image Builder, ECR
/// SNS ───────▶ BuildNotification ┘
/// </code>
/// </summary>
internal sealed class AutomationStack : Stack
{
    private static readonly string[] Cancelled = ["CANCELLED"];

    private readonly ImageCatalog _catalog;
    private readonly Queue _deadLetters;
    private readonly FunctionSet _functions;
    private readonly Workflow _workflow;

    public AutomationStack(Construct scope, string id, AutomationStackProps props)
        : base(scope, id, props)
    {
        _catalog = props.Catalog;
        var key = new Key(this, "Key", new KeyProps
        {
            Description = "Encrypts the automation's topics",
            EnableKeyRotation = true,
            RemovalPolicy = RemovalPolicy.DESTROY,
        });
        var notifications = new Topic(this, "Notifications", new TopicProps { MasterKey = key, EnforceSSL = true });
        var alerts = new Topic(this, "Alerts", new TopicProps { MasterKey = key, EnforceSSL = true });
        _deadLetters = new Queue(this, "DeadLetters", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });

        _functions = new FunctionSet(this, "Functions", props.FunctionFolder, _deadLetters);
        _workflow = new Workflow(this, "Workflow", _functions, alerts);
        _ = new ImageFactory(this, "Images", _catalog, notifications);

        LetPublish(key, notifications);
        key.Grant(_workflow.StateMachine, "kms:GenerateDataKey*", "kms:Decrypt");
        foreach (var trigger in new[] { "Reconcile", "ImagePushed", "BuildNotification" })
        {
            _functions[trigger].AddEnvironment("AUTOMATION_STATE_MACHINE_ARN", _workflow.StateMachine.StateMachineArn);
            _workflow.StateMachine.GrantStartExecution(_functions[trigger]);
        }

        // Not GrantRead: that also reads every activity and state machine of the account. Builds may be started again once they have ended.
        _workflow.StateMachine.Grant(_functions["Reconcile"], "states:ListExecutions");
        _workflow.StateMachine.GrantExecution(_functions["Reconcile"], "states:DescribeExecution");
        _workflow.StateMachine.GrantExecution(_functions["ImagePushed"], "states:DescribeExecution");

        OnSchedule();
        OnImagePushed();
        OnBuildEnded(notifications);
        Permissions.Grant(this, _functions, _catalog);
        Alarms(alerts);

        _ = new CfnOutput(this, "StateMachineArn", new CfnOutputProps { Value = _workflow.StateMachine.StateMachineArn, Description = "The workflow image-lifecycle" });
        _ = new CfnOutput(this, "AlertsTopicArn", new CfnOutputProps { Value = alerts.TopicArn, Description = "Subscribe people here" });
        _ = new CfnOutput(this, "DeadLettersUrl", new CfnOutputProps { Value = _deadLetters.QueueUrl, Description = "What could not be processed" });
    }

    // Image Builder publishes with its service-linked role, not as a service principal, and the role may not exist before its first
    // use; so the role is named in a condition. https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-sns.html
    private void LetPublish(Key key, Topic notifications)
    {
        var role = $"arn:{Partition}:iam::{Account}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";
        var isImageBuilder = new Dictionary<string, object>
        {
            ["ArnEquals"] = new Dictionary<string, object> { ["aws:PrincipalArn"] = role },
        };

        // In a key's policy "*" is the key itself.
        key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "ImageBuilderNotifications",
            Principals = [new AnyPrincipal()],
            Actions = ["kms:GenerateDataKey*", "kms:Decrypt"],
            Resources = ["*"],
            Conditions = isImageBuilder,
        }));
        notifications.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "ImageBuilderNotifications",
            Principals = [new AnyPrincipal()],
            Actions = ["sns:Publish"],
            Resources = [notifications.TopicArn],
            Conditions = isImageBuilder,
        }));
        foreach (var service in new[] { "events.amazonaws.com", "cloudwatch.amazonaws.com" })
        {
            key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
            {
                Principals = [new ServicePrincipal(service)],
                Actions = ["kms:GenerateDataKey*", "kms:Decrypt"],
                Resources = ["*"],
                Conditions = new Dictionary<string, object>
                {
                    ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Account },
                },
            }));
        }
    }

    // One schedule looks at everything; an image with a schedule of its own is also looked at on time.
    private void OnSchedule()
    {
        var role = new Role(this, "SchedulerRole", new RoleProps { AssumedBy = new ServicePrincipal("scheduler.amazonaws.com") });
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = ["lambda:InvokeFunction"], Resources = [_functions["Reconcile"].FunctionArn] }));
        _deadLetters.Grant(role, "sqs:SendMessage");
        Schedule("ReconcileAll", (string?)Node.TryGetContext("reconcile") ?? "rate(1 hour)", "UTC", """{"time":"<aws.scheduler.scheduled-time>"}""");
        foreach (var image in _catalog.Images)
        {
            if (image.Build.Schedule is { } schedule)
            {
                var input = $$"""{"time":"<aws.scheduler.scheduled-time>","image":"{{image.Name}}"}""";
                Schedule($"Schedule-{image.Name}", schedule.ToString(), image.Build.TimeZone.Id, input);
            }
        }

        void Schedule(string id, string expression, string timeZone, string input) => _ = new CfnSchedule(this, id, new CfnScheduleProps
        {
            ScheduleExpression = expression,
            ScheduleExpressionTimezone = timeZone,
            FlexibleTimeWindow = new CfnSchedule.FlexibleTimeWindowProperty { Mode = "OFF" },
            State = "ENABLED",
            Target = new CfnSchedule.TargetProperty
            {
                Arn = _functions["Reconcile"].FunctionArn,
                RoleArn = role.RoleArn,
                Input = input,
                DeadLetterConfig = new CfnSchedule.DeadLetterConfigProperty { Arn = _deadLetters.QueueArn },
                RetryPolicy = new CfnSchedule.RetryPolicyProperty { MaximumEventAgeInSeconds = 3600, MaximumRetryAttempts = 10 },
            },
        });
    }

    private void OnImagePushed()
    {
        // Only repositories that something is built on; an adopted pipeline without "from" may be built on any.
        var everything = _catalog.Images.Any(image => image.From is null);
        var detail = new Dictionary<string, object> { ["action-type"] = new[] { "PUSH" }, ["result"] = new[] { "SUCCESS" } };
        if (!everything)
        {
            detail["repository-name"] = _catalog.Images.Select(image => image.From!.Repository)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        }

        _ = new Rule(this, "ImagePushed", new RuleProps
        {
            Description = "A base image was pushed",
            EventPattern = new EventPattern { Source = ["aws.ecr"], DetailType = ["ECR Image Action"], Detail = detail },
            Targets =
            [
                new LambdaFunction(_functions["ImagePushed"], new LambdaFunctionProps
                {
                    DeadLetterQueue = _deadLetters,
                    MaxEventAge = Duration.Hours(6),
                    RetryAttempts = 20,
                }),
            ],
        });
    }

    // Image Builder tells AVAILABLE and FAILED over SNS; CANCELLED comes only over EventBridge and takes the same topic.
    private void OnBuildEnded(Topic notifications)
    {
        notifications.AddSubscription(new LambdaSubscription(_functions["BuildNotification"], new LambdaSubscriptionProps
        {
            DeadLetterQueue = _deadLetters,
        }));
        _ = new Rule(this, "BuildCancelled", new RuleProps
        {
            Description = "An Image Builder build was cancelled",
            EventPattern = new EventPattern
            {
                Source = ["aws.imagebuilder"],
                DetailType = ["EC2 Image Builder Image State Change"],
                Detail = new Dictionary<string, object>
                {
                    ["state"] = new Dictionary<string, object> { ["status"] = Cancelled },
                },
            },
            Targets = [new SnsTopic(notifications, new SnsTopicProps { DeadLetterQueue = _deadLetters })],
        });
    }

    private void Alarms(Topic alerts)
    {
        var action = new SnsAction(alerts);
        Alarm("DeadLettersVisible", _deadLetters.MetricApproximateNumberOfMessagesVisible(), "Something could not be processed: read the dead letters");
        Alarm("ExecutionsFailed", _workflow.StateMachine.MetricFailed(), "An execution of image-lifecycle failed: read its error and cause");

        void Alarm(string id, IMetric metric, string description)
        {
            var alarm = new Alarm(this, id, new AlarmProps
            {
                Metric = metric,
                Threshold = 1,
                EvaluationPeriods = 1,
                ComparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                TreatMissingData = TreatMissingData.NOT_BREACHING,
                AlarmDescription = description,
            });
            alarm.AddAlarmAction(action);
        }
    }
}
