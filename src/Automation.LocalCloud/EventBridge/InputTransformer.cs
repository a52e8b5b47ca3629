using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// Makes a target's input from an event. The template has <c>&lt;name&gt;</c> for the variables that the paths define, and for the
/// predefined <c>&lt;aws.events.…&gt;</c>.
/// <code>
/// paths    {"repo":"$.detail.repository-name","detail":"$.detail"}
/// template {"repository": &lt;repo&gt;, "text": "pushed to &lt;repo&gt;", "detail": &lt;detail&gt;}
/// result   {"repository": "base", "text": "pushed to base", "detail": {"repository-name":"base"}}
/// </code>
/// A string gets quotes where the template has none; inside quotes every value is escaped. A value that the event lacks is
/// the empty string. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
/// </summary>
internal static class InputTransformer
{
    private const int MaxVariables = 100;
    private const string Reserved = "aws.events.";

    /// <summary>What <c>&lt;aws.events.event&gt;</c> shows, in the recorded order.</summary>
    private static readonly string[] Summarised = ["id", "account", "detail-type", "time", "source", "region", "resources", "version"];

    private static readonly JsonReaderOptions SeveralValues = new() { AllowMultipleValues = true };

    /// <exception cref="AwsException">ValidationException: a path or the template is not valid.</exception>
    public static void Check(string targetId, IReadOnlyDictionary<string, string> paths, string template)
    {
        if (paths.Count > MaxVariables)
        {
            throw Invalid($"InputPathsMap of target {targetId} has more than {MaxVariables} variables.");
        }

        foreach (var (name, path) in paths)
        {
            if (name.StartsWith("AWS", StringComparison.OrdinalIgnoreCase))
            {
                throw Invalid($"InputPathsMap of target {targetId}: the name '{name}' is reserved.");
            }

            if (!JsonPath.IsValid(path))
            {
                throw Invalid($"InputPathsMap of target {targetId}: '{path}' is not a valid path.");
            }
        }

        var trial = Substitute(template, name => paths.ContainsKey(name) || name.StartsWith(Reserved, StringComparison.Ordinal) ? "0" : null, out var unknown);
        if (unknown is not null)
        {
            throw Invalid($"InputTemplate for target {targetId} contains invalid placeholder {unknown}.");
        }

        try
        {
            // Several JSON strings on separate lines are also a template.
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(trial), SeveralValues);
            while (reader.Read())
            {
            }
        }
        catch (JsonException e)
        {
            throw Invalid($"Invalid InputTemplate for target {targetId} : {e.Message}");
        }
    }

    /// <param name="json">The event, parsed.</param>
    /// <param name="ingested">When the bus accepted the event.</param>
    public static string Transform(
        IReadOnlyDictionary<string, string> paths, string template, JsonElement json, string ruleArn, DateTimeOffset ingested)
    {
        return Substitute(template, Value, out _);

        string? Value(string name) => name switch
        {
            "aws.events.rule-arn" => Quoted(ruleArn),
            "aws.events.rule-name" => Quoted(ruleArn[(ruleArn.LastIndexOf('/') + 1)..]),
            "aws.events.event.ingestion-time" => Quoted(EventEnvelope.Time(ingested)),
            "aws.events.event" => WithoutDetail(json),
            "aws.events.event.json" => json.GetRawText(),
            _ when paths.TryGetValue(name, out var path) => JsonPath.Find(json, path) ?? "\"\"",
            _ => null,
        };
    }

    /// <summary>Replaces variables by JSON values. A name without a value stays in the text and is reported.</summary>
    private static string Substitute(string template, Func<string, string?> valueOf, out string? unknown)
    {
        unknown = null;
        var result = new StringBuilder(template.Length);
        var quoted = false;
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c == '\\' && quoted && i + 1 < template.Length)
            {
                result.Append(c).Append(template[++i]);
                continue;
            }

            if (c == '"')
            {
                quoted = !quoted;
            }

            var end = c == '<' ? template.IndexOf('>', i) : -1;
            if (end < 0 || !template.AsSpan(i + 1, end - i - 1).IsName())
            {
                result.Append(c);
                continue;
            }

            var name = template[(i + 1)..end];
            if (valueOf(name) is { } value)
            {
                result.Append(quoted ? Inside(value) : value);
                i = end;
            }
            else
            {
                unknown ??= name;
                result.Append(c);
            }
        }

        return result.ToString();
    }

    private static bool IsName(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }

    /// <summary>A JSON value inside a JSON string: a string without its quotes, anything else as escaped text.</summary>
    private static string Inside(string value) => value.StartsWith('"') ? value[1..^1] : Quoted(value)[1..^1];

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString(WireJson.Compact);

    private static string WithoutDetail(JsonElement json)
    {
        var summary = new JsonObject();
        foreach (var name in Summarised)
        {
            if (json.TryGetProperty(name, out var value))
            {
                summary[name == "detail-type" ? "detailType" : name] = JsonNode.Parse(value.GetRawText(), documentOptions: ClientJson.Deep);
            }
        }

        return summary.ToJsonString(WireJson.Compact);
    }

    private static AwsException Invalid(string reason) => new("ValidationException", reason);
}
