using System.Diagnostics.CodeAnalysis;

namespace Automation.Core.Images;

/// <summary>A tag, or a pattern in which <c>*</c> matches any characters or none: <c>release-*</c>, <c>stable</c>, <c>*</c>.</summary>
public sealed record TagPattern
{
    private readonly string[] _parts;

    private TagPattern(string text)
    {
        Text = text;
        _parts = text.Split('*');
    }

    public string Text { get; }

    /// <summary>Whether the pattern has no <c>*</c> and so matches exactly one tag.</summary>
    public bool IsExact => _parts.Length == 1;

    /// <exception cref="FormatException">The text is empty, longer than 128 characters, or has a character that a tag cannot contain.</exception>
    public static TagPattern Parse(string text) =>
        TryParse(text, out var pattern)
            ? pattern
            : throw new FormatException($"'{text}' is not a tag pattern: use letters, digits, '.', '_', '-' and '*'.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TagPattern? pattern)
    {
        pattern = text is { Length: >= 1 and <= 128 }
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '*')
            ? new TagPattern(text)
            : null;
        return pattern is not null;
    }

    public bool Matches(string tag) => Wildcards.Match(_parts, tag);

    /// <summary>Whether any tag matches both patterns.</summary>
    public bool Overlaps(TagPattern other)
    {
        // Dynamic programming from the ends: meets[j] says whether Text[i..] and other.Text[j..] can match the same text.
        var meets = new bool[other.Text.Length + 1];
        for (var i = Text.Length; i >= 0; i--)
        {
            var below = (bool[])meets.Clone();
            for (var j = other.Text.Length; j >= 0; j--)
            {
                var mine = i < Text.Length ? Text[i] : '\0';
                var theirs = j < other.Text.Length ? other.Text[j] : '\0';
                meets[j] = (mine == '\0' && theirs == '\0')
                    || (mine == '*' && (below[j] || (theirs != '\0' && meets[j + 1])))
                    || (theirs == '*' && (meets[j + 1] || (mine != '\0' && below[j])))
                    || (mine != '\0' && mine == theirs && below[j + 1]);
            }
        }

        return meets[0];
    }

    public bool Equals(TagPattern? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
