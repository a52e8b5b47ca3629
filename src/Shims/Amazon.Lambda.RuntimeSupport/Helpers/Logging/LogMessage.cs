using System.Collections;
using System.Globalization;
using System.Text;

namespace Amazon.Lambda.RuntimeSupport.Helpers.Logging;

/// <summary>A message template with its arguments filled in, and the values by name for structured logs.</summary>
/// <param name="Values">The value of each placeholder, in the order of the template; placeholders without a value are omitted.</param>
internal sealed record LogMessage(string Text, IReadOnlyList<LogValue> Values)
{
    private const int ShownBytes = 16;

    /// <summary>
    /// Named placeholders take the arguments in order, numeric ones (0 to n without a gap) by position. A placeholder without an
    /// argument, or with null or a collection, keeps its text. Without arguments the template is not parsed.
    /// </summary>
    public static LogMessage Fill(string template, object[] arguments)
    {
        if (string.IsNullOrEmpty(template) || arguments.Length == 0)
        {
            return new LogMessage(template, []);
        }

        var parts = Parse(template);
        var isPositional = IsPositional(parts.OfType<Placeholder>().Select(placeholder => placeholder.Name).ToList());
        var text = new StringBuilder();
        var values = new List<LogValue>();
        var next = 0;
        foreach (var part in parts)
        {
            if (part is not Placeholder placeholder)
            {
                text.Append(part.Text);
                continue;
            }

            var index = isPositional ? int.Parse(placeholder.Name, CultureInfo.InvariantCulture) : next++;
            var argument = index < arguments.Length ? arguments[index] : null;
            text.Append(argument is null or IList and not byte[] or IDictionary ? placeholder.Text : Show(argument, placeholder.Format));
            if (argument is not null)
            {
                values.Add(new LogValue(placeholder.Name, argument, placeholder.Format, placeholder.AsJson));
            }
        }

        return new LogMessage(text.ToString(), values);
    }

    /// <summary>The value as text: in its format, bytes as hex (the first 16), times as ISO 8601.</summary>
    public static string Show(object value, string format)
    {
        switch (value)
        {
            case byte[] bytes:
                return Hex(bytes);
            case ReadOnlyMemory<byte> bytes:
                return Hex(bytes.Span);
            case Memory<byte> bytes:
                return Hex(bytes.Span);
        }

        if (format is not null && value is IFormattable formattable)
        {
            try
            {
                return formattable.ToString(format, CultureInfo.InvariantCulture);
            }
            catch (FormatException)
            {
                return value.ToString();
            }
        }

        return value switch
        {
            DateTime time => time.ToString(LogEntry.TimeFormat, CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString(LogEntry.TimeFormat, CultureInfo.InvariantCulture),
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            TimeOnly time => time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => bytes.Length <= ShownBytes
        ? Convert.ToHexString(bytes)
        : string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(bytes[..ShownBytes])}... ({bytes.Length} bytes)");

    /// <summary>Splits <c>"took {ms:0} of {limit}"</c>; doubled braces stay doubled, an unclosed brace is text.</summary>
    private static List<Part> Parse(string template)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '{')
            {
                literal.Append(template[i]);
                continue;
            }

            var end = template.IndexOf('}', i + 1);
            if (i + 1 < template.Length && template[i + 1] == '{')
            {
                literal.Append("{{");
                i++;
            }
            else if (end <= i + 1)
            {
                literal.Append('{');
            }
            else
            {
                parts.Add(new Part(literal.ToString()));
                literal.Clear();
                parts.Add(Placeholder.Of(template[(i + 1)..end]));
                i = end;
            }
        }

        parts.Add(new Part(literal.ToString()));
        return parts;
    }

    private static bool IsPositional(List<string> names)
    {
        var positions = new HashSet<int>();
        foreach (var name in names)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                return false;
            }

            positions.Add(position);
        }

        return positions.Count > 0 && positions.Max() == positions.Count - 1;
    }

    private record Part(string Text);

    private sealed record Placeholder(string Text, string Name, string Format, bool AsJson) : Part(Text)
    {
        public static Placeholder Of(string token)
        {
            var asJson = token[0] == '@';
            var body = asJson ? token[1..] : token;
            var colon = body.IndexOf(':', StringComparison.Ordinal);
            var name = (colon < 0 ? body : body[..colon]).Trim();
            var format = colon < 0 ? string.Empty : body[(colon + 1)..].Trim();
            return new Placeholder("{" + token + "}", name, format.Length == 0 ? null : format, asJson);
        }
    }
}

/// <summary>An argument of a message under the name of its placeholder.</summary>
internal sealed record LogValue(string Name, object Value, string Format, bool AsJson);
