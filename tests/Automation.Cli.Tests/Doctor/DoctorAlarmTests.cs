using System.Text.Json.Nodes;
using Automation.Cli.Doctor;
using Automation.Core.Catalog;

namespace Automation.Cli.Tests.Doctor;

/// <summary>Alarms, log groups, and holds without an end date.</summary>
[Trait("Category", "Slow")]
public sealed class DoctorAlarmTests
{
    [Theory]
    [InlineData("DeleteAlarms", @"resources +fault +alarm MonitoringDeadLetters\w+ does not exist any more")]
    [InlineData("DisableAlarmActions", @"resources +fault +alarm MonitoringDeadLetters\w+ has its actions disabled, so it notifies no one")]
    public async Task Doctor_AlarmWithoutARecipient_IsAFault(string operation, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        await MonitoringAsync(account, operation, ("AlarmNames.member.1", account.Physical("MonitoringDeadLetters", "AWS::CloudWatch::Alarm")));

        var run = await account.DoctorAsync();

        Assert.Matches(expected, run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Theory]
    [InlineData("Threshold", "100", "threshold 100 instead of 1")]
    [InlineData("AlarmActions.member.1", "arn:aws:sns:us-east-1:123456789012:other", "not the template's list of actions")]
    [InlineData("AlarmActions.member.1", null, "not the template's list of actions")]
    [InlineData("Dimensions.member.1.Value", "other", "not the template's set of dimensions")]
    [InlineData("MetricName", "NumberOfMessagesSent", "metric NumberOfMessagesSent instead of ApproximateNumberOfMessagesVisible")]
    [InlineData("TreatMissingData", "ignore", "treatment of missing data ignore instead of notBreaching")]
    public async Task Doctor_AlarmChangedByHand_IsAFault(string parameter, string? value, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        var alarm = new Dictionary<string, string?>
        {
            ["AlarmName"] = account.Physical("MonitoringDeadLetters", "AWS::CloudWatch::Alarm"),
            ["Namespace"] = "AWS/SQS",
            ["MetricName"] = "ApproximateNumberOfMessagesVisible",
            ["Statistic"] = "Maximum",
            ["Period"] = "300",
            ["EvaluationPeriods"] = "1",
            ["ComparisonOperator"] = "GreaterThanOrEqualToThreshold",
            ["Threshold"] = "1",
            ["TreatMissingData"] = "notBreaching",
            ["AlarmActions.member.1"] = account.Physical("Alerts", "AWS::SNS::Topic"),
            ["Dimensions.member.1.Name"] = "QueueName",
            ["Dimensions.member.1.Value"] = account.Physical("DeadLetters", "AWS::SQS::Queue").Split('/')[^1],
            [parameter] = value,
        };
        await MonitoringAsync(account, "PutMetricAlarm", [.. alarm.Where(each => each.Value is not null).Select(each => (each.Key, each.Value!))]);

        var run = await account.DoctorAsync();

        Assert.Matches($@"resources +fault +alarm MonitoringDeadLetters\w+ was changed by hand: {expected}\. ->", run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task Doctor_AlarmThatIsOn_IsAWarning()
    {
        await using var account = await DeployedAccount.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            account.Host.Cloud.Run(
                () => account.Host.Cloud.Metrics.Count("us-east-1", account.Physical("FunctionsPrune", "AWS::Lambda::Function"), failed: true));
        }

        var run = await account.DoctorAsync();

        Assert.Matches(
            @"alarms +warning +MonitoringPruneErrors\w+ is in state ALARM: Threshold Crossed: 1 of the last 96 datapoints.*-> Function Prune keeps failing: see its log", run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    // The first state of an alarm is INSUFFICIENT_DATA, and it acts only when its state changes.
    [Fact]
    public void Check_ReconcileThatNeverRan_SaysThatItsAlarmSendsNothing()
    {
        var line = Reconcile(createdAgo: TimeSpan.FromDays(3));

        Assert.Equal(
            (Health.Fault,
                "the reconcile (rate(1 hour)) did not run within the last two days; its alarm MonitoringReconcileSilentD6572517 is in state INSUFFICIENT_DATA, and sends mail only when its state changes"),
            (line.Health, line.Text));
    }

    // The first run is due within the period of the schedule.
    [Fact]
    public void Check_StackOfTheLastHour_WarnsThatTheReconcileHasNotRunYet()
    {
        var line = Reconcile(createdAgo: TimeSpan.FromMinutes(20));

        Assert.Equal((Health.Warning, "the reconcile (rate(1 hour)) has not run yet; the stack was created at 2026-01-05T07:40:00Z"), (line.Health, line.Text));
    }

    private static Diagnosis Reconcile(TimeSpan createdAgo)
    {
        var now = new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
        var catalog = ImageCatalog.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Deployed", "catalog.json")));
        var alarm = new ResourceState { Alarm = new AlarmState("INSUFFICIENT_DATA", "", "") };
        var stack = new StackFacts("CREATE_COMPLETE", null)
        {
            CreatedAt = now - createdAgo,
            Topics = [],
            DeadLetters = new Reading<int>(0, null),
            Reconcile = new Reading<InvocationFacts>(new InvocationFacts(null, 0, 0), null),
            Functions = new Reading<IReadOnlyDictionary<string, InvocationFacts>>(new Dictionary<string, InvocationFacts>(), null),
            Resources = [new ResourceFacts("alarm", "MonitoringReconcileSilentD6572517", new Reading<ResourceState?>(alarm, null))],
        };
        return Assert.Single(StackChecks.CheckReconcile(new DoctorScope(catalog, "Automation", ["us-east-1"], "rate(1 hour)", now), stack));
    }

    [Theory]
    [InlineData("DeleteLogGroup", null, @"resources +fault +log group FunctionsPruneLog\w+ does not exist any more")]
    [InlineData("DeleteRetentionPolicy", null, @"resources +fault +log group FunctionsPruneLog\w+ was changed by hand: no retention")]
    [InlineData("PutRetentionPolicy", 1, @"resources +fault +log group FunctionsPruneLog\w+ was changed by hand: retention in days 1 instead of 90")]
    public async Task Doctor_LogGroupThatIsGoneOrChanged_IsAFault(string operation, int? days, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        var input = new JsonObject { ["logGroupName"] = account.Physical("FunctionsPruneLog", "AWS::Logs::LogGroup") };
        if (days is not null)
        {
            input["retentionInDays"] = days;
        }

        await account.JsonAsync("logs", $"Logs_20140328.{operation}", input);

        var run = await account.DoctorAsync();

        Assert.Matches(expected, run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Theory]
    [InlineData("2025-12-01T00:00:00Z", "-",
        @"holds +warning +app has been held for 35 days, since 2025-12-01T00:00:00Z, without an end: a person\. -> automation unhold app")]
    [InlineData("2025-12-01T00:00:00Z", null, @"holds +warning +app has been held for 35 days")]
    [InlineData("2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z", @"holds +ok +1 hold")]
    [InlineData("2026-01-01T00:00:00Z", "-", @"holds +ok +1 hold")]
    [InlineData("yesterday", "-", @"holds +warning +app has been held without an end since an unknown time")]
    public async Task Doctor_HoldWithoutAnEnd_IsAWarningAfterTwoWeeks(string since, string? until, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        var tags = new JsonObject { ["automation:hold"] = "a person", ["automation:hold-scope"] = "everything", ["automation:hold-since"] = since };
        if (until is not null)
        {
            tags["automation:hold-until"] = until;
        }

        await account.RestAsync(
            HttpMethod.Post, "imagebuilder", $"/tags/{Uri.EscapeDataString(account.Physical("ImagesPipelineapp", "AWS::ImageBuilder::ImagePipeline"))}",
            new JsonObject { ["tags"] = tags });

        var run = await account.DoctorAsync();

        Assert.Matches(expected, run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    private static Task MonitoringAsync(DeployedAccount account, string operation, params (string, string)[] parameters) =>
        account.QueryAsync("monitoring", "2010-08-01", operation, parameters);
}
