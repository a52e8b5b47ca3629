using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>
/// The operations on alarms. An alarm on a metric that the embedded cloud has is evaluated when it is described; every other alarm stays in
/// INSUFFICIENT_DATA, its first state. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
/// </summary>
/// <param name="sum">Sums the alarm's metric between two times; null if there is no data.</param>
internal sealed class AlarmOperations(Engine engine, CloudWatchState alarms, Func<Alarm, DateTimeOffset, DateTimeOffset, double?> sum)
{
    private static readonly string[] Actions = ["OKActions", "AlarmActions", "InsufficientDataActions"];

    private static readonly string[] Texts =
    [
        "AlarmDescription", "ComparisonOperator", "EvaluateLowSampleCountPercentile", "ExtendedStatistic", "MetricName", "Namespace", "Statistic",
        "ThresholdMetricId", "TreatMissingData", "Unit",
    ];

    private static readonly string[] Numbers = ["DatapointsToAlarm", "EvaluationPeriods", "Period"];

    /// <returns>Null if the operation does not concern alarms.</returns>
    public JsonObject? Handle(string operation, JsonObject input, CallContext context)
    {
        switch (operation)
        {
            case "DescribeAlarms":
                return Describe(input, context);
            case "PutMetricAlarm":
                input.Remove("AlarmName", out var own);
                alarms.Put(context.Region, own!.ToString(), input);
                return [];
            case "EnableAlarmActions" or "DisableAlarmActions":
                foreach (var alarm in input.Texts("AlarmNames").Select(name => alarms.Find(context.Region, name)).OfType<Alarm>())
                {
                    var settings = alarm.Settings.DeepClone().AsObject();
                    settings["ActionsEnabled"] = operation == "EnableAlarmActions";
                    alarms.Put(alarm.Region, alarm.Name, settings);
                }

                return [];
            case "DeleteAlarms":
                var names = input.Texts("AlarmNames");
                if (names.FirstOrDefault(name => alarms.Find(context.Region, name) is null) is { } missing)
                {
                    throw new AwsException("ResourceNotFound", $"Unknown alarm {missing}", 404);
                }

                foreach (var name in names)
                {
                    alarms.Remove(context.Region, name);
                }

                return [];
            default:
                return null;
        }
    }

    private JsonObject Describe(JsonObject input, CallContext context)
    {
        var names = input.Texts("AlarmNames");
        var (prefix, state, action) = (input.Text("AlarmNamePrefix"), input.Text("StateValue"), input.Text("ActionPrefix"));
        if (names.Count > 0 && prefix is not null)
        {
            throw new AwsException("InvalidParameterCombination", "AlarmNames and AlarmNamePrefix cannot be used together.");
        }

        var wantsMetricAlarms = input.Texts("AlarmTypes") is var types && (types.Count == 0 || types.Contains("MetricAlarm"));
        var found = (wantsMetricAlarms ? alarms.In(context.Region) : [])
            .Where(alarm => (names.Count == 0 || names.Contains(alarm.Name)) && (prefix is null || alarm.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .Where(alarm => action is null || Actions.Any(list => alarm.Settings.Texts(list).Any(arn => arn.StartsWith(action, StringComparison.Ordinal))))
            .Select(alarm => (Alarm: alarm, State: StateOf(alarm)))
            .Where(each => state is null || each.State.Value == state)
            .ToList();
        var (page, next) = Paging.Take(found, (int)(input.Whole("MaxRecords") ?? 50), input.Text("NextToken"), "InvalidNextToken");
        return Paging.With(
            new JsonObject
            {
                ["CompositeAlarms"] = new JsonArray(),
                ["MetricAlarms"] = new JsonArray([.. page.Select(each => Members(each.Alarm, each.State))])
            }, next);
    }

    private static JsonObject Members(Alarm alarm, (string Value, string Reason) state)
    {
        var settings = alarm.Settings;
        var members = new JsonObject
        {
            ["AlarmName"] = alarm.Name,
            ["AlarmArn"] = alarm.Arn,
            ["AlarmConfigurationUpdatedTimestamp"] = alarm.ConfiguredAt,
            ["StateUpdatedTimestamp"] = alarm.ConfiguredAt,
            ["StateValue"] = state.Value,
            ["StateReason"] = state.Reason,
            ["ActionsEnabled"] = settings.Flag("ActionsEnabled") ?? true,
            ["Dimensions"] = settings["Dimensions"]?.DeepClone() ?? new JsonArray(),
        };
        foreach (var list in Actions)
        {
            members[list] = settings[list]?.DeepClone() ?? new JsonArray();
        }

        foreach (var name in Texts.Where(settings.ContainsKey))
        {
            members[name] = settings.Text(name);
        }

        foreach (var name in Numbers.Where(settings.ContainsKey))
        {
            members[name] = settings.Whole(name);
        }

        if (settings["Metrics"] is { } metrics)
        {
            members["Metrics"] = metrics.DeepClone();
        }

        if (Number(alarm, "Threshold") is { } threshold)
        {
            members["Threshold"] = threshold;
        }

        return members;
    }

    // Each period is breaching, not breaching, or missing. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    private (string Value, string Reason) StateOf(Alarm alarm)
    {
        var (period, periods) = (Number(alarm, "Period") ?? 60, (int)(Number(alarm, "EvaluationPeriods") ?? 1));
        var values = Enumerable.Range(0, periods).Select(i =>
        {
            var end = engine.Clock.Now.AddSeconds(-i * period);
            return sum(alarm, end.AddSeconds(-period), end.AddTicks(i == 0 ? 1 : 0));
        }).ToList();
        var missing = alarm.Settings.Text("TreatMissingData") ?? "missing";
        var known = values.Where(value => value is not null || missing is "breaching" or "notBreaching").ToList();
        if (values.All(value => value is null) && (known.Count == 0 || alarm.Settings.Text("Namespace") != "AWS/Lambda"))
        {
            return ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation");
        }

        var breaching = known.Count(value => value is { } number ? Breaches(alarm, number) : missing == "breaching");
        var needed = Math.Min((int)(Number(alarm, "DatapointsToAlarm") ?? periods), known.Count);
        var reason = string.Create(CultureInfo.InvariantCulture, $"{breaching} of the last {periods} datapoints were breaching.");
        return breaching >= needed ? ("ALARM", "Threshold Crossed: " + reason) : ("OK", reason);
    }

    private static bool Breaches(Alarm alarm, double value)
    {
        var threshold = Number(alarm, "Threshold") ?? 0;
        return alarm.Settings.Text("ComparisonOperator") switch
        {
            "GreaterThanThreshold" => value > threshold,
            "LessThanThreshold" => value < threshold,
            "LessThanOrEqualToThreshold" => value <= threshold,
            _ => value >= threshold,
        };
    }

    private static double? Number(Alarm alarm, string name) =>
        double.TryParse(alarm.Settings.Text(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
