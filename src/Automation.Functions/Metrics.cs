using System.Text;
using System.Text.Json;

namespace Automation.Functions;

/// <summary>
/// Metrics in CloudWatch's embedded metric format: one line of JSON in the log, from which CloudWatch makes the metrics by itself.
/// <code>
/// {"_aws":{"Timestamp":1767600000000,"CloudWatchMetrics":[{"Namespace":"Automation","Dimensions":[["FunctionName"]],
///  "Metrics":[{"Name":"Blocked","Unit":"Count"}]}]},"FunctionName":"Automation-Announce-…","Blocked":1,"image":"app","reason":"…"}
/// </code>
/// Every metric of every dimension is paid for, so the only dimension is the function, which also sets two copies of the stack in one
/// account apart. Image and reason are properties: they are searched for in the log, and cost nothing however many images there are.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
/// </summary>
/// <param name="write">Takes a line of the log as it is: what the Lambda logger wraps into a message of its own is no metric any more.</param>
public sealed class Metrics(Action<string> write, string functionName)
{
    private const string Namespace = "Automation";

    /// <param name="at">The event's or the workflow's time, as for every decision.</param>
    /// <param name="values">Name, unit and value; names are looked up by the stack's alarms and dashboard, a test compares them.</param>
    /// <param name="properties">What a person needs who follows the metric into the log.</param>
    public void Write(DateTimeOffset at, IReadOnlyList<Metric> values, params ReadOnlySpan<(string Name, string Value)> properties)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("_aws");
            json.WriteNumber("Timestamp", at.ToUnixTimeMilliseconds());
            json.WriteStartArray("CloudWatchMetrics");
            json.WriteStartObject();
            json.WriteString("Namespace", Namespace);
            json.WriteStartArray("Dimensions");
            json.WriteStartArray();
            json.WriteStringValue("FunctionName");
            json.WriteEndArray();
            json.WriteEndArray();
            json.WriteStartArray("Metrics");
            foreach (var value in values)
            {
                json.WriteStartObject();
                json.WriteString("Name", value.Name);
                json.WriteString("Unit", value.Unit);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteString("FunctionName", functionName);
            foreach (var value in values)
            {
                json.WriteNumber(value.Name, value.Value);
            }

            foreach (var (name, value) in properties)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        write(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>The log of the running function, past the Lambda logger.</summary>
    internal static Metrics OfThisFunction() => new(WriteLine, Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_NAME") ?? "local");

    private static void WriteLine(string line)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}

/// <summary>One value under its name in CloudWatch.</summary>
/// <param name="Unit">Of CloudWatch: <c>Count</c>, or <c>None</c> for what it has no unit for.</param>
public sealed record Metric(string Name, double Value, string Unit = "Count");

/// <summary>Every metric there is: what alarms and dashboard look up, and what is paid for.</summary>
public static class MetricNames
{
    /// <summary>Releases whose floating tags stand, rollbacks included. Of Announce.</summary>
    public const string Promoted = nameof(Promoted);

    /// <summary>What a rule or a person stopped: gate, rejection, hold, deletion limit. Of Announce.</summary>
    public const string Blocked = nameof(Blocked);

    /// <summary>Failed builds, and executions that could not do what they were for. Of Announce.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>Images and records that were deleted. Of Prune.</summary>
    public const string Deleted = nameof(Deleted);

    /// <summary>Images that were not promoted for longer than their <c>maxAgeDays</c>. Of Reconcile.</summary>
    public const string OverdueImages = nameof(OverdueImages);

    /// <summary>Incidents that people were told of and that are not over. Of Reconcile.</summary>
    public const string OpenIncidents = nameof(OpenIncidents);

    /// <summary>How long the oldest of them was not, in days; 0 when there is none. Of Reconcile.</summary>
    public const string OldestOverdueDays = nameof(OldestOverdueDays);
}
