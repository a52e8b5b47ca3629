using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport.Helpers.Logging;

/// <summary>
/// One JSON object per line:
/// <code>{"timestamp":"…","level":"Error","requestId":"…","traceId":"…","message":"took 3
/// s","seconds":3,"errorType":"…","errorMessage":"…","stackTrace":["…"]}</code>
/// </summary>
internal sealed class JsonLogFormat(Func<StructuredLoggingOptions> options) : ILogFormat
{
    public string Format(LogEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("timestamp", entry.Time.UtcDateTime.ToString(LogEntry.TimeFormat, CultureInfo.InvariantCulture));
            writer.WriteString("level", (entry.Level ?? LogLevel.Information).ToString());
            WriteUnlessEmpty(writer, "requestId", entry.RequestId);
            WriteUnlessEmpty(writer, "tenantId", entry.TenantId);
            WriteUnlessEmpty(writer, "traceId", entry.TraceId);
            writer.WriteString("message", entry.Message.Text);
            foreach (var value in entry.Message.Values)
            {
                writer.WritePropertyName(value.Name);
                WriteValue(writer, value);
            }

            if (entry.Exception is { } exception)
            {
                writer.WriteString("errorType", exception.GetType().FullName);
                writer.WriteString("errorMessage", exception.Message);
                writer.WriteStartArray("stackTrace");
                foreach (var line in exception.ToString().Split('\n', StringSplitOptions.TrimEntries))
                {
                    writer.WriteStringValue(line);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter writer, string name, string value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }

    private void WriteValue(Utf8JsonWriter writer, LogValue value)
    {
        switch (value.Value)
        {
            case byte[]:
                WriteOne(writer, value.Value, value);
                break;
            case IDictionary dictionary:
                writer.WriteStartObject();
                foreach (DictionaryEntry pair in dictionary)
                {
                    writer.WritePropertyName(Convert.ToString(pair.Key, CultureInfo.InvariantCulture));
                    WriteOne(writer, pair.Value, value);
                }

                writer.WriteEndObject();
                break;
            case IList list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    WriteOne(writer, item, value);
                }

                writer.WriteEndArray();
                break;
            default:
                WriteOne(writer, value.Value, value);
                break;
        }
    }

    private void WriteOne(Utf8JsonWriter writer, object value, LogValue placeholder)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case not null when placeholder.AsJson && Serialized(value) is { } json:
                writer.WriteRawValue(json);
                break;
            case not null when placeholder.Format is not null:
                writer.WriteStringValue(LogMessage.Show(value, placeholder.Format));
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte or sbyte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(LogMessage.Show(value, null));
                break;
        }
    }

    /// <returns>Null if there is no contract for the type (Native AOT); then its text is written.</returns>
    private string Serialized(object value)
    {
        var given = options()?.OverrideSerializerOptions ?? ReflectionOptions();
        try
        {
            return given?.GetTypeInfo(value.GetType()) is { } contract ? JsonSerializer.Serialize(value, contract) : null;
        }
        catch (Exception failure) when (failure is NotSupportedException or InvalidOperationException or JsonException)
        {
            return null;
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only when reflection is enabled; a trimmed executable gets null.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only when reflection is enabled; a native executable gets null.")]
    private static JsonSerializerOptions ReflectionOptions() =>
        JsonSerializer.IsReflectionEnabledByDefault ? JsonSerializerOptions.Default : null;
}
