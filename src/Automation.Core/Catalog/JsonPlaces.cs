using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Automation.Core.Catalog;

/// <summary>Finds the line of each path in a JSON text, and explains in plain words why a text is not JSON.</summary>
internal sealed class JsonPlaces
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 };

    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    /// <summary>Whether the whole value has been read, so that any further text is too much.</summary>
    private bool _isComplete;

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
            places.Fault = JsonMistakes.Describe(bytes, lines, lines.Start((int)(e.LineNumber ?? 0)) + (int)(e.BytePositionInLine ?? 0), places._isComplete);
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
                _isComplete = open.Count == 0;
                continue;
            }

            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                var (owner, members, _) = open.Peek();
                member = Text(ref reader);
                if (member is null)
                {
                    Fault ??= (owner, line, $"has a name with {JsonMistakes.HalfCharacter}");
                    member = "";
                }

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
            if (reader.TokenType == JsonTokenType.String && Text(ref reader) is null)
            {
                Fault ??= (path, line, $"is a text with {JsonMistakes.HalfCharacter}");
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                open.Push((path, reader.TokenType == JsonTokenType.StartObject ? new HashSet<string>(StringComparer.Ordinal) : null, 0));
            }
        }
    }

    // "\ud800" alone is half of a pair. The reader accepts it, and throws when the text is used.
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Counts lines up to a byte.</summary>
    internal sealed class LineCounter(byte[] bytes)
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
