using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using Automation.Core.Workflow;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace Automation.Infra;

/// <summary>
/// The state machine <c>image-lifecycle</c>. Everything that changes images goes through it. Its input names an action:
/// <code>
/// {"action":"build",    "image":"app"}
/// {"action":"build",    "image":"app", "manual":{"id":"anna-20260131T030000","by":"anna"}}
/// {"action":"release",  "image":"app", "version":"1.0.0/7", "attempt":1}
/// {"action":"release",  "image":"app", "version":"1.0.0/7", "attempt":2, "explicit":true}   requested by a person; it ends a hold
/// {"action":"release",  "image":"app", "version":"1.0.0/7", "attempt":2, "resume":true}     resumes a release that stopped
/// {"action":"rollback", "image":"app", "version":"1.0.0/6"}
/// {"action":"rollback", "image":"app", "version":"1.0.0/6", "resume":true}                  resumes a rollback that stopped
/// {"action":"prune",    "image":"app"}
/// {"action":"prune",    "image":"app", "delete":false}   requested by a person: only reports (true: deletes); overrides the catalog
/// {"action":"prune",    "image":"app", "delete":true, "maxDeletePercent":100}   overrides the catalog's deletion limit
/// </code>
/// Each step adds its result to the state (<c>plan</c>, <c>build</c>, <c>release</c>, <c>scan</c>, …). So the output of an execution
/// contains every decision and its reasons.
/// </summary>
internal sealed class Workflow : Construct
{
    private const string HowToRead = "To read it: aws stepfunctions describe-execution"
        + " --execution-arn {} (Execution {}, {})', $.notAnnounced.Error, $.notAnnounced.Cause, $$.Execution.Id, $$.Execution.Name, $$.State.EnteredTime)";

    private readonly FunctionSet _functions;
    private readonly ScanWaits? _scanWaits;
    private readonly bool _withStatements;

    /// <param name="scanWaits">Null if no image has a gate.</param>
    /// <param name="withStatements">Whether a promotion records the results of the steps before it.</param>
    public Workflow(Construct scope, string id, FunctionSet functions, ITopic alerts, Incidents incidents, ScanWaits? scanWaits, bool withStatements,
        StackOptions options)
        : base(scope, id)
    {
        _functions = functions;
        _scanWaits = scanWaits;
        _withStatements = withStatements;

        var done = new Succeed(this, "Done");
        var failed = new Fail(this, "Failed", new FailProps { ErrorPath = "$.error.Error", CausePath = "$.error.Cause" });
        var (announce, afterAnnounce) = Announcement(alerts, incidents.StateMachine);

        var prune = Step(
            WorkflowStates.PruneImage, FunctionNames.Prune, "$.prune", "Deletes or reports superseded images; stops shortly before its deadline", announce);
        prune.Next(new Choice(this, "Pruned everything?")
            .When(Condition.BooleanEquals("$.prune.done", false), prune)
            .When(Condition.IsPresent("$.announcement"), done)
            .Otherwise(announce));

        // A rejection, an approval that times out, and the end of an approval for a build that can no longer be promoted arrive as errors. They
        // are not failures: the execution has done its work, as with a blocked gate.
        var answered = Condition.And(
            Condition.IsPresent("$.announcement.detail.outcome"),
            Condition.Or(Condition.StringEquals("$.announcement.detail.outcome", Outcome.Rejected.Name()),
                Condition.StringEquals("$.announcement.detail.outcome", Outcome.NotReleasable.Name())));
        afterAnnounce
            .When(Condition.And(Condition.IsPresent("$.error"), Condition.Not(answered)), failed)
            .When(Condition.IsPresent("$.notAnnounced"),
                new Fail(this, "Not announced", new FailProps { ErrorPath = "$.notAnnounced.Error", CausePath = "$.notAnnounced.Cause" }))
            .When(
                Condition.And(Condition.StringEquals("$.action", WorkflowActions.Release), Condition.BooleanEquals("$.announcement.promoted", true)),
                prune)
            .Otherwise(done);

        var unknown = new Fail(this, "Unknown action", new FailProps
        {
            Error = "UnknownAction",
            Cause = "The input needs \"action\": build, release, rollback or prune.",
        });
        var route = new Choice(this, "Route")
            .When(Condition.IsNotPresent("$.action"), unknown)
            .When(Condition.StringEquals("$.action", WorkflowActions.Build), Build(announce, done))
            .When(Condition.Or(Condition.StringEquals("$.action", WorkflowActions.Release), Condition.StringEquals("$.action", WorkflowActions.Rollback)),
                Release(alerts, announce))
            .When(Condition.StringEquals("$.action", WorkflowActions.Prune), prune)
            .Otherwise(unknown);

        Role = MachineRole.For(this, "Role", options.Tracing, functions.Steps);
        Permissions.Allow(Role, ["sns:Publish"], alerts.TopicArn);
        Permissions.Allow(Role, ["states:StartExecution"], incidents.StateMachine.StateMachineArn);
        Permissions.Allow(Role, ["events:PutEvents"], $"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/default");
        scanWaits?.AllowWaiting(Role);
        StateMachine = Machine.Of(this, "ImageLifecycle", route, Role, "Builds, promotes and prunes container images", Duration.Days(30), options);
    }

    public StateMachine StateMachine { get; }

    public Role Role { get; }

    // PlanBuild answers start, not-yet (with the time of the next check) or no. If there is no room for the build, or another execution was
    // faster, the decision no longer applies and is made again.
    private LambdaInvoke Build(IChainable announce, State done)
    {
        var plan = Step(WorkflowStates.PlanBuild, FunctionNames.PlanBuild, "$.plan", "Decides whether a build is due, and why", announce);
        var start =
            Step(WorkflowStates.StartBuild, FunctionNames.StartBuild, "$.build", "Starts the pipeline; the same request again returns the same build", null);
        var wait = new Wait(this, WorkflowStates.WaitUntilDue, new WaitProps { Time = WaitTime.TimestampPath("$.plan.until") });
        wait.Next(plan);
        start.AddCatch(wait, new CatchProps { Errors = [ErrorNames.QuotaExceeded, ErrorNames.BuildConflict], ResultPath = "$.refused" });
        start.AddCatch(announce, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.error" });
        start.Next(done);
        plan.Next(new Choice(this, "Build due?")
            .When(Condition.StringEquals("$.plan.decision", "start"), start)
            .When(Condition.StringEquals("$.plan.decision", "not-yet"), wait)
            .Otherwise(done));
        return plan;
    }

    private LambdaInvoke Release(ITopic alerts, IChainable announce)
    {
        var inspect = Step(WorkflowStates.InspectImage, FunctionNames.InspectImage, "$.release", "Finds the image of the build in every Region", announce);
        var scan = Step(WorkflowStates.CheckScan, FunctionNames.CheckScan, "$.scan", "Decides whether scan findings block the promotion", announce);
        var nextCheck = new Wait(this, WorkflowStates.WaitForNextCheck, new WaitProps { Time = WaitTime.TimestampPath("$.scan.until") });
        nextCheck.Next(scan);
        State waitForScan = _scanWaits is null ? nextCheck : WaitForScan(_scanWaits, scan, nextCheck);

        var versionTags = Step(
            WorkflowStates.PromoteVersionTags, FunctionNames.PromoteImage, "$.versionTags",
            "Writes the version tags in every Region if all tags can be written in all Regions", announce, PromotionState(PromotionPhases.Version));
        var floatingTags = Step(
            WorkflowStates.PromoteFloatingTags, FunctionNames.PromoteImage, "$.floatingTags",
            "Writes the floating tags in every Region if they can be written in all Regions", announce, PromotionState(PromotionPhases.Floating));
        var verify = Step(
            WorkflowStates.VerifyPromotion, FunctionNames.PromoteImage, "$.verify", "Reads back every tag and corrects those that moved meanwhile", announce,
            _withStatements ? null : PromotionState(PromotionPhases.Verify), _withStatements ? PromotionPhases.Verify : null);

        // After the soak, PromoteImage checks again that the build may still be promoted and that its version tags are correct.
        var soak = new Wait(this, WorkflowStates.Soak, new WaitProps { Time = WaitTime.TimestampPath("$.versionTags.waitUntil") });
        soak.Next(versionTags);
        versionTags.Next(new Choice(this, "Version tags written?")
            .When(Condition.BooleanEquals("$.versionTags.stopped", true), announce)
            .When(Condition.And(Condition.IsPresent("$.versionTags.waitUntil"), Condition.IsString("$.versionTags.waitUntil")), soak)
            .Otherwise(floatingTags));
        floatingTags.Next(verify);
        verify.Next(announce);

        var approval = Approval(alerts, announce);
        approval.Next(versionTags);
        var approve = new Choice(this, "Approval needed?")
            .When(Condition.And(Condition.IsPresent("$.release.approvalSeconds"), Condition.IsNumeric("$.release.approvalSeconds")), ApprovalEvent(approval))
            .Otherwise(versionTags);

        inspect.Next(new Choice(this, "Releasable?")
            .When(
                Condition.And(
                    Condition.StringEquals("$.release.outcome", "releasable"),
                    Condition.BooleanEquals("$.release.cleared", true)),
                versionTags)
            .When(Condition.StringEquals("$.release.outcome", "releasable"), scan)
            .Otherwise(announce));
        scan.Next(new Choice(this, "Scan passed?")
            .When(Condition.StringEquals("$.scan.verdict", "open"), approve)
            .When(
                Condition.And(
                    Condition.StringEquals("$.scan.verdict", "wait"), Condition.IsPresent("$.scan.waitName"), Condition.IsString("$.scan.waitName")),
                waitForScan)
            .When(Condition.StringEquals("$.scan.verdict", "wait"), nextCheck)
            .Otherwise(announce));
        return inspect;
    }

    /// <summary>
    /// Waits in an execution of its own, which the end of a scan stops: then the next check follows at once. Every other early end, such as a
    /// missing permission, leads to a plain wait until the same time, because a check without a pause would repeat without end.
    /// </summary>
    private CustomState WaitForScan(ScanWaits scanWaits, IChainable check, IChainable plainWait)
    {
        var wait = new CustomState(this, WorkflowStates.WaitForScan, new CustomStateProps
        {
            StateJson = new Dictionary<string, object>
            {
                ["Type"] = "Task",
                ["Resource"] = $"arn:{Aws.PARTITION}:states:::states:startExecution.sync",
                ["Parameters"] = new Dictionary<string, object>
                {
                    ["StateMachineArn"] = scanWaits.StateMachine.StateMachineArn,
                    ["Name.$"] = "$.scan.waitName",
                    ["Input"] = new Dictionary<string, object>
                    {
                        ["until.$"] = "$.scan.until",
                        ["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$"] = "$$.Execution.Id",
                    },
                },
                ["ResultSelector"] = new Dictionary<string, object> { ["Status.$"] = "$.Status" },
                ["ResultPath"] = "$.scan.waitEnded",

                // The machine there ends a wait earlier. This is for an end that Step Functions misses.
                ["TimeoutSeconds"] = 2 * 3600,
            },
        });

        // The cause is the description of the ended execution: {"ExecutionArn":"…","Name":"…","Status":"ABORTED",…}. LocalStack recorded AWS's for FAILED
        // (test_start_execution_sync_delegate_failure and _timeout), and https://github.com/floci-io/floci/issues/2965 AWS's description of a stopped
        // execution. No recording has both. If AWS writes it otherwise, the release takes the plain wait and loses only time.
        // https://github.com/localstack/localstack/blob/main/tests/aws/services/stepfunctions/v2/callback/test_callback.snapshot.json
        var ended = new Choice(this, "Did a scan end?")
            .When(Condition.StringMatches("$.scan.waitEnded.Cause", "*\"Status\":\"ABORTED\"*"), check)
            .Otherwise(plainWait);
        wait.AddCatch(ended, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.scan.waitEnded" });
        wait.Next(check);
        return wait;
    }

    // The last line of the message is the token, which `automation approve` reads from the execution's history. The rest is for people.
    private SnsPublish Approval(ITopic alerts, IChainable announce)
    {
        var approval = new SnsPublish(this, WorkflowStates.WaitForApproval, new SnsPublishProps
        {
            Topic = alerts,
            IntegrationPattern = IntegrationPattern.WAIT_FOR_TASK_TOKEN,
            Subject = JsonPath.Format("approval needed: {} {}", JsonPath.StringAt("$.image"), JsonPath.StringAt("$.release.version")),
            Message = TaskInput.FromText(JsonPath.Format("{}{}", JsonPath.StringAt("$.scan.request"), JsonPath.TaskToken)),
            TaskTimeout = Timeout.At("$.release.approvalSeconds"),
            ResultPath = "$.approval",
        });

        // Retries only failures of SNS itself. A rejection (automation reject) also fails the task, and must not ask again.
        approval.AddRetry(new RetryProps
        {
            Errors = ErrorNames.SnsService,
            Interval = Duration.Seconds(5),
            BackoffRate = 2,
            MaxAttempts = 8,
            MaxDelay = Duration.Minutes(5),
            JitterStrategy = JitterType.FULL,
        });
        approval.AddCatch(announce, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.error" });
        return approval;
    }

    /// <summary>The request as an event, for programs and chat channels. The mail also requests the approval, so a failure here needs no other
    /// report.</summary>
    private Choice ApprovalEvent(IChainable approval)
    {
        var publish = new EventBridgePutEvents(this, "Publish approval request", new EventBridgePutEventsProps
        {
            Entries = [new EventBridgePutEventsEntry
            {
                Source = "automation.images", DetailType = "Image Approval", Detail = TaskInput.FromJsonPathAt("$.scan.requestDetail")
            }],
            ResultPath = JsonPath.DISCARD,
        });
        publish.AddRetry(ServiceRetry());
        publish.AddCatch(approval, new CatchProps { Errors = ["States.ALL"], ResultPath = JsonPath.DISCARD });
        publish.Next(approval);

        // During a deployment the function may be older than the workflow.
        return new Choice(this, "Request known?").When(Condition.IsPresent("$.scan.requestDetail"), publish).Otherwise(approval);
    }

    private static Dictionary<string, object> PromotionState(string phase) => new()
    {
        ["action.$"] = "$.action",
        ["image.$"] = "$.image",
        ["version.$"] = "$.release.version",
        ["release.$"] = "$.release",
        ["phase"] = phase,
    };

    /// <summary>
    /// Announce composes the event and the mail, and the workflow sends them: an event for programs, and a mail if a person must act. If one
    /// fails, the other is still sent, and an earlier error stays visible. If the mail cannot be sent now, <see cref="Incidents"/> retries it,
    /// so neither this execution nor the next one for the image waits for it.
    /// </summary>
    private (LambdaInvoke First, Choice Last) Announcement(ITopic alerts, StateMachine incidents)
    {
        var last = new Choice(this, "What next?");
        var notAnnounced = new CatchProps { Errors = ["States.ALL"], ResultPath = "$.notAnnounced" };
        var announce = Step(WorkflowStates.Announce, FunctionNames.Announce, "$.announcement", "Composes the event and the mail about the outcome", null);

        // If Announce itself fails, usually because Image Builder does not respond, this mail at least says which execution ended and where to
        // look. An SNS subject has at most 100 characters, and an execution's name at most 80.
        announce.AddCatch(
            StartMail(
                "Report that Announce failed",
                incidents,
                "States.Format('not announced: {}', $$.Execution.Name)",
                "States.Format('Announce failed with {}: {} The outcome is not written on the build. " + HowToRead,
                last,
                notAnnounced),
            notAnnounced);
        var publish = new EventBridgePutEvents(this, "Publish event", new EventBridgePutEventsProps
        {
            Entries =
            [
                new EventBridgePutEventsEntry
                {
                    Source = "automation.images",
                    DetailType = JsonPath.StringAt("$.announcement.detailType"),
                    Detail = TaskInput.FromJsonPathAt("$.announcement.detail"),
                },
            ],
            ResultPath = JsonPath.DISCARD,
        });
        publish.AddRetry(ServiceRetry());
        var alert = new SnsPublish(this, "Alert people", new SnsPublishProps
        {
            Topic = alerts,
            Subject = JsonPath.StringAt("$.announcement.subject"),
            Message = TaskInput.FromJsonPathAt("$.announcement.message"),
            ResultPath = JsonPath.DISCARD,
        });
        alert.AddRetry(ServiceRetry());

        alert.AddCatch(StartMail("Mail later", incidents, "$.announcement.subject", "$.announcement.message", last, notAnnounced), notAnnounced);
        alert.Next(last);
        var isAlertNeeded = new Choice(this, "Alert needed?")
            .When(Condition.BooleanEquals("$.announcement.alert", true), alert)
            .Otherwise(last);
        announce.Next(publish);

        // Each execution may fail to publish, but only the first of a day mails it: for the others the name is in use.
        publish.AddCatch(
            StartMail(
                "Report that events fail",
                incidents,
                "States.Format('event not published: {}', $$.Execution.Name)",
                "States.Format('PutEvents failed with {}: {} Programs that follow the events of automation.images miss this one. Today no other mail follows if more events fail. " + HowToRead,
                isAlertNeeded,
                notAnnounced,
                name: "States.Format('events-not-published-{}', States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'T'), 0))"),
            notAnnounced);
        publish.Next(isAlertNeeded);
        return (announce, last);
    }

    /// <summary>Starts an execution of the incidents' state machine, which tries to send the mail for a week.</summary>
    /// <param name="name">The execution's name, which sends at most one mail; null to send every mail.</param>
    private CustomState StartMail(string id, StateMachine incidents, string subject, string message, Choice next, CatchProps notAnnounced, string? name = null)
    {
        var parameters = new Dictionary<string, object>
        {
            ["StateMachineArn"] = incidents.StateMachineArn,
            ["Input"] = new Dictionary<string, object> { ["subject.$"] = subject, ["message.$"] = message },
        };
        if (name is not null)
        {
            parameters["Name.$"] = name;
        }

        var mail = new CustomState(this, id, new CustomStateProps
        {
            StateJson = new Dictionary<string, object?>
            {
                ["Type"] = "Task",
                ["Resource"] = $"arn:{Aws.PARTITION}:states:::states:startExecution",
                ["Parameters"] = parameters,
                ["ResultPath"] = "$.mailLater",
            }!,
        });
        if (name is not null)
        {
            mail.AddRetry(new RetryProps { Errors = [ErrorNames.ExecutionExists], MaxAttempts = 0 });
            mail.AddCatch(next, new CatchProps { Errors = [ErrorNames.ExecutionExists], ResultPath = "$.mailLater" });
        }

        mail.AddRetry(ServiceRetry());
        mail.AddCatch(next, notAnnounced);
        mail.Next(next);
        return mail;
    }

    /// <summary>
    /// One function as a step. The input also contains the time: functions decide by the workflow's clock and never by their own. So a decision
    /// can be repeated, and the local run can use virtual time.
    /// </summary>
    private LambdaInvoke Step(string id, string function, string? resultPath, string comment, IChainable? onFailure, Dictionary<string, object>? state = null,
        string? phase = null)
    {
        var payload = new Dictionary<string, object>
        {
            ["now.$"] = "$$.State.EnteredTime",
            ["execution.$"] = "$$.Execution.Name",
            [state is null ? "state.$" : "state"] = (object?)state ?? "$",
        };
        if (phase is not null)
        {
            payload["phase"] = phase;
        }

        var task = new LambdaInvoke(this, id, new LambdaInvokeProps
        {
            LambdaFunction = _functions[function],
            Comment = comment,
            Payload = TaskInput.FromObject(payload),
            PayloadResponseOnly = true,
            RetryOnServiceExceptions = false,
            ResultPath = resultPath,
            TaskTimeout = Timeout.Duration(Duration.Minutes(16)),
        });

        // Retries throttling and failing dependencies, first quickly, then with long pauses.
        task.AddRetry(new RetryProps
        {
            Errors = [ErrorNames.Transient, .. ErrorNames.LambdaService],
            Interval = Duration.Seconds(5),
            BackoffRate = 2,
            MaxAttempts = 8,
            MaxDelay = Duration.Minutes(5),
            JitterStrategy = JitterType.FULL,
        });

        if (onFailure is not null)
        {
            task.AddCatch(onFailure, new CatchProps { Errors = ["States.ALL"], ResultPath = "$.error" });
        }

        return task;
    }

    private static RetryProps ServiceRetry() => new()
    {
        Errors = ["States.TaskFailed"],
        Interval = Duration.Seconds(5),
        BackoffRate = 2,
        MaxAttempts = 6,
        JitterStrategy = JitterType.FULL,
    };
}
