using System.Text.Json;

namespace Automation.Aws.Sdk.Json;

/// <summary>Reads members that may be absent or null.</summary>
internal static class JsonElements
{
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list, copied so that they outlive the page.</summary>
    public static List<string> Texts(this JsonElement json, string name) => [.. json.List(name).Select(item => item.GetString()).OfType<string>()];

    public static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    /// <summary>A filter criterion of Amazon Inspector: <c>"ecrImageHash":[{"comparison":"EQUALS","value":"sha256:…"}]</c>.</summary>
    public static void WriteEquals(Utf8JsonWriter writer, string criterion, string value)
    {
        writer.WriteStartArray(criterion);
        writer.WriteStartObject();
        writer.WriteString("comparison", "EQUALS");
        writer.WriteString("value", value);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    /// <summary>An instant as seconds since 1970, or as ISO 8601.</summary>
    public static DateTimeOffset? Instant(this JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number => DateTimeOffset.FromUnixTimeMilliseconds((long)(number.GetDouble() * 1000)),
        { ValueKind: JsonValueKind.String } text when text.TryGetDateTimeOffset(out var time) => time,
        _ => null,
    };
}
