using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using Automation.Core.Workflow;
using Constructs;

namespace Automation.Infra;

/// <summary>The alarms, and a dashboard unless the options switch it off. Every alarm goes to the alerts topic.</summary>
internal sealed class Monitoring : Construct
{
    /// <summary>The names that <c>Automation.Functions.Metrics</c> writes. A test compares the two.</summary>
    private const string Namespace = "Automation";

    private readonly FunctionSet _functions;
    private readonly SnsAction _tell;
    private readonly List<IAlarm> _alarms = [];

    public Monitoring(Construct scope, string id, FunctionSet functions, StateMachine workflow, StateMachine incidents, StateMachine redrive, Queue deadLetters,
        ITopic alerts, StackOptions options)
        : base(scope, id)
    {
        _functions = functions;
        _tell = new SnsAction(alerts);
        var thresholds = options.AlarmThresholds;

        // What fails is retried every hour. So one failure in the last day keeps these two kinds of alarm on: they mail when the problem begins,
        // not every hour, and turn off after a day without a failure. A day is the longest window for periods below an hour.
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        var visible = deadLetters.MetricApproximateNumberOfMessagesVisible(new MetricOptions { Statistic = "Maximum" });
        Alarm("DeadLetters", visible, "A message could not be processed: read the dead letters, then redrive them", thresholds["deadLetters"]);
        Alarm("ExecutionsFailed", workflow.MetricFailed(new MetricOptions { Period = Duration.Hours(1) }),
            "An execution of image-lifecycle failed: see its error and cause", thresholds["executionsFailed"], periods: 24, datapoints: 1);
        Alarm("ExecutionsTimedOut", workflow.MetricTimedOut(), "An execution of image-lifecycle exceeded its timeout", thresholds["executionsTimedOut"]);
        Alarm("ExecutionsThrottled", workflow.MetricThrottled(), "Step Functions throttles image-lifecycle: builds and prunes are late",
            thresholds["executionsThrottled"], periods: 3);
        Alarm("IncidentsFailed", incidents.MetricFailed(), "An incident could not be mailed: see the execution's error", thresholds["incidentsFailed"]);
        Alarm("RedriveFailed", redrive.MetricFailed(), "The dead letters could not be redriven and are still there: see the execution's error",
            thresholds["redriveFailed"]);
        Alarm("RedriveTimedOut", redrive.MetricTimedOut(), "The dead letters could not be redriven in six hours", thresholds["redriveTimedOut"]);
        foreach (var (name, function) in functions.ByName)
        {
            var quarter = new MetricOptions { Period = Duration.Minutes(15), Statistic = "Sum" };
            Alarm($"{name}Errors", function.MetricErrors(quarter), $"Function {name} keeps failing: see its log", thresholds["functionErrors"], periods: 96,
                datapoints: 1);
            Alarm($"{name}Throttles", function.MetricThrottles(quarter), $"Function {name} is throttled: raise the account's concurrency limit",
                thresholds["functionThrottles"]);
        }

        // On a day without a call Lambda writes no data point, so silence is missing data and the alarm goes to INSUFFICIENT_DATA. That is also
        // its first state. It mails only on a change, so it does not mail before the first reconcile, when nothing is missing yet. The window is
        // one day longer than the schedule, because CloudWatch's days and the schedule's begin at different times.
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        var reconciles = functions[FunctionNames.Reconcile].MetricInvocations(new MetricOptions { Period = Duration.Days(1), Statistic = "Sum" });
        Alarm("ReconcileSilent", reconciles, "Nothing was reconciled: check whether the schedule is disabled", 1, options.DaysBetweenReconciles + 1,
            TreatMissingData.MISSING, ComparisonOperator.LESS_THAN_THRESHOLD)
            .AddInsufficientDataAction(_tell);

        // Between two reconciles there is no data, and the alarm keeps its state.
        var overdue = Own(FunctionNames.Reconcile, "OverdueImages", "Maximum", Duration.Hours(1));
        Alarm("ImagesOverdue", overdue, "Images were not promoted for more than maxAgeDays: see the log of Reconcile", thresholds["overdueImages"],
            missing: TreatMissingData.IGNORE);

        if (!options.Dashboard)
        {
            return;
        }

        _ = new Dashboard(this, "Dashboard", new DashboardProps
        {
            Widgets =
            [
                [new AlarmStatusWidget(new AlarmStatusWidgetProps { Title = "Alarms", Alarms = [.. _alarms], Width = 24, Height = 4 })],
                [
                    Graph("Images", Own(FunctionNames.Announce, "Promoted", "Sum"), Own(FunctionNames.Announce, "Blocked", "Sum"),
                        Own(FunctionNames.Announce, "Failed", "Sum"), Own(FunctionNames.Prune, "Deleted", "Sum")),
                    Graph("Open incidents", Own(FunctionNames.Reconcile, "OpenIncidents", "Maximum", Duration.Hours(1)),
                        Own(FunctionNames.Reconcile, "VulnerableImages", "Maximum", Duration.Hours(1))),
                    Graph("Overdue images", overdue, Own(FunctionNames.Reconcile, "OldestOverdueDays", "Maximum", Duration.Hours(1))),
                    Graph("Builds started",
                        functions[FunctionNames.StartBuild].MetricInvocations(new MetricOptions { Statistic = "Sum", Label = FunctionNames.StartBuild })),
                ],
                [
                    Graph("Executions", workflow.MetricStarted(), workflow.MetricSucceeded(), workflow.MetricFailed(), workflow.MetricTimedOut(),
                        workflow.MetricAborted(), workflow.MetricThrottled()),
                    Graph("Dead letters", visible, deadLetters.MetricApproximateAgeOfOldestMessage()),
                    Graph("Function errors", OfEach(function => function.MetricErrors())),
                ],
                [
                    Graph("Function duration, 90 of 100", OfEach(function => function.MetricDuration(new MetricOptions { Statistic = "p90" }))),
                    Graph("Function throttles", OfEach(function => function.MetricThrottles())),
                ],
            ],
        });
    }

    private Metric Own(string function, string name, string statistic, Duration? period = null) => new Metric(new MetricProps
    {
        Namespace = Namespace,
        MetricName = name,
        DimensionsMap = new Dictionary<string, string> { ["FunctionName"] = _functions[function].FunctionName },
        Statistic = statistic,
        Period = period ?? Duration.Minutes(5),
    });

    private IMetric[] OfEach(Func<Amazon.CDK.AWS.Lambda.Function, Metric> metric) =>
        [.. _functions.ByName.Select(function => metric(function.Value).With(new MetricOptions { Label = function.Key }))];

    private static GraphWidget Graph(string title, params IMetric[] metrics) =>
        new(new GraphWidgetProps { Title = title, Left = metrics, Width = 8, Height = 6 });

    private Alarm Alarm(string id, IMetric metric, string description, int threshold, int periods = 1,
        TreatMissingData missing = TreatMissingData.NOT_BREACHING, ComparisonOperator comparison = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        int? datapoints = null)
    {
        var alarm = new Alarm(this, id, new AlarmProps
        {
            Metric = metric,
            Threshold = threshold,
            EvaluationPeriods = periods,
            DatapointsToAlarm = datapoints,
            ComparisonOperator = comparison,
            TreatMissingData = missing,
            AlarmDescription = description,
        });
        alarm.AddAlarmAction(_tell);
        _alarms.Add(alarm);
        return alarm;
    }
}
