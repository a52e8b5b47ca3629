using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Amazon.Lambda.RuntimeSupport.Helpers;

/// <summary>
/// Writes each message as one frame to the file descriptor that Lambda's managed runtimes log to, so that a message
/// of several lines stays one log event. The frame, in big endian:
/// <code>
/// 4 bytes type: a5 5a 00 03 text, a5 5a 00 02 JSON
/// 4 bytes length of the message
/// 8 bytes time, microseconds since 1970
/// message, UTF-8
/// </code>
/// </summary>
internal sealed class TelemetryLogWriter(Stream stream, bool isJson, TimeProvider time) : TextWriter
{
    private const uint TextFrame = 0xa55a0003;
    private const uint JsonFrame = 0xa55a0002;
    private const int HeaderLength = 16;

    private readonly Lock _gate = new();

    public override Encoding Encoding => Encoding.UTF8;

    /// <returns>Null if the descriptor is not open; then the console is used.</returns>
    public static TelemetryLogWriter TryOpen(int descriptor, bool isJson, TimeProvider time)
    {
        // Opening a descriptor does not show whether it exists. The first write would fail and end the process.
        if (!File.Exists($"/proc/self/fd/{descriptor}"))
        {
            return null;
        }

        try
        {
#pragma warning disable CA2000 // open until the process ends
            var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            return new TelemetryLogWriter(new FileStream(handle, FileAccess.Write, bufferSize: 0), isJson, time);
#pragma warning restore CA2000
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public override void Write(char value) => Frame(value.ToString());

    public override void Write(string value) => Frame(value);

    public override void Write(char[] buffer, int index, int count) => Frame(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Frame(new string(buffer));

    public override void WriteLine(string value) => Frame(value);

    private void Frame(string message)
    {
        if (string.IsNullOrEmpty(message))
        {
            return;
        }

        var length = Encoding.UTF8.GetByteCount(message);
        var frame = new byte[HeaderLength + length];
        var microseconds = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        BinaryPrimitives.WriteUInt32BigEndian(frame, isJson ? JsonFrame : TextFrame);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), length);
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(8), microseconds);
        Encoding.UTF8.GetBytes(message, frame.AsSpan(HeaderLength));
        lock (_gate)
        {
            stream.Write(frame);
            stream.Flush();
        }
    }
}
