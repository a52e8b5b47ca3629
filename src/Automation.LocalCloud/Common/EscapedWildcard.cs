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
                    throw new PatternException($"Consecutive wildcard characters at pos {i - 1}");
                case '*':
                    pattern.Append(Star);
                    break;
                case '\\' when i + 1 < text.Length && text[i + 1] is '*' or '\\':
                    pattern.Append(text[++i]);
                    break;
                case '\\':
                    throw new PatternException($"Invalid escape character at pos {i}");
                default:
                    pattern.Append(text[i]);
                    break;
            }
        }

        _pattern = pattern.ToString();
    }

    public bool Matches(string value) => Wildcard.Matches(_pattern, value, Star);
}
