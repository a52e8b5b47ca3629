using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>
/// CloudWatch: the metrics of Lambda, which are each function's invocations and errors per minute for the last fifteen days, and alarms without
/// actions. Metrics of other namespaces are not served. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
/// </summary>
public sealed class CloudWatchService : IWireService, IInvocationMetrics
{
    /// <summary>How long CloudWatch keeps data points of one minute.</summary>
    private static readonly TimeSpan RetentionTime = TimeSpan.FromDays(15);

    /// <summary>https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html</summary>
    private const int MaxDatapoints = 1440;

    private readonly Engine _engine;
    private readonly Table<Minute> _minutes;
    private readonly AlarmOperations _alarms;
    private int _counted;

    public CloudWatchService(Engine engine)
    {
        _engine = engine;
        _minutes = new Table<Minute>("cloudwatch.functions", engine.Store, () => CloudWatchJson.Default.Minute);
        var alarms = new CloudWatchState(engine);
        _alarms = new AlarmOperations(engine, alarms, SumOf);
        ResourceTypes = [new AlarmType(alarms)];
    }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    public string SigningName => "monitoring";

    public string? OperationOf(WireRequest request) => CloudWatchWire.OperationOf(request);

    /// <summary>Counts one invocation of a function.</summary>
    public void Count(string region, string function, bool failed)
    {
        var now = _engine.Clock.Now;
        var at = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        var key = $"{region}/{function}/{at.ToUnixTimeSeconds()}";
        var minute = _minutes.Find(key) ?? new Minute(region, function, at, 0, 0);
        _minutes.Set(key, minute with { Invocations = minute.Invocations + 1, Errors = minute.Errors + (failed ? 1 : 0) });
        if (++_counted % 1000 == 0)
        {
            foreach (var (old, _) in _minutes.Where(row => row.Value.At < at - RetentionTime).ToArray())
            {
                _minutes.Remove(old);
            }
        }
    }

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var operation = OperationOf(request);
        var answer = operation is null || InputTable.Find(SigningName)!.Read(operation, request) is not { } input ? null
            : operation == "GetMetricStatistics" ? Statistics(input, context)
            : _alarms.Handle(operation, input, context);
        return CloudWatchWire.Answer(
            request, operation!, answer ?? throw new AwsException("InvalidAction", $"The embedded cloud does not serve cloudwatch:{operation}."),
            _engine.Ids.Next());
    }

    public WireResponse Error(WireRequest request, AwsException error) => CloudWatchWire.Error(request, error);

    private JsonObject Statistics(JsonObject input, CallContext context)
    {
        var (start, end) = (input.Instant("StartTime"), input.Instant("EndTime"));
        if (start is not { } from || end is not { } to || from >= to)
        {
            throw new AwsException("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.");
        }

        if (input.Whole("Period") is not { } period || period < 60 || period % 60 != 0)
        {
            throw new AwsException("InvalidParameterValue", "The parameter Period must be a multiple of 60.");
        }

        if ((to - from).TotalSeconds / period > MaxDatapoints)
        {
            throw new AwsException("InvalidParameterCombination",
                $"You have requested more than {MaxDatapoints} datapoints. You may reduce the datapoints requested by increasing Period, or decreasing the time range.");
        }

        var metric = input.Text("MetricName");
        if (input.Text("Namespace") != "AWS/Lambda" || metric is not ("Invocations" or "Errors") || input.Objects("Dimensions").ToList() is not [var dimension]
            || dimension.Text("Name") != "FunctionName")
        {
            throw new AwsException("InvalidParameterValue", "The embedded cloud keeps only the metrics Invocations and Errors of AWS/Lambda by FunctionName.");
        }

        var points = _minutes.Values
            .Where(minute => minute.Region == context.Region && minute.Function == dimension.Text("Value") && minute.At >= from && minute.At < to)
            .GroupBy(minute => (long)((minute.At - from).TotalSeconds / period))
            .OrderBy(group => group.Key)
            .Select(group => new JsonObject
            {
                ["Timestamp"] = from.AddSeconds(group.Key * period),
                ["Sum"] = (double)group.Sum(minute => metric == "Errors" ? minute.Errors : minute.Invocations),
                ["Unit"] = "Count",
            });
        return new JsonObject { ["Label"] = metric, ["Datapoints"] = new JsonArray([.. points]) };
    }

    /// <summary>The sum of an alarm's metric; null if there is no data, or if the embedded cloud does not have the metric.</summary>
    private double? SumOf(Alarm alarm, DateTimeOffset start, DateTimeOffset end)
    {
        var settings = alarm.Settings;
        var metric = settings.Text("MetricName");
        if (settings.Text("Namespace") != "AWS/Lambda" || metric is not ("Invocations" or "Errors") || settings.Text("Statistic") != "Sum"
            || settings["Dimensions"] is not JsonArray { Count: 1 } dimensions || dimensions[0]?["Value"]?.ToString() is not { } function)
        {
            return null;
        }

        var minutes =
            _minutes.Values.Where(minute => minute.Region == alarm.Region && minute.Function == function && minute.At >= start && minute.At < end).ToList();
        return minutes.Count == 0 ? null : minutes.Sum(minute => metric == "Errors" ? minute.Errors : minute.Invocations);
    }

    internal sealed record Minute(string Region, string Function, DateTimeOffset At, int Invocations, int Errors);
}
