using System.Text.Json;
using System.Text.Json.Serialization;

namespace Amazon.Lambda.Serialization.SystemTextJson.Converters;

/// <summary>
/// Reads <c>"2024-01-02T03:04:05Z"</c>, epoch seconds (<c>1704164645</c>, <c>1704164645.678</c>) and epoch milliseconds
/// (a number beyond the year 6969 in seconds); writes ISO 8601.
/// </summary>
public class DateTimeConverter : JsonConverter<DateTime>
{
    private const long MaxSeconds = 157753180800;

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTime(out var date))
        {
            return date;
        }

        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out var whole))
            {
                return whole > MaxSeconds ? DateTime.UnixEpoch.AddMilliseconds(whole) : DateTime.UnixEpoch.AddSeconds(whole);
            }

            if (reader.TryGetDouble(out var fraction))
            {
                return fraction > MaxSeconds ? DateTime.UnixEpoch.AddMilliseconds(fraction) : DateTime.UnixEpoch.AddSeconds(fraction);
            }
        }

        throw new JsonSerializerException($"Unknown data type for DateTime: {reader.TokenType}");
    }

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
