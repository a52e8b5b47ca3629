using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Automation.Shims.Sdk;

/// <summary>
/// Reads the values of AWS JSON bodies. Every method starts on the value's first token and ends on its last one; a JSON
/// null gives null. Scalars are read as leniently as in the SDK: it accepts a number for text, and text for a number.
/// </summary>
internal static class JsonReading
{
    private const int RecentTexts = 64;

    [ThreadStatic]
    private static string?[]? _recent;

    internal delegate T ValueReader<T>(ref Utf8JsonReader reader);

    /// <summary>Enters an object; false for a JSON null.</summary>
    /// <exception cref="JsonException">The value is not an object.</exception>
    public static bool BeginObject(ref Utf8JsonReader reader) => Begin(ref reader, JsonTokenType.StartObject);

    /// <summary>Moves to the next member's name; false at the end of the object.</summary>
    public static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    public static string? ReadString(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => Shared(ref reader),
        JsonTokenType.Null => null,
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => throw Unexpected(ref reader, "text"),
    };

    public static bool? ReadBool(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        JsonTokenType.String when bool.TryParse(reader.GetString(), out var value) => value,
        _ => throw Unexpected(ref reader, "a boolean"),
    };

    public static int? ReadInt(ref Utf8JsonReader reader) => checked((int?)ReadLong(ref reader));

    /// <summary>An element of a collection of numbers; it cannot be null.</summary>
    public static int ReadIntElement(ref Utf8JsonReader reader) =>
        ReadInt(ref reader) ?? throw Unexpected(ref reader, "a number");

    public static long? ReadLong(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out var value) => value,
        JsonTokenType.Null => null,
        JsonTokenType.String when long.TryParse(
            reader.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        _ => throw Unexpected(ref reader, "an integer"),
    };

    // JSON has no number for "NaN", "Infinity" and "-Infinity", so they arrive as text.
    public static double? ReadDouble(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.GetDouble(),
        JsonTokenType.Null => null,
        JsonTokenType.String when double.TryParse(
            reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        _ => throw Unexpected(ref reader, "a number"),
    };

    /// <summary>Seconds since 1970, with fractions, as UTC; or ISO 8601 text.</summary>
    public static DateTime? ReadDateTime(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String &&
            DateTime.TryParse(
                reader.GetString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
                out var moment))
        {
            return moment;
        }

        return ReadDouble(ref reader) is { } seconds ? DateTime.UnixEpoch.AddSeconds(seconds) : null;
    }

    public static MemoryStream? ReadBlob(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Null ? null : new MemoryStream(reader.GetBytesFromBase64());

    public static List<T>? ReadList<T>(ref Utf8JsonReader reader, ValueReader<T> element)
    {
        if (!Begin(ref reader, JsonTokenType.StartArray))
        {
            return null;
        }

        var list = new List<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Add(element(ref reader));
        }

        return list;
    }

    public static Dictionary<string, T>? ReadMap<T>(ref Utf8JsonReader reader, ValueReader<T> element)
    {
        if (!BeginObject(ref reader))
        {
            return null;
        }

        var map = new Dictionary<string, T>();
        while (NextMember(ref reader))
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = element(ref reader);
        }

        return map;
    }

    /// <summary>The text, as the same string as before if it was read shortly before. A page of a thousand images repeats a few media types.</summary>
    private static string Shared(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan is not { Length: > 0 } bytes)
        {
            return reader.GetString()!;
        }

        ref var recent = ref (_recent ??= new string?[RecentTexts])[(bytes.Length + bytes[0] + (7 * bytes[bytes.Length / 2]) + (31 * bytes[^1])) % RecentTexts];
        return recent is { } text && text.Length == bytes.Length && reader.ValueTextEquals(text) ? text : recent = reader.GetString()!;
    }

    private static bool Begin(ref Utf8JsonReader reader, JsonTokenType start) =>
        reader.TokenType == start ||
        (reader.TokenType == JsonTokenType.Null ? false : throw Unexpected(ref reader, start.ToString()));

    private static JsonException Unexpected(ref Utf8JsonReader reader, string expected) =>
        new($"Expected {expected}, found {reader.TokenType} at byte {reader.TokenStartIndex}.");
}
