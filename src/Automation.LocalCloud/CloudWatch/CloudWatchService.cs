using System.Globalization;
using System.Xml.Linq;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>
/// CloudWatch metrics of Lambda: each function's invocations and errors per minute, for the last fifteen days. Alarms and metrics of other
/// namespaces are not served. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
/// </summary>
public sealed class CloudWatchService(Engine engine) : IWireService, IInvocationMetrics
{
    /// <summary>How long CloudWatch keeps data points of one minute.</summary>
    private static readonly TimeSpan RetentionTime = TimeSpan.FromDays(15);

    /// <summary>https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html</summary>
    private const int MaxDatapoints = 1440;

    private static readonly QueryXml Xml = new("http://monitoring.amazonaws.com/doc/2010-08-01/");
    private readonly Table<Minute> _minutes = new("cloudwatch.functions", engine.Store);
    private int _counted;

    public string SigningName => "monitoring";

    public string? OperationOf(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    /// <summary>Counts one invocation of a function.</summary>
    public void Count(string region, string function, bool failed)
    {
        var now = engine.Clock.Now;
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
        var form = QueryForm.Parse(request);
        return form.Text("Action") switch
        {
            "GetMetricStatistics" => Statistics(form, context),
            var other => throw new AwsException("InvalidAction", $"The embedded cloud does not serve cloudwatch:{other}."),
        };
    }

    public WireResponse Error(WireRequest request, AwsException error) => Xml.Error(error);

    private WireResponse Statistics(QueryForm form, CallContext context)
    {
        var (start, end) = (Time(form, "StartTime"), Time(form, "EndTime"));
        if (start >= end)
        {
            throw new AwsException("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.");
        }

        if (!int.TryParse(form.Required("Period"), CultureInfo.InvariantCulture, out var period) || period < 60 || period % 60 != 0)
        {
            throw new AwsException("InvalidParameterValue", "The parameter Period must be a multiple of 60.");
        }

        if ((end - start).TotalSeconds / period > MaxDatapoints)
        {
            throw new AwsException("InvalidParameterCombination", $"You have requested more than {MaxDatapoints} datapoints. You may reduce the datapoints requested by increasing Period, or decreasing the time range.");
        }

        var dimensions = form.Map("Dimensions.member", "Name", "Value");
        var metric = form.Required("MetricName");
        if (form.Required("Namespace") != "AWS/Lambda" || metric is not ("Invocations" or "Errors") || dimensions.Count != 1
            || !dimensions.TryGetValue("FunctionName", out var function))
        {
            throw new AwsException("InvalidParameterValue", "The embedded cloud keeps only the metrics Invocations and Errors of AWS/Lambda by FunctionName.");
        }

        var points = _minutes.Values
            .Where(minute => minute.Region == context.Region && minute.Function == function && minute.At >= start && minute.At < end)
            .GroupBy(minute => (long)((minute.At - start).TotalSeconds / period))
            .OrderBy(group => group.Key)
            .Select(group => Xml.Element(
                "member",
                Xml.Element("Timestamp", start.AddSeconds(group.Key * period).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
                Xml.Element("Sum", group.Sum(minute => metric == "Errors" ? minute.Errors : minute.Invocations).ToString("0.0", CultureInfo.InvariantCulture)),
                Xml.Element("Unit", "Count")))
            .ToArray<XElement>();
        return Xml.Result("GetMetricStatistics", engine.Ids.Next(), Xml.Element("Label", metric), Xml.Element("Datapoints", points));
    }

    private static DateTimeOffset Time(QueryForm form, string name) =>
        DateTimeOffset.TryParse(form.Required(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new AwsException("InvalidParameterValue", $"The parameter {name} must be a timestamp.");

    private sealed record Minute(string Region, string Function, DateTimeOffset At, int Invocations, int Errors);
}
