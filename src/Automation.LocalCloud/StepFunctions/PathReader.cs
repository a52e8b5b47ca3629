using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Reads the text of a JSONPath from left to right.</summary>
internal sealed class PathReader(string text)
{
    public string Text => text;

    public int Position { get; private set; }

    public bool AtEnd => Position >= text.Length;

    private char Current => AtEnd ? '\0' : text[Position];

    public string ReadRoot()
    {
        Expect('$');
        if (Take('$'))
        {
            return "$$";
        }

        var start = Position;
        while (char.IsLetterOrDigit(Current) || Current == '_')
        {
            Position++;
        }

        return "$" + text[start..Position];
    }

    /// <summary>The steps, and whether the path ends in <c>.length()</c>.</summary>
    public (IReadOnlyList<PathStep> Steps, bool Length) ReadSteps()
    {
        var steps = new List<PathStep>();
        while (true)
        {
            if (Current == '[')
            {
                steps.Add(ReadBracket());
            }
            else if (Current == '.')
            {
                Position++;
                var deep = Take('.');
                if (deep && Current == '[')
                {
                    steps.Add(ReadBracket() with { Deep = true });
                }
                else if (Take('*'))
                {
                    steps.Add(new PathStep { All = true, Deep = deep });
                }
                else if (Ahead("length()"))
                {
                    return (steps, true);
                }
                else
                {
                    steps.Add(new PathStep { Names = [ReadName()], Deep = deep });
                }
            }
            else
            {
                return (steps, false);
            }
        }
    }

    public void Expect(char expected)
    {
        if (!Take(expected))
        {
            throw Fault($"expected '{expected}'");
        }
    }

    public bool Take(char wanted)
    {
        if (Current != wanted)
        {
            return false;
        }

        Position++;
        return true;
    }

    public bool Ahead(string wanted)
    {
        if (string.CompareOrdinal(text, Position, wanted, 0, wanted.Length) != 0)
        {
            return false;
        }

        Position += wanted.Length;
        return true;
    }

    public void SkipSpace()
    {
        while (Current is ' ' or '\t')
        {
            Position++;
        }
    }

    /// <summary>A string in single or double quotes, a number, true, false or null.</summary>
    public JsonNode? ReadLiteral()
    {
        if (Current is '\'' or '"')
        {
            return JsonValue.Create(ReadQuoted());
        }

        if (Ahead("null"))
        {
            return null;
        }

        if (Ahead("true"))
        {
            return true;
        }

        if (Ahead("false"))
        {
            return false;
        }

        var start = Position;
        while (char.IsAsciiDigit(Current) || Current is '-' or '+' or '.' or 'e' or 'E')
        {
            Position++;
        }

        return decimal.TryParse(text.AsSpan(start, Position - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : throw Fault("expected a string, number, true, false or null");
    }

    /// <summary><c>['a', 1, true]</c>.</summary>
    public JsonArray ReadList()
    {
        Expect('[');
        SkipSpace();
        var list = new JsonArray();
        while (!Take(']'))
        {
            list.Add(ReadLiteral()?.DeepClone());
            if (!TakeComma())
            {
                Expect(']');
                break;
            }
        }

        return list;
    }

    /// <summary><c>/pattern/flags</c>.</summary>
    public (string Pattern, string Flags) ReadPattern()
    {
        Expect('/');
        var start = Position;
        while (Current != '/')
        {
            if (AtEnd)
            {
                throw Fault("a pattern is not closed");
            }

            Position += Current == '\\' ? 2 : 1;
        }

        var pattern = text[start..Position++];
        start = Position;
        while (char.IsAsciiLetter(Current))
        {
            Position++;
        }

        return (pattern, text[start..Position]);
    }

    public FormatException Fault(string expected) =>
        new($"'{text}' is not a JSONPath of Step Functions: {expected} at {Position}");

    private PathStep ReadBracket()
    {
        Expect('[');
        SkipSpace();
        PathStep step;
        if (Take('*'))
        {
            step = new PathStep { All = true };
        }
        else if (Ahead("?("))
        {
            step = new PathStep { Filter = PathFilter.Read(this) };
            Expect(')');
        }
        else if (Current is '\'' or '"')
        {
            var names = new List<string> { ReadQuoted() };
            while (TakeComma())
            {
                names.Add(ReadQuoted());
            }

            step = new PathStep { Names = names };
        }
        else
        {
            step = ReadIndexes();
        }

        SkipSpace();
        Expect(']');
        return step;
    }

    private PathStep ReadIndexes()
    {
        var first = ReadInteger();
        if (Take(':'))
        {
            var to = ReadInteger();
            var step = Take(':') ? ReadInteger() : 1;
            return step is null or > 0 ? new PathStep { Slice = (first, to, step ?? 1) } : throw Fault("a slice's step must be positive");
        }

        var indexes = new List<int> { first ?? throw Fault("expected an index, a name in quotes, '*' or a filter") };
        while (TakeComma())
        {
            indexes.Add(ReadInteger() ?? throw Fault("expected an index"));
        }

        return new PathStep { Indexes = indexes };
    }

    private bool TakeComma()
    {
        SkipSpace();
        var taken = Take(',');
        SkipSpace();
        return taken;
    }

    private int? ReadInteger()
    {
        SkipSpace();
        var start = Position;
        Take('-');
        while (char.IsAsciiDigit(Current))
        {
            Position++;
        }

        var digits = text[start..Position];
        SkipSpace();
        return digits.Length == 0 ? null
            : int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw Fault("expected an integer");
    }

    private string ReadName()
    {
        var start = Position;
        while (!AtEnd && !char.IsWhiteSpace(Current) && !"[]().,'\"*?@=<>!&|".Contains(Current, StringComparison.Ordinal))
        {
            Position++;
        }

        return Position > start ? text[start..Position] : throw Fault("expected a name");
    }

    private string ReadQuoted()
    {
        var quote = Current;
        if (quote is not ('\'' or '"'))
        {
            throw Fault("expected a name in quotes");
        }

        var result = new StringBuilder();
        for (Position++; Current != quote; Position++)
        {
            if (AtEnd)
            {
                throw Fault("a quote is not closed");
            }

            if (Current == '\\')
            {
                Position++;
            }

            result.Append(Current);
        }

        Position++;
        return result.ToString();
    }
}
