using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amazon.Lambda.RuntimeSupport.ExceptionHandling;

/// <summary>
/// An exception in the format of the Runtime API. Step Functions matches the type's short name in Retry and Catch:
/// <code>
/// {
///   "errorType": "InvalidOperationException",
///   "errorMessage": "…",
///   "stackTrace": [ "at App.Functions.Handle(…)" ],
///   "cause": { … },
///   "causes": [ { … } ]
/// }
/// </code>
/// </summary>
internal static class ExceptionJson
{
    /// <summary>The maximum size of the document in bytes; a note replaces what does not fit.</summary>
    public const int Limit = 256 * 1024;

    private const string TooLarge = "Exception exceeded maximum payload size of 256KB.";
    private const int RoomForNotes = 1024;
    private const int MaxNesting = 100;

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(Exception exception)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            var room = Limit - RoomForNotes;
            Write(writer, exception, 0, ref room);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <returns>False if a note replaced the exception because it did not fit.</returns>
    private static bool Write(Utf8JsonWriter writer, Exception exception, int depth, ref int room)
    {
        var type = exception.GetType().Name;
        var message = Unicode(exception.Message);
        var stackTrace = StackTrace(exception);
        var size = Size(depth, [type, message, .. stackTrace]);
        writer.WriteStartObject();
        if (size > room || depth > MaxNesting)
        {
            writer.WriteString("errorMessage", TooLarge);
            writer.WriteEndObject();
            room = 0;
            return false;
        }

        room -= size;
        writer.WriteString("errorType", type);
        writer.WriteString("errorMessage", message);
        if (stackTrace.Length > 0)
        {
            writer.WriteStartArray("stackTrace");
            foreach (var line in stackTrace)
            {
                writer.WriteStringValue(line);
            }

            writer.WriteEndArray();
        }

        if (exception.InnerException is not null)
        {
            writer.WritePropertyName("cause");
            Write(writer, exception.InnerException, depth + 1, ref room);
        }

        if (exception is AggregateException { InnerExceptions.Count: > 0 } aggregate)
        {
            writer.WriteStartArray("causes");
            foreach (var inner in aggregate.InnerExceptions)
            {
                if (!Write(writer, inner, depth + 2, ref room))
                {
                    break;
                }
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        return true;
    }

    /// <summary>JSON cannot carry half a surrogate pair; it becomes U+FFFD.</summary>
    public static string Unicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? string.Empty));

    private static string[] StackTrace(Exception exception) =>
        exception.StackTrace?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>An upper bound of the bytes that these strings take with their names, indentation and braces.</summary>
    private static int Size(int depth, string[] strings)
    {
        const int ForBracesAndNames = 160;
        const int ForQuotesAndComma = 8;
        var indentation = 2 * (depth + 2);
        var size = ForBracesAndNames + (8 * indentation);
        foreach (var text in strings)
        {
            size += JsonEncodedText.Encode(text, Options.Encoder).EncodedUtf8Bytes.Length + indentation + ForQuotesAndComma;
        }

        return size;
    }
}
