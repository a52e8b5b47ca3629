using System.Text;
using System.Text.Json;

namespace Automation.Functions;

/// <summary>
/// Metrics in CloudWatch's embedded metric format: one line of JSON in the log, which CloudWatch turns into metrics.
/// <code>
/// {"_aws":{"Timestamp":1767600000000,"CloudWatchMetrics":[{"Namespace":"Automation","Dimensions":[["FunctionName"]],
///  "Metrics":[{"Name":"Blocked","Unit":"Count"}]}]},"FunctionName":"Automation-Announce-…","Blocked":1,"image":"app","reason":"…"}
/// </code>
/// Every combination of metric and dimension costs money, so the function is the only dimension. It also separates two copies of the stack in one
/// account. Image and reason are properties: they can be searched in the log and cost nothing, however many images there are.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
/// </summary>
/// <param name="write">Writes a raw log line. The Lambda logger would wrap it into a message, which is not a metric. Null writes nothing.</param>
public sealed class Metrics(Action<string>? write, string functionName)
{
    private const string Namespace = "Automation";

    /// <param name="at">The time of the event or the workflow, as for every decision.</param>
    /// <param name="values">Names, units and values. The stack's alarms and dashboard refer to the names, and a test compares them.</param>
    /// <param name="properties">Properties for a person who follows the metric into the log.</param>
    public void Write(DateTimeOffset at, IReadOnlyList<Metric> values, params ReadOnlySpan<(string Name, string Value)> properties)
    {
        if (write is null)
        {
            return;
        }

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

    /// <summary>Writes to the log of the running function directly, bypassing the Lambda logger.</summary>
    internal static Metrics OfThisFunction() => new(WriteLine, Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_NAME") ?? "local");

    private static void WriteLine(string line)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
