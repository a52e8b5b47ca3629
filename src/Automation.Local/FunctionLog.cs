using System.Text.Json;

namespace Automation.Local;

/// <summary>The lines that a function logs, for people.</summary>
internal static class FunctionLog
{
    /// <summary>
    /// Turns a line in Lambda's JSON format into its level and message. Other lines, such as metrics, stay as they are.
    /// <code>
    /// {"timestamp":"…","level":"Information","requestId":"…","message":"…","errorType":"…","errorMessage":"…","stackTrace":["…"]}
    /// </code>
    /// </summary>
    public static string Readable(string line)
    {
        if (!line.StartsWith('{'))
        {
            return line;
        }

        try
        {
            var parsed = JsonElement.Parse(line);
            if (Text(parsed, "level") is not { } level || Text(parsed, "message") is not { } message)
            {
                return line;
            }

            var error = Text(parsed, "errorMessage");
            return error is null || message.Contains(error, StringComparison.Ordinal) ? $"{level}: {message}"
                : message.Length == 0 ? $"{level}: {error}"
                : $"{level}: {message}: {error}";
        }
        catch (JsonException)
        {
            return line;
        }
    }

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
