using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Amazon.Lambda.RuntimeSupport.ExceptionHandling;

/// <summary>
/// The header value from which X-Ray draws the failed segment, in one line of ASCII:
/// <code>{"working_directory":"/var/task","exceptions":[{"type":"…","message":"…","stack":[{"path":"F.cs","label":"F.Handle","line":3}]}],"paths":["F.cs"]}</code>
/// </summary>
internal static class XRayCause
{
    public static string Write(Exception exception)
    {
        var frames = string.IsNullOrEmpty(exception.StackTrace) ? [] : new StackTrace(exception, fNeedFileInfo: true).GetFrames();
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("working_directory", Directory.GetCurrentDirectory());
            writer.WriteStartArray("exceptions");
            writer.WriteStartObject();
            writer.WriteString("type", exception.GetType().Name);
            writer.WriteString("message", ExceptionJson.Unicode(exception.Message));
            if (frames.Length > 0)
            {
                WriteStack(writer, frames);
            }

            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteStartArray("paths");
            foreach (var path in frames.Select(frame => frame.GetFileName()).Where(path => path is not null).Distinct(StringComparer.Ordinal))
            {
                writer.WriteStringValue(path);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    private static void WriteStack(Utf8JsonWriter writer, StackFrame[] frames)
    {
        writer.WriteStartArray("stack");
        foreach (var frame in frames)
        {
            writer.WriteStartObject();
            if (frame.GetFileName() is { } path)
            {
                writer.WriteString("path", path);
            }

            // Unlike StackFrame.GetMethod, this also works in a trimmed or native executable.
            if (DiagnosticMethodInfo.Create(frame) is { } method)
            {
                writer.WriteString("label", $"{method.DeclaringTypeName}.{method.Name}");
            }

            if (frame.GetFileName() is not null)
            {
                writer.WriteNumber("line", frame.GetFileLineNumber());
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
