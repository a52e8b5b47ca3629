using System.Buffers;
using System.Globalization;
using System.Text;

namespace Amazon.Lambda.RuntimeSupport.Helpers;

/// <summary>Writes each text as UTF-8 with one system call, so that a line of any length stays whole. <c>Console.Out</c> would prepare a
/// terminal first and write long lines in pieces.</summary>
internal sealed class StandardOutputWriter(Stream stream) : TextWriter(CultureInfo.InvariantCulture)
{
    private readonly Lock _gate = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Send([value], "");

    public override void Write(string value) => Send(value, "");

    public override void Write(char[] buffer, int index, int count) => Send(buffer.AsSpan(index, count), "");

    public override void Write(ReadOnlySpan<char> buffer) => Send(buffer, "");

    public override void WriteLine(string value) => Send(value, "\n");

    private void Send(ReadOnlySpan<char> text, ReadOnlySpan<char> end)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length + end.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes);
        length += Encoding.UTF8.GetBytes(end, bytes.AsSpan(length));
        lock (_gate)
        {
            stream.Write(bytes, 0, length);
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }
}
