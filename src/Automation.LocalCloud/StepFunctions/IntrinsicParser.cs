using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Reads an intrinsic function call: <c>States.Format('Hello {}', States.ArrayGetItem($.names, 0))</c>. Arguments are strings in
/// single quotes (with the escapes <c>\'</c> <c>\{</c> <c>\}</c> <c>\\</c>), numbers, true, false, null, paths and further calls.
/// </summary>
internal sealed class IntrinsicParser
{
    private const int MaximumDepth = 10;
    private readonly string _text;
    private int _position;

    private IntrinsicParser(string text) => _text = text;

    private char Current => _position < _text.Length ? _text[_position] : '\0';

    /// <exception cref="FormatException">The text is not one call of a known function with the right number of arguments.</exception>
    public static Expression Parse(string text)
    {
        var parser = new IntrinsicParser(text);
        var call = parser.ReadCall(1);
        parser.SkipSpace();
        return parser._position == text.Length ? call : throw parser.Fault("nothing may follow the call");
    }

    private IntrinsicCall ReadCall(int depth)
    {
        if (depth > MaximumDepth)
        {
            throw Fault($"more than {MaximumDepth} nested calls");
        }

        var start = _position;
        while (char.IsAsciiLetterOrDigit(Current) || Current == '.')
        {
            _position++;
        }

        var name = _text[start.._position];
        SkipSpace();
        Expect('(');
        var arguments = new List<Expression>();
        SkipSpace();
        while (Current != ')')
        {
            if (arguments.Count > 0)
            {
                Expect(',');
                SkipSpace();
            }

            arguments.Add(ReadArgument(depth));
            SkipSpace();
        }

        Expect(')');
        return IntrinsicCall.Create(name, arguments, _text[start.._position]);
    }

    private Expression ReadArgument(int depth)
    {
        switch (Current)
        {
            case '\'':
                return ReadString();
            case '$':
                return JsonPath.Parse(ReadUntilSeparator());
            case 'S':
                return ReadCall(depth + 1);
            default:
                var word = ReadUntilSeparator();
                return word switch
                {
                    "null" => new Constant(null),
                    "true" => new Constant(true),
                    "false" => new Constant(false),
                    _ => decimal.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                        ? new Constant(JsonValue.Create(number))
                        : throw Fault($"'{word}' is not an argument"),
                };
        }
    }

    private TextLiteral ReadString()
    {
        var start = ++_position;
        while (Current != '\'')
        {
            if (_position >= _text.Length)
            {
                throw Fault("a string is not closed");
            }

            _position += Current == '\\' ? 2 : 1;
        }

        var raw = _text[start.._position];
        _position++;
        return new TextLiteral(raw);
    }

    // A path ends at the comma or parenthesis that is not inside its own brackets or quotes.
    private string ReadUntilSeparator()
    {
        var start = _position;
        var nesting = 0;
        var quote = '\0';
        for (; _position < _text.Length; _position++)
        {
            if (quote != '\0' && Current == '\\')
            {
                _position++;
            }
            else if (quote != '\0')
            {
                quote = Current == quote ? '\0' : quote;
            }
            else if (nesting > 0 && Current is '\'' or '"')
            {
                quote = Current;
            }
            else if (Current is '[' or '(')
            {
                nesting++;
            }
            else if (nesting > 0 && Current is ']' or ')' && nesting-- > 0)
            {
                continue;
            }
            else if (nesting == 0 && Current is ',' or ')')
            {
                break;
            }
        }

        return _text[start.._position].Trim();
    }

    private void Expect(char expected)
    {
        if (Current != expected)
        {
            throw Fault($"expected '{expected}'");
        }

        _position++;
    }

    private void SkipSpace()
    {
        while (char.IsWhiteSpace(Current))
        {
            _position++;
        }
    }

    private FormatException Fault(string what) => new($"'{_text}' is not an intrinsic function call: {what} at {_position}");
}

/// <summary>A string argument with its escapes, because <c>States.Format</c> distinguishes <c>\{\}</c> from <c>{}</c>.</summary>
internal sealed class TextLiteral : Expression
{
    private readonly string _value;

    public TextLiteral(string raw)
    {
        Raw = raw;
        _value = Unescape(raw);
    }

    public string Raw { get; }

    public override JsonNode Evaluate(Scope scope, string field) => JsonValue.Create(_value);

    internal static string Unescape(string raw)
    {
        if (!raw.Contains('\\', StringComparison.Ordinal))
        {
            return raw;
        }

        var result = new StringBuilder();
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && (++i >= raw.Length || raw[i] is not ('\'' or '{' or '}' or '\\')))
            {
                throw new FormatException($"'{raw}' has a backslash without an escaped character");
            }

            result.Append(raw[i]);
        }

        return result.ToString();
    }
}
