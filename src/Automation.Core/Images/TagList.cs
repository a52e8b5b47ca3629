using System.Collections;
using System.Text;

namespace Automation.Core.Images;

/// <summary>The tags of one image in one piece of memory. Retention holds the tags of a hundred thousand images and looks at a few at a time; as
/// strings they would take three times as much.</summary>
public sealed class TagList : IReadOnlyList<string>
{
    private const byte Separator = (byte)'\n';
    private readonly byte[] _text;

    private TagList(IEnumerable<string> tags) => _text = Encoding.UTF8.GetBytes(string.Join('\n', tags));

    public int Count => _text.AsSpan().Count(Separator) + 1;

    public string this[int index] =>
        index >= 0
            ? this.Skip(index).FirstOrDefault() ?? throw new ArgumentOutOfRangeException(nameof(index))
            : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The same tags in the same order, packed if that saves memory.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string>? tags) => tags switch
    {
        null or [] => [],
        [var single] => new string[] { single },
        _ => tags.Any(tag => tag.Contains('\n', StringComparison.Ordinal)) ? [.. tags] : new TagList(tags),
    };

    public IEnumerator<string> GetEnumerator()
    {
        for (var start = 0; start <= _text.Length;)
        {
            var length = _text.AsSpan(start).IndexOf(Separator);
            length = length < 0 ? _text.Length - start : length;
            yield return Encoding.UTF8.GetString(_text, start, length);
            start += length + 1;
        }
    }

    /// <summary>Whether a tag begins with this ASCII text.</summary>
    public bool AnyBeginsWith(ReadOnlySpan<byte> prefix)
    {
        for (var at = 0; _text.AsSpan(at).IndexOf(prefix) is >= 0 and var found; at += found + 1)
        {
            if (at + found == 0 || _text[at + found - 1] == Separator)
            {
                return true;
            }
        }

        return false;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
