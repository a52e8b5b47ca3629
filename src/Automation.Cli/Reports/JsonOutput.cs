using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Automation.Cli.Doctor;
using Automation.Cli.Executions;
using Automation.Cli.Web;

namespace Automation.Cli.Reports;

/// <summary>The format of <c>--output json</c> and <c>ndjson</c>: camel-case member names, times as ISO 8601, no member without a value.</summary>
[JsonSerializable(typeof(ImageStatus))]
[JsonSerializable(typeof(ImagePlan))]
[JsonSerializable(typeof(BuildHistory))]
[JsonSerializable(typeof(Diagnosis))]
[JsonSerializable(typeof(NarrationLine))]
[JsonSerializable(typeof(FaultView))]
[JsonSerializable(typeof(ImageUse))]
[JsonSerializable(typeof(ClockView))]
[JsonSerializable(typeof(ShellScript))]
[JsonSerializable(typeof(ReleaseComparison))]
[JsonSerializable(typeof(FleetView))]
[JsonSerializable(typeof(ImageView))]
[JsonSerializable(typeof(LiveView))]
[JsonSerializable(typeof(RetentionView))]
[JsonSerializable(typeof(ViewAnswer))]
[JsonSerializable(typeof(ActionResult))]
[JsonSerializable(typeof(ReceivedEvent))]
internal sealed partial class JsonOutput : JsonSerializerContext
{
    // Options in code: the attribute cannot name an encoder. Terminals and files need no escapes that protect a web page.
    private static readonly JsonOutput Readable = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private static readonly JsonOutput OneLine = new(new JsonSerializerOptions(Readable.Options) { WriteIndented = false });

    public static JsonNode Node(ImageStatus image) => Node(image, Readable.ImageStatus);

    public static JsonNode Node(ImagePlan plan) => Node(plan, Readable.ImagePlan);

    public static JsonNode Node(BuildHistory build) => Node(build, Readable.BuildHistory);

    public static JsonNode Node(Diagnosis line) => Node(line, Readable.Diagnosis);

    public static JsonNode Node(ReleaseComparison comparison) => Node(comparison, Readable.ReleaseComparison);

    public static JsonNode Node(ReceivedEvent each) => Node(each, Readable.ReceivedEvent);

    public static JsonNode Node(FaultView fault) => Node(fault, Readable.FaultView);

    public static JsonNode Node(ImageUse use) => Node(use, Readable.ImageUse);

    public static JsonNode Node(ClockView clock) => Node(clock, Readable.ClockView);

    public static JsonNode Node(ShellScript script) => Node(script, Readable.ShellScript);

    public static JsonNode Node(NarrationLine line) => Node(line, Readable.NarrationLine);

    public static JsonNode Node(FleetView view) => Node(view, Readable.FleetView);

    public static JsonNode Node(ImageView view) => Node(view, Readable.ImageView);

    public static JsonNode Node(LiveView view) => Node(view, Readable.LiveView);

    public static JsonNode Node(RetentionView view) => Node(view, Readable.RetentionView);

    public static JsonNode Node(ViewAnswer answer) => Node(answer, Readable.ViewAnswer);

    public static JsonNode Node(ActionResult result) => Node(result, Readable.ActionResult);

    public static string Indented(JsonNode node) => node.ToJsonString(Readable.Options);

    public static string Line(JsonNode node) => node.ToJsonString(OneLine.Options);

    /// <summary>Prints results: as the report, as one array, or as one object per line.</summary>
    public static void Write<T>(CommandContext context, OutputFormat format, IEnumerable<T> results, Func<T, JsonNode> node, Func<Report> report)
    {
        if (format == OutputFormat.Table)
        {
            report().Write(context.Console);
        }
        else
        {
            WriteJson(context, format, results, node);
        }
    }

    /// <summary>Writes an array, or a line for each result, for a command that prints its own text for people.</summary>
    public static void WriteJson<T>(CommandContext context, OutputFormat format, IEnumerable<T> results, Func<T, JsonNode> node)
    {
        if (format == OutputFormat.Json)
        {
            context.Output.WriteLine(Indented(new JsonArray([.. results.Select(node)])));
            return;
        }

        foreach (var result in results)
        {
            context.Output.WriteLine(Line(node(result)));
        }
    }

    private static JsonNode Node<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(value, type)!;
}
