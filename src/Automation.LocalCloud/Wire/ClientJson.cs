using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// JSON that a client wrote: request bodies, and documents inside parameters (policies, patterns, messages, templates). What cannot be read as
/// values later (a name given twice, half a surrogate pair, bytes that are not UTF-8) is refused here, so that each service answers with its own
/// error. AWS's parsers differ in what they make of a name given twice; none of them calls it a fault of the service.
/// </summary>
internal static class ClientJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="JsonException">It is not JSON, is nested deeper than 64, has a name twice in an object, or is not valid Unicode.</exception>
    public static JsonNode? Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <exception cref="JsonException">As <see cref="Parse(string)"/>.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        CheckText(utf8);
        return JsonNode.Parse(utf8, documentOptions: Strict);
    }

    // The parser takes escapes like "\ud800" and bytes beyond UTF-8 as they are and throws when the text is asked for.
    private static void CheckText(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8) && utf8.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                try
                {
                    reader.GetString();
                }
                catch (InvalidOperationException e)
                {
                    throw new JsonException(e.Message, e);
                }
            }
        }
    }
}
