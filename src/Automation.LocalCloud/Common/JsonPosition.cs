using System.Globalization;
using System.Text;
using System.Text.Json;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// Where the services' parser (Jackson) stops, in its own words: <c>[Source: (String)"{"a":1}"; line: 1, column: 7]</c>. It reads the value after
/// a name together with the name, and the rest of a text only on demand.
/// </summary>
internal static class JsonPosition
{
    private const int MaxSource = 500;

    public static string Source(string json, int line, int column)
    {
        var (shown, rest) = json.Length > MaxSource
            ? (json[..MaxSource], string.Create(CultureInfo.InvariantCulture, $"[truncated {json.Length - MaxSource} chars]"))
            : (json, "");
        return string.Create(CultureInfo.InvariantCulture, $"[Source: (String)\"{shown}\"{rest}; line: {line}, column: {column}]");
    }

    /// <param name="element">Part of <paramref name="root"/>, which was read from <paramref name="json"/>.</param>
    public static string Of(string json, JsonElement root, JsonElement element, JsonStop stop)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var before = Encoding.UTF8.GetString(bytes.AsSpan(0, End(bytes, IndexOf(root, element), stop)));
        return Source(json, before.Count(character => character == '\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    /// <summary>The number of elements before it in the text.</summary>
    private static int IndexOf(JsonElement root, JsonElement element) => InOrder(root).TakeWhile(other => !other.Equals(element)).Count();

    private static IEnumerable<JsonElement> InOrder(JsonElement element) =>
        new[] { element }.Concat(element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(property => InOrder(property.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(InOrder),
            _ => [],
        });

    private static int End(byte[] json, int index, JsonStop stop)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ClientJson.Deep.MaxDepth });
        while (reader.Read())
        {
            var isValue = reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject);
            if (!isValue || index-- > 0)
            {
                continue;
            }

            if (stop == JsonStop.Left)
            {
                reader.Skip();
            }

            return (int)(stop == JsonStop.Met && reader.TokenType == JsonTokenType.String ? reader.TokenStartIndex + 1 : reader.BytesConsumed);
        }

        return json.Length;
    }
}
