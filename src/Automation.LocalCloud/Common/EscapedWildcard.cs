namespace Automation.LocalCloud.Common;

/// <summary>A text in which <c>*</c> matches any run of characters; <c>\*</c> and <c>\\</c> are escaped literals.</summary>
internal sealed class EscapedWildcard
{
    private const char Star = '\0';

    private readonly string _pattern;

    /// <summary>The literal characters; null for a star.</summary>
    public IReadOnlyList<char?> Tokens => [.. _pattern.Select(character => character == Star ? (char?)null : character)];

    public EscapedWildcard(string text)
    {
        var pattern = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '*' when i > 0 && text[i - 1] == '*' && pattern[^1] == Star:
                    throw new PatternException($"Consecutive wildcard characters at pos {Position(text, i - 1)}");
                case '*':
                    pattern.Append(Star);
                    break;
                case '\\' when i + 1 < text.Length && text[i + 1] is '*' or '\\':
                    pattern.Append(text[++i]);
                    break;
                case '\\':
                    throw new PatternException($"Invalid escape character at pos {Position(text, i)}");
                default:
                    pattern.Append(text[i]);
                    break;
            }
        }

        _pattern = pattern.ToString();
    }

    /// <summary>The service counts bytes after the opening quotation mark.</summary>
    private static int Position(string text, int index) => System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(0, index)) + 1;

    public bool Matches(string value) => Wildcard.Matches(_pattern, value, Star);
}
