using System.Text;

namespace Automation.Core.Catalog;

/// <summary>Explains in plain words why a text is not JSON. The messages of the reader are about a parser.</summary>
internal static class JsonMistakes
{
    public const string HalfCharacter = "half of a character: \\ud800 to \\udfff only occur in pairs";

    /// <param name="at">The first byte that is not JSON.</param>
    /// <param name="isComplete">Whether the catalog has ended before it.</param>
    public static (string Path, int Line, string Text) Describe(byte[] bytes, JsonPlaces.LineCounter lines, int at, bool isComplete)
    {
        if (string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(bytes).Trim('\ufeff')))
        {
            return ("$", 1, "the file is empty; automation init --new writes a first one");
        }

        if (at < bytes.Length && bytes[at] < ' ' && (bytes[at] is not (byte)'\t' || IsInText(bytes, at)))
        {
            return ("$", lines.At(at), $"is not JSON: {ControlCharacter((char)bytes[at], IsInText(bytes, at))}");
        }

        if (at > 0 && at < bytes.Length && bytes[at - 1] is (byte)'\\' && IsInText(bytes, at))
        {
            return ("$", lines.At(at), $"is not JSON: '\\{(char)bytes[at]}' means nothing in a text; a backslash is written \\\\");
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

        // The last character may be cut.
        var rest = Encoding.UTF8.GetString(bytes.AsSpan(at, Math.Min(43, bytes.Length - at))).Split('\n')[0].TrimEnd('\r', ' ', '\ufffd');
        return ("$", lines.At(at), $"is not JSON at '{(rest.Length > 24 ? rest[..24] + "…" : rest)}': {Why(rest, Before(bytes, at), isComplete)}");
    }

    private static string Why(string rest, char before, bool isComplete) => rest switch
    {
        "" => "it is not allowed here",
        ['<', '<', '<', ..] or ['=', '=', '=', ..] or ['>', '>', '>', ..] => "a merge conflict is not resolved",
        ['#', ..] => "a comment begins with //",
        ['/', '*', ..] => "the comment has no end; a '*/' is missing",
        ['/', ..] => "a comment begins with //",
        [var hidden, ..] when Visible.IsHidden(hidden) => $"the invisible character {Visible.Code(hidden)} is not allowed here",
        ['}' or ']', ..] when isComplete => "it closes no open bracket",
        _ when isComplete => "the catalog has ended before it",
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
        [var letter, ..] when char.IsAsciiLetter(letter) => Word(rest).ToLowerInvariant() switch
        {
            "true" or "false" or "null" => "true, false and null must be in lower case",
            "nan" or "infinity" => "it is not a number",
            "none" or "nil" or "undefined" => "no value is written null",
            _ => "names and strings must be in double quotes",
        },
        ['0', >= '0' and <= '9', ..] or ['-', '0', >= '0' and <= '9', ..] => "a number does not begin with 0",
        [var digit, ..] when char.IsAsciiDigit(digit) || digit is '-' or '+' or '.' => "it is not a number",
        _ => "it is not allowed here",
    };

    private static string Word(string text) => text[..text.TakeWhile(char.IsAsciiLetterOrDigit).Count()];

    private static char Before(byte[] bytes, int at) =>
        at > 0 && Encoding.UTF8.GetString(bytes.AsSpan(0, at)).TrimEnd() is { Length: > 0 } head ? head[^1] : ' ';

    private static string ControlCharacter(char character, bool isInText) => (character, isInText) switch
    {
        ('\r' or '\n', _) => "a text does not end in its line; a '\"' is missing",
        ('\t', _) => "a text has a tab; write \\t",
        (_, true) => $"a text has the control character {Visible.Code(character)}; write {Visible.Escape(character)}",
        _ => $"the control character {Visible.Code(character)} is not allowed here; is the file a text?",
    };

    // A text ends in its line, so the quotes before it in the line decide.
    private static bool IsInText(byte[] bytes, int at)
    {
        var isInText = false;
        for (var i = bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1; i < at; i++)
        {
            if (bytes[i] is (byte)'"')
            {
                isInText = !isInText;
            }
            else if (bytes[i] is (byte)'\\' && isInText)
            {
                i++;
            }
        }

        return isInText;
    }
}
