using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Automation.Core.Catalog;

/// <summary>Finds the line of each path in a JSON text, and explains in plain words why a text is not JSON.</summary>
internal sealed class JsonPlaces
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 };

    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    private JsonPlaces()
    {
    }

    /// <summary>Why the text cannot be used, with its line; null if it is JSON and no member occurs twice.</summary>
    public (string Path, int Line, string Text)? Fault { get; private set; }

    /// <summary>The line of a value, or of the nearest one around it that is there; counts from 1.</summary>
    public int LineOf(string path)
    {
        for (var each = path; ; each = each[..Math.Max(each.LastIndexOf('.'), each.LastIndexOf('['))])
        {
            if (_lines.TryGetValue(each, out var line))
            {
                return line;
            }

            if (Math.Max(each.LastIndexOf('.'), each.LastIndexOf('[')) <= 0)
            {
                return _lines.GetValueOrDefault("$", 1);
            }
        }
    }

    public static JsonPlaces Of(string json)
    {
        var places = new JsonPlaces();
        var bytes = Encoding.UTF8.GetBytes(json);
        var lines = new LineCounter(bytes);
        var reader = new Utf8JsonReader(bytes, Options);
        try
        {
            places.Read(ref reader, lines);
        }
        catch (JsonException e)
        {
            // The reader's message is about a parser, but its position shows where the text stops being JSON.
            places.Fault = Describe(bytes, lines, lines.Start((int)(e.LineNumber ?? 0)) + (int)(e.BytePositionInLine ?? 0));
        }

        return places;
    }

    private void Read(ref Utf8JsonReader reader, LineCounter lines)
    {
        // Each open object or list has its path, the members so far, and the number of the next element.
        var open = new Stack<(string Path, HashSet<string>? Members, int Next)>();
        string? member = null;
        while (reader.Read())
        {
            var line = lines.At((int)reader.TokenStartIndex);
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                open.Pop();
                continue;
            }

            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                var (owner, members, _) = open.Peek();
                member = reader.GetString()!;
                if (!members!.Add(member))
                {
                    Fault ??= ($"{owner}.{member}", line, $"occurs twice; the first is in line {_lines[$"{owner}.{member}"]}");
                }

                _lines.TryAdd($"{owner}.{member}", line);
                continue;
            }

            var path = "$";
            if (open.TryPop(out var around))
            {
                path = around.Members is null ? string.Create(CultureInfo.InvariantCulture, $"{around.Path}[{around.Next}]") : $"{around.Path}.{member}";
                open.Push(around with { Next = around.Next + 1 });
            }

            _lines.TryAdd(path, line);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                open.Push((path, reader.TokenType == JsonTokenType.StartObject ? new HashSet<string>(StringComparer.Ordinal) : null, 0));
            }
        }
    }

    private static (string Path, int Line, string Text) Describe(byte[] bytes, LineCounter lines, int at)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (string.IsNullOrWhiteSpace(text.Trim('\ufeff')))
        {
            return ("$", 1, "the file is empty; automation init --new writes a first one");
        }

        if (at < bytes.Length && (bytes[at] is (byte)'\r' or (byte)'\n'))
        {
            return ("$", lines.At(at), "is not JSON: a text does not end in its line; a '\"' is missing");
        }

        while (at < bytes.Length && (bytes[at] is (byte)' ' or (byte)'\t'))
        {
            at++;
        }

        // A word such as nul is wrong from its first letter.
        while (at > 0 && at < bytes.Length && char.IsAsciiLetterOrDigit((char)bytes[at - 1]) && char.IsAsciiLetterOrDigit((char)bytes[at]))
        {
            at--;
        }

        if (at >= bytes.Length || bytes.AsSpan(at).Trim(" \t\r\n"u8).IsEmpty)
        {
            return ("$", lines.At(bytes.Length - 1), "is not JSON: the text ends too early; a '}', a ']' or a '\"' is missing");
        }

        var line = lines.At(at);
        var rest = Encoding.UTF8.GetString(bytes.AsSpan(at, Math.Min(40, bytes.Length - at))).Split('\n')[0].Trim();
        var before = at > 0 ? Encoding.UTF8.GetString(bytes.AsSpan(0, at)).TrimEnd() is { Length: > 0 } head ? head[^1] : ' ' : ' ';
        var why = rest switch
        {
            ['\'', ..] => "a string must be in double quotes",
            ['"', ..] when before is '"' or '}' or ']' || char.IsAsciiLetterOrDigit(before) => "a comma or a colon is missing before it",
            ['{' or '[', ..] when before is '"' => "a colon is missing before it",
            ['{' or '[', ..] when before is '}' or ']' => "a comma is missing before it",
            [',', ..] when before is ',' or '{' or '[' or ':' => "a value is missing before it",
            ['}' or ']', ..] when before is ':' => "a value is missing before it",
            ['}' or ']', ..] => "it closes no open bracket",
            ['{' or '[', ..] when before is '{' or ',' => "a value in { } needs a name and a colon before it; a list is written in [ ]",
            ['{' or '[', ..] when before is '[' or ':' => "the brackets are nested too deeply",
            ['\u201c' or '\u201d' or '\u2018' or '\u2019', ..] => "a string must be in straight double quotes",
            ['=', ..] => "a colon must separate a name from its value",
            ['T' or 'F' or 'N', ..] => "true, false and null must be in lower case",
            [var letter, ..] when char.IsAsciiLetter(letter) => "names and strings must be in double quotes",
            [var digit, ..] when char.IsAsciiDigit(digit) || digit is '-' or '+' or '.' => "it is not a number",
            _ => "it is not allowed here",
        };
        return ("$", line, $"is not JSON at '{(rest.Length > 24 ? rest[..24] + "…" : rest)}': {why}");
    }

    /// <summary>Counts lines up to a byte.</summary>
    private sealed class LineCounter(byte[] bytes)
    {
        /// <summary>The first byte of a line, which counts from 0.</summary>
        public int Start(int line)
        {
            var start = 0;
            for (; line > 0 && start < bytes.Length; line--)
            {
                var end = bytes.AsSpan(start).IndexOf((byte)'\n');
                start = end < 0 ? bytes.Length : start + end + 1;
            }

            return start;
        }

        public int At(int index) => 1 + bytes.AsSpan(0, Math.Clamp(index, 0, bytes.Length)).Count((byte)'\n');
    }
}
