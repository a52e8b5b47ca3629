using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.ImageBuilder;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Scheduler;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Amazon.CDK.AWS.SQS;
using Automation.Core.Catalog;
using Automation.Core.Workflow;
using Constructs;

namespace Automation.Infra;

/// <summary>The catalog, the options and the functions that the stack deploys.</summary>
internal sealed class AutomationStackProps : StackProps
{
    // CloudFormation accepts a template of one megabyte. Indentation would take half of that in a large catalog's template.
    public AutomationStackProps() => SuppressTemplateIndentation = true;

    public required ImageCatalog Catalog { get; init; }

    public StackOptions Options { get; init; } = new();

    /// <summary>The code of the functions.</summary>
    public required FunctionPackage Package { get; init; }
}

/// <summary>
/// The complete system in one Region: triggers on the left, the workflow in the middle, Image Builder and ECR on the right.
/// <code>
/// schedule ──▶ Reconcile ────────┐
/// ECR push ──▶ ImagePushed ──────┼─▶ image-lifecycle ─▶ steps ─▶ Image Builder, ECR
/// SNS ───────▶ BuildNotification ┘
/// scan ──────▶ ScanCompleted ─────▶ ends the wait for it
/// </code>
/// </summary>
internal sealed class AutomationStack : Stack
{
    private static readonly string[] Cancelled = ["CANCELLED"];
    private static readonly string[] Arrivals = ["PUSH", "REPLICATE"];
    private static readonly string[] Succeeded = ["SUCCESS"];
    private static readonly string[] Updated = ["UPDATE_COMPLETE"];
    private static readonly string[] CreatedOrUpdated = ["CREATE_COMPLETE", "UPDATE_COMPLETE"];

    /// <summary>CloudFormation accepts 500 resources. The CDK adds more policies later if the statements of a role do not fit into one.
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html</summary>
    private const int MaxResources = 478;

    /// <summary>The maximum size of the repository list in one event pattern, in characters. The whole pattern may have 2,048.
    /// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html</summary>
    private const int MaxPatternSize = 1600;

    /// <summary>The size of a repository's ARN in the template without its name, with quotes and commas for both.</summary>
    private const int ArnSize = 150;

    private static readonly string[] UseOfAKey = ["kms:GenerateDataKey*", "kms:Decrypt"];

    /// <summary>
    /// Publishers may use the key only through SNS, which calls KMS with the permissions of the publishing role. The wildcard is for China,
    /// where host names have another suffix. The encryption context (<c>aws:sns:topicArn</c>) cannot limit the key to one topic, because the
    /// topics refer to the key and are created after it. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    /// </summary>
    private static readonly Dictionary<string, object> ThroughSns = new()
    {
        ["StringLike"] = new Dictionary<string, object> { ["kms:ViaService"] = $"sns.{Aws.REGION}.amazonaws.com*" },
    };

    private readonly ImageCatalog _catalog;
    private readonly StackOptions _options;
    private readonly Queue _deadLetters;
    private readonly FunctionSet _functions;
    private readonly Workflow _workflow;

    /// <exception cref="CatalogException">The catalog is too large for one stack.</exception>
    public AutomationStack(Construct scope, string id, AutomationStackProps props)
        : base(scope, id, props)
    {
        _catalog = props.Catalog;
        _options = props.Options;
        var key = _options.NotificationKey is { } existing ? Key.FromKeyArn(this, "Key", existing) : new Key(this, "Key", new KeyProps
        {
            Description = "Encrypts the automation's topics",
            EnableKeyRotation = true,
            RemovalPolicy = RemovalPolicy.DESTROY,
        });
        var notifications = new Topic(this, "Notifications", new TopicProps { MasterKey = key, EnforceSSL = true });
        var alerts = new Topic(this, "Alerts", new TopicProps { MasterKey = key, EnforceSSL = true });
        foreach (var address in _options.AlarmEmails)
        {
            alerts.AddSubscription(new EmailSubscription(address));
        }

        _deadLetters = new Queue(this, "DeadLetters", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(_options.DeadLetterDays),
        });

        _functions = new FunctionSet(this, "Functions", props.Package, _deadLetters, _options);
        if (_options.SlackChannel.Count + _options.TeamsChannel.Count > 0)
        {
            _ = new Chat(this, "Chat", alerts, _options);
        }

        var incidents = new Incidents(this, "Incidents", alerts, _options);
        var scanWaits = _catalog.Images.Any(image => image.Promote.Gate is not null) ? new ScanWaits(this, "ScanWaits", _options) : null;
        scanWaits?.AllowEnding(_functions[FunctionNames.ScanCompleted]);
        _workflow = new Workflow(this, "Workflow", _functions, alerts, incidents, scanWaits, _catalog.Images.Any(image => image.Promote.Statement), _options);
        var redrive = new Redrive(this, "Redrive", _functions, _deadLetters, _options);
        var images = new ImageFactory(this, "Images", _catalog, _options, notifications);

        LetImageBuilderPublish(key, notifications);
        LetAlarmsPublish(key, alerts);
        foreach (var role in new[] { _workflow.Role, incidents.Role })
        {
            role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = UseOfAKey, Resources = [key.KeyArn], Conditions = ThroughSns }));
        }

        incidents.AllowReporting(_functions[FunctionNames.Reconcile]);
        incidents.AllowReporting(_functions[FunctionNames.Announce]);
        foreach (var trigger in new[] { FunctionNames.Reconcile, FunctionNames.ImagePushed, FunctionNames.BuildNotification })
        {
            _functions[trigger].AddEnvironment("AUTOMATION_STATE_MACHINE_ARN", _workflow.StateMachine.StateMachineArn);
            Machine.LetStart(_functions[trigger], _workflow.StateMachine);
        }

        // GrantRead would also allow reading every activity and state machine of the account.
        _workflow.StateMachine.Grant(_functions[FunctionNames.Reconcile], "states:ListExecutions");
        if (_catalog.Images.Any(image => image.Promote.ApprovalHours is not null))
        {
            // Ends an approval whose build can no longer be promoted. SendTaskFailure has no resource type in IAM.
            _workflow.StateMachine.GrantExecution(_functions[FunctionNames.Reconcile], "states:GetExecutionHistory");
            Permissions.Allow(_functions[FunctionNames.Reconcile], ["states:SendTaskFailure"], "*");
        }

        if (!_options.RecipesLater)
        {
            OnSchedule(images.Pipelines);
            OnImagePushed();
            OnDeployed();
        }

        OnBuildEnded(notifications);
        OnScanCompleted();
        Permissions.Grant(this, _functions, _catalog);
        _ = new Monitoring(this, "Monitoring", _functions, _workflow.StateMachine, incidents.StateMachine, redrive.StateMachine, _deadLetters,
            alerts, _options);
        AcceptedFindings.Write(this);

        if (Node.FindAll().OfType<CfnResource>().Count() is > MaxResources and var resources)
        {
            throw new CatalogException([new CatalogFault(
                "images",
                $"{_catalog.Images.Count} images need {resources} resources, but a CloudFormation stack can have only 500: divide them among catalogs and deploy each as its own stack (context stackName and catalog); for a base image from another stack, list its repository as existing")]);
        }

        _ = new CfnOutput(
            this, "StateMachineArn", new CfnOutputProps { Value = _workflow.StateMachine.StateMachineArn, Description = "The workflow image-lifecycle" });
        _ = new CfnOutput(this, "AlertsTopicArn", new CfnOutputProps { Value = alerts.TopicArn, Description = "Subscribe people here" });
        _ = new CfnOutput(this, "DeadLettersUrl", new CfnOutputProps { Value = _deadLetters.QueueUrl, Description = "Messages that could not be processed" });
        _ = new CfnOutput(this, "RedriveArn",
            new CfnOutputProps { Value = redrive.StateMachine.StateMachineArn, Description = "Start this state machine to redrive the dead letters" });
    }

    // Image Builder publishes with its service-linked role, not as a service principal. The role may not exist before its first use, so
    // a condition names it. https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-sns.html
    private void LetImageBuilderPublish(IKey key, Topic notifications)
    {
        var role = $"arn:{Partition}:iam::{Account}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";
        var isImageBuilder = new Dictionary<string, object>
        {
            ["ArnEquals"] = new Dictionary<string, object> { ["aws:PrincipalArn"] = role },
        };

        // In a key policy, "*" means the key itself.
        key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "ImageBuilderNotifications",
            Principals = [new AnyPrincipal()],
            Actions = UseOfAKey,
            Resources = ["*"],
            Conditions = new Dictionary<string, object>([.. isImageBuilder, .. ThroughSns]),
        }));
        notifications.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "ImageBuilderNotifications",
            Principals = [new AnyPrincipal()],
            Actions = ["sns:Publish"],
            Resources = [notifications.TopicArn],
            Conditions = isImageBuilder,
        }));
    }

    // A topic with its own policy loses the default one, which lets the account's alarms publish. CloudWatch uses the key directly for an
    // alarm, not through SNS, because no role is involved. So the statement is limited to the account's alarms.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    private void LetAlarmsPublish(IKey key, Topic alerts)
    {
        var isAlarm = new Dictionary<string, object>
        {
            ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Account },
            ["ArnLike"] = new Dictionary<string, object> { ["aws:SourceArn"] = $"arn:{Partition}:cloudwatch:{Region}:{Account}:alarm:*" },
        };
        key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "Alarms",
            Principals = [new ServicePrincipal("cloudwatch.amazonaws.com")],
            Actions = UseOfAKey,
            Resources = ["*"],
            Conditions = isAlarm,
        }));
        alerts.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "Alarms",
            Principals = [new ServicePrincipal("cloudwatch.amazonaws.com")],
            Actions = ["sns:Publish"],
            Resources = [alerts.TopicArn],
            Conditions = isAlarm,
        }));
    }

    // One schedule reconciles the whole catalog; an image with its own schedule is also reconciled on time. A rate schedule first runs as
    // soon as it is created, so it depends on the pipelines and on the permissions of its role. The other schedules depend on it.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    private void OnSchedule(IReadOnlyList<CfnImagePipeline> pipelines)
    {
        // EventBridge Scheduler names the schedule group as the source, not the schedule.
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        var role = new Role(this, "SchedulerRole", new RoleProps
        {
            AssumedBy = new ServicePrincipal("scheduler.amazonaws.com", new ServicePrincipalOpts
            {
                Conditions = new Dictionary<string, object>
                {
                    ["StringEquals"] = new Dictionary<string, object>
                    {
                        ["aws:SourceAccount"] = Account,
                        ["aws:SourceArn"] = $"arn:{Partition}:scheduler:{Region}:{Account}:schedule-group/default",
                    },
                },
            }),
        });
        role.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps { Actions = ["lambda:InvokeFunction"], Resources = [_functions[FunctionNames.Reconcile].FunctionArn] }));
        _deadLetters.Grant(role, "sqs:SendMessage");
        var all = Schedule("ReconcileAll", _options.Reconcile, "UTC", """{"time":"<aws.scheduler.scheduled-time>"}""");
        all.Node.AddDependency([role, .. pipelines]);
        foreach (var image in _catalog.Images)
        {
            if (image.Build.Schedule is { } schedule)
            {
                var input = $$"""{"time":"<aws.scheduler.scheduled-time>","image":"{{image.Name}}"}""";
                Schedule($"Schedule-{image.Name}", schedule.ToString(), image.Build.TimeZone.Id, input).Node.AddDependency(all);
            }
        }

        CfnSchedule Schedule(string id, string expression, string timeZone, string input) => new(this, id, new CfnScheduleProps
        {
            ScheduleExpression = expression,
            ScheduleExpressionTimezone = timeZone,
            FlexibleTimeWindow = new CfnSchedule.FlexibleTimeWindowProperty { Mode = "OFF" },
            State = "ENABLED",
            Target = new CfnSchedule.TargetProperty
            {
                Arn = _functions[FunctionNames.Reconcile].FunctionArn,
                RoleArn = role.RoleArn,
                Input = input,
                DeadLetterConfig = new CfnSchedule.DeadLetterConfigProperty { Arn = _deadLetters.QueueArn },
                RetryPolicy = new CfnSchedule.RetryPolicyProperty { MaximumEventAgeInSeconds = 3600, MaximumRetryAttempts = 10 },
            },
        });
    }

    // Replication and pull-through caches also deliver base images. Their events have other detail types.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    private void OnImagePushed()
    {
        var target = new LambdaFunction(_functions[FunctionNames.ImagePushed], new LambdaFunctionProps
        {
            DeadLetterQueue = _deadLetters,
            MaxEventAge = Duration.Hours(6),
            RetryAttempts = 20,
        });
        Arrival("ImagePushed", "A base image was pushed or replicated", ["ECR Image Action", "ECR Replication Action"], new Dictionary<string, object>
        {
            ["action-type"] = Arrivals,
            ["result"] = Succeeded,
        });
        Arrival("ImageCached", "A base image came through a pull-through cache", ["ECR Pull Through Cache Action"], new Dictionary<string, object>
        {
            ["sync-status"] = Succeeded,
        });

        void Arrival(string id, string description, string[] detailTypes, Dictionary<string, object> detail)
        {
            // Only the repositories that images are built from. An adopted pipeline without "from" may use a base image from any repository.
            if (_catalog.Images.Any(image => image.From is null))
            {
                Add(id, detail);
                return;
            }

            var repositories = _catalog.Images.SelectMany(image => image.MadeFrom, (_, from) => from.Repository).Order(StringComparer.Ordinal);
            foreach (var (number, some) in repositories.ChunkByLength(MaxPatternSize, name => name.Length + 3).Index())
            {
                Add(number == 0 ? id : $"{id}{number + 1}", new Dictionary<string, object>(detail) { ["repository-name"] = some.ToArray() });
            }

            void Add(string rule, Dictionary<string, object> match) => _ = new Rule(this, rule, new RuleProps
            {
                Description = description,
                EventPattern = new EventPattern { Source = ["aws.ecr"], DetailType = detailTypes, Detail = match },
                Targets = [target],
            });
        }
    }

    // A release waits for a scan only in the repositories of images with a gate. Inspector names a repository by its ARN. If the names do not fit into
    // one pattern, the function also gets the events about other repositories, which end no wait.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
    private void OnScanCompleted()
    {
        var gated = _catalog.Images.Where(image => image.Promote.Gate is not null).Select(image => image.Repository).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToList();
        if (gated.Count == 0)
        {
            return;
        }

        var pattern = new EventPattern { Source = ["aws.ecr", "aws.inspector2"], DetailType = ["ECR Image Scan", "Inspector2 Scan"] };
        if (gated.Sum(name => (2 * name.Length) + ArnSize) <= MaxPatternSize)
        {
            pattern = new EventPattern
            {
                Source = pattern.Source,
                DetailType = pattern.DetailType,
                Detail = new Dictionary<string, object>
                {
                    ["repository-name"] = gated.SelectMany(name => new[] { name, Permissions.Repository(Region, name) }).ToArray(),
                },
            };
        }

        _ = new Rule(this, "ScanCompleted", new RuleProps
        {
            Description = "A scan of a gated image ended",
            EventPattern = pattern,
            Targets =
            [
                new LambdaFunction(_functions[FunctionNames.ScanCompleted], new LambdaFunctionProps
                {
                    DeadLetterQueue = _deadLetters,
                    MaxEventAge = Duration.Minutes(5),
                    RetryAttempts = 2,
                }),
            ],
        });
    }

    // After a deployment that changes recipes, their builds start at once and not within the next hour. The event comes when the whole stack is
    // complete, so no resource depends on another one. A rate schedule also runs when it is created; a cron schedule does not.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
    private void OnDeployed() => _ = new Rule(this, "Deployed", new RuleProps
    {
        Description = "The stack was deployed: reconciles everything",
        EventPattern = new EventPattern
        {
            Source = ["aws.cloudformation"],
            DetailType = ["CloudFormation Stack Status Change"],
            Detail = new Dictionary<string, object>
            {
                ["stack-id"] = new[] { StackId },
                ["status-details"] = new Dictionary<string, object>
                {
                    ["status"] = _options.Reconcile.StartsWith("rate(", StringComparison.Ordinal) ? Updated : CreatedOrUpdated,
                },
            },
        },
        Targets =
        [
            new LambdaFunction(_functions[FunctionNames.Reconcile], new LambdaFunctionProps
            {
                Event = RuleTargetInput.FromObject(new Dictionary<string, object> { ["time"] = EventField.Time }),
                DeadLetterQueue = _deadLetters,
                MaxEventAge = Duration.Hours(6),
                RetryAttempts = 20,
            }),
        ],
    });

    // Image Builder reports AVAILABLE and FAILED through SNS. It reports CANCELLED only through EventBridge, which sends it to the same
    // function in the same format. It does not use the same topic, because no condition can limit what EventBridge publishes to an
    // encrypted topic to one source.
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    private void OnBuildEnded(Topic notifications)
    {
        notifications.AddSubscription(new LambdaSubscription(_functions[FunctionNames.BuildNotification], new LambdaSubscriptionProps
        {
            DeadLetterQueue = _deadLetters,
        }));
        var message = $$"""{"arn":"{{EventField.FromPath("$.resources[0]")}}"}""";
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
            Targets =
            [
                new LambdaFunction(_functions[FunctionNames.BuildNotification], new LambdaFunctionProps
                {
                    Event = RuleTargetInput.FromObject(new Dictionary<string, object>
                    {
                        ["Records"] = new[] { new Dictionary<string, object> { ["Sns"] = new Dictionary<string, object>
                        {
                            ["Message"] = message, ["Timestamp"] = EventField.Time
                        } } },
                    }),
                    DeadLetterQueue = _deadLetters,
                    MaxEventAge = Duration.Hours(6),
                    RetryAttempts = 20,
                }),
            ],
        });
    }
}
