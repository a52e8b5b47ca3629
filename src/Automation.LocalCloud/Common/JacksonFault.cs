using System.Globalization;
using System.Text.Json;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// Describes a fault in a JSON text in the words of the services' parser (Jackson), because people search for these texts:
/// <c>Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')</c>, and its position.
/// </summary>
internal static class JacksonFault
{
    private const string Redacted = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

    /// <param name="refusal">The embedded cloud's text for valid JSON that is refused (a repeated name in an object).</param>
    public static string Of(string json, JsonException refusal) =>
        Explain(json, refusal) is (var message, { } source) ? $"{message}\n at {source}" : refusal.Message;

    /// <summary>For services whose messages have the position, but not the text itself.</summary>
    public static string WithoutSource(string json, JsonException refusal) =>
        Explain(json, refusal) is (var message, { } source)
            ? $"{message}\n at {Redacted}{source[source.LastIndexOf("; line: ", StringComparison.Ordinal)..]}"
            : refusal.Message;

    /// <returns>The message, and its position such as <c>[Source: (String)"this"; line: 1, column: 5]</c>; no position for valid JSON that is
    /// refused.</returns>
    public static (string Message, string? Source) Explain(string json, JsonException refusal)
    {
        try
        {
            using var document = JsonDocument.Parse(json, ClientJson.Deep);
            return (refusal.Message, null);
        }
        catch (JsonException e)
        {
            var at = Position(json, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            var (message, column) = Describe(json, at);
            var line = (e.LineNumber ?? 0) + 1;
            return (message, JsonPosition.Source(json, (int)line, column));
        }
    }

    private static (string Message, int Column) Describe(string json, int at)
    {
        var lineStart = at == 0 ? 0 : json.LastIndexOf('\n', Math.Min(at, json.Length) - 1) + 1;
        if (at >= json.Length)
        {
            return (string.IsNullOrWhiteSpace(json) ? "No content to map due to end-of-input" : "Unexpected end-of-input", json.Length - lineStart + 1);
        }

        var before = json[..at].TrimEnd();
        var inName = before.Length > 0 && before[^1] is '{' || (before.EndsWith(',') && InObject(before));
        if (inName && json[at] != '"')
        {
            return ($"Unexpected character ({Shown(json[at])}): was expecting double-quote to start field name", at - lineStart + 1);
        }

        // The reader stops inside an invalid token; Jackson shows the whole token.
        var start = at;
        while (start > 0 && IsWord(json[start - 1]))
        {
            start--;
        }

        var end = start;
        while (end < json.Length && IsWord(json[end]))
        {
            end++;
        }

        return end > start
            ? ($"Unrecognized token '{json[start..end]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
                end - lineStart + 1)
            : ($"Unexpected character ({Shown(json[at])}): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
                at - lineStart + 1);
    }

    /// <summary>Whether the innermost open bracket belongs to an object.</summary>
    private static bool InObject(string json)
    {
        var depth = 0;
        for (var i = json.Length - 1; i >= 0; i--)
        {
            if (json[i] is '}' or ']')
            {
                depth++;
            }
            else if (json[i] is '{' or '[' && depth-- == 0)
            {
                return json[i] == '{';
            }
        }

        return false;
    }

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character is '_' or '$';

    private static string Shown(char character) => string.Create(CultureInfo.InvariantCulture, $"'{character}' (code {(int)character})");

    private static int Position(string json, long line, long byteInLine)
    {
        var start = 0;
        for (; line > 0; line--)
        {
            start = json.IndexOf('\n', start) + 1;
        }

        var bytes = 0;
        var at = start;
        for (; at < json.Length && bytes < byteInLine; at++)
        {
            bytes += json[at] < 0x80 ? 1 : json[at] < 0x800 ? 2 : char.IsSurrogate(json[at]) ? 2 : 3;
        }

        return at;
    }
}
