using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>Reads and writes the JSON of requests and responses.</summary>
public static class WireJson
{
    internal static readonly JsonSerializerOptions Compact = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 2 * ClientJson.MaxDepth,
    };

    /// <exception cref="AwsException">SerializationException: the body is not a JSON object.</exception>
    public static JsonObject ParseObject(WireRequest request) => request.Parsed(Parse);

    private static JsonObject Parse(WireRequest request)
    {
        if (request.Body.IsEmpty)
        {
            return [];
        }

        try
        {
            return ClientJson.Parse(request.Body.Span) as JsonObject
                ?? throw new AwsException("SerializationException", "The request body must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new AwsException("SerializationException", $"The request body is not valid JSON: {e.Message}");
        }
    }

    public static AwsException UnknownOperation(string service, string operation) =>
        new("UnknownOperationException", $"The embedded cloud does not serve {service}:{operation}.");

    /// <summary>The value without white space.</summary>
    internal static string Text(JsonElement value)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = Compact.Encoder, MaxDepth = Compact.MaxDepth }))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Timestamps of AWS JSON: seconds since 1970 with milliseconds.</summary>
    public static JsonNode Epoch(DateTimeOffset time) => JsonValue.Create(time.ToUnixTimeMilliseconds() / 1000m);
}
