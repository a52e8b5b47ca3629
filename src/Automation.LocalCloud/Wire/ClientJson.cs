using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// JSON from a client: request bodies, and documents inside parameters (policies, patterns, messages, templates). JSON with values that could
/// not be read later (a repeated name, half a surrogate pair, bytes that are not UTF-8) is refused here, so that each service reports it with
/// its own error. AWS's parsers treat a repeated name differently, but none of them reports it as a fault of the service.
/// </summary>
internal static class ClientJson
{
    /// <summary>
    /// How deep the JSON of a client may be nested. AWS documents no limit; its services' messages are those of Jackson, which takes 1,000 levels.
    /// Here, a document within another one must still fit the thousand levels that System.Text.Json writes.
    /// </summary>
    public const int MaxDepth = 500;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>For JSON that has been read before, and for documents in which a name may be repeated.</summary>
    public static readonly JsonDocumentOptions Deep = new() { MaxDepth = 2 * MaxDepth };

    /// <exception cref="JsonException">The text is not JSON, is nested deeper than 500 levels, repeats a name in an object, or is not valid Unicode.</exception>
    public static JsonNode? Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <exception cref="JsonException">See <see cref="Parse(string)"/>.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        CheckText(utf8);
        return JsonNode.Parse(utf8, documentOptions: Strict);
    }

    /// <summary>Reads a document in which a name may be repeated.</summary>
    /// <exception cref="JsonException">The text is not JSON, is nested deeper than 500 levels, or is not valid Unicode.</exception>
    public static JsonDocument ParseRepeating(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        CheckText(utf8);
        return JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
    }

    // The parser accepts escapes like "\ud800" and bytes that are not UTF-8, and throws only when the text is read.
    private static void CheckText(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8) && utf8.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
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
