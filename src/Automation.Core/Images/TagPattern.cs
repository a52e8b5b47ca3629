using System.Diagnostics.CodeAnalysis;

namespace Automation.Core.Images;

/// <summary>A tag, or many: <c>*</c> stands for any characters, also none. <c>release-*</c>, <c>stable</c>, <c>*</c>.</summary>
public sealed record TagPattern
{
    private readonly string[] _parts;

    private TagPattern(string text)
    {
        Text = text;
        _parts = text.Split('*');
    }

    public string Text { get; }

    /// <exception cref="FormatException">Empty, longer than 128, or a character that no tag can contain.</exception>
    public static TagPattern Parse(string text) =>
        TryParse(text, out var pattern)
            ? pattern
            : throw new FormatException($"'{text}' is no tag pattern: letters, digits, '.', '_', '-' and '*' are allowed.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TagPattern? pattern)
    {
        pattern = text is { Length: >= 1 and <= 128 }
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '*')
            ? new TagPattern(text)
            : null;
        return pattern is not null;
    }

    public bool Matches(string tag)
    {
        if (_parts.Length == 1)
        {
            return string.Equals(Text, tag, StringComparison.Ordinal);
        }

        var first = _parts[0];
        var last = _parts[^1];
        if (tag.Length < first.Length + last.Length
            || !tag.StartsWith(first, StringComparison.Ordinal)
            || !tag.EndsWith(last, StringComparison.Ordinal))
        {
            return false;
        }

        var position = first.Length;
        var end = tag.Length - last.Length;
        for (var i = 1; i < _parts.Length - 1; i++)
        {
            var found = tag.IndexOf(_parts[i], position, end - position, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            position = found + _parts[i].Length;
        }

        return true;
    }

    public bool Equals(TagPattern? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
