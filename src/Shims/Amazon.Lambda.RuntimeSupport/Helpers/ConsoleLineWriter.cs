using System.Globalization;
using System.Text;

namespace Amazon.Lambda.RuntimeSupport.Helpers;

/// <summary>A console writer that turns each <c>WriteLine</c> into a log line; <c>Write</c> passes through.</summary>
/// <remarks>
/// It overrides the methods that the base class writes in pieces. The others (objects, format strings, async) call these.
/// </remarks>
internal sealed class ConsoleLineWriter(TextWriter raw, Action<string> line) : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => raw.Encoding;

    public override void Write(char value) => raw.Write(value);

    public override void Write(string value) => raw.Write(value);

    public override void Write(char[] buffer, int index, int count) => raw.Write(buffer, index, count);

    public override void Write(ReadOnlySpan<char> buffer) => raw.Write(buffer);

    public override void Flush() => raw.Flush();

    public override void WriteLine() => line(string.Empty);

    public override void WriteLine(string value) => line(value ?? string.Empty);

    public override void WriteLine(char value) => line(value.ToString());

    public override void WriteLine(char[] buffer) => line(buffer is null ? string.Empty : new string(buffer));

    public override void WriteLine(char[] buffer, int index, int count) => line(new string(buffer, index, count));

    public override void WriteLine(ReadOnlySpan<char> buffer) => line(new string(buffer));

    public override void WriteLine(StringBuilder value) => line(value?.ToString() ?? string.Empty);

    public override void WriteLine(bool value) => line(value.ToString());

    public override void WriteLine(int value) => line(value.ToString(FormatProvider));

    public override void WriteLine(uint value) => line(value.ToString(FormatProvider));

    public override void WriteLine(long value) => line(value.ToString(FormatProvider));

    public override void WriteLine(ulong value) => line(value.ToString(FormatProvider));

    public override void WriteLine(float value) => line(value.ToString(FormatProvider));

    public override void WriteLine(double value) => line(value.ToString(FormatProvider));

    public override void WriteLine(decimal value) => line(value.ToString(FormatProvider));
}
