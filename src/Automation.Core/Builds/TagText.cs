using System.Buffers;
using System.Globalization;
using System.Text;

namespace Automation.Core.Builds;

/// <summary>Stores a sentence in a tag value so that it reads back exactly as it was.</summary>
/// <remarks>
/// AWS promises only these characters for tag values: letters, digits, spaces and <c>_ . : / = + - @</c>
/// (https://docs.aws.amazon.com/batch/latest/userguide/tag-restrictions.html); Image Builder's API adds the limit of 256
/// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_TagResource.html). A value that begins with <c>= </c> is encoded: <c>=XX</c> is a
/// byte of UTF-8 in hexadecimal digits. Every other value is plain text, such as those of older versions and of people.
/// A sentence that is too long for one tag continues in a second one. Its key ends with <c>-2</c>, and its value is <c>-</c> if it is not needed.
/// <code>
/// the schedule cron(0 4 * * ? *) was due   ->   = the schedule cron=280 4 =2A =2A =3F =2A=29 was due
/// </code>
/// </remarks>
public static class TagText
{
    /// <summary>The length of a sentence in two tags.</summary>
    public const int MaxSentenceLength = 2 * BuildTags.MaxValueLength - Slack;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.:/=+-@");

    private const string Mark = "= ";
    private const char Escape = '=';

    /// <summary>How far before the end of the first tag a sentence may be divided.</summary>
    private const int Slack = 16;
    private const string Nothing = "-";
    private const string Second = "-2";

    /// <summary>The tag value of a text, without the spaces around it. A text that does not fit is cut and ends with <c>...</c>; an empty one is
    /// <c>-</c>.</summary>
    public static string Encode(string text) => Encode(text, BuildTags.MaxValueLength);

    private static string Encode(string text, int room) => Fit(text.Trim(), "", room) is { Length: > 0 } fitting ? Escaped(fitting) : Nothing;

    /// <summary>Adds a sentence to tags, in one or two of them. The second is always written, because that of an earlier sentence may still be there.</summary>
    public static void Put(IDictionary<string, string> tags, string key, string sentence)
    {
        var value = Encode(sentence, MaxSentenceLength);
        var cut = value.Length <= BuildTags.MaxValueLength ? value.Length : Cuts(value).First();
        (tags[key], tags[key + Second]) = (value[..cut], cut == value.Length ? Nothing : value[cut..]);
    }

    /// <summary>The sentence that <see cref="Put"/> added; null if there is none.</summary>
    public static string? Get(IReadOnlyDictionary<string, string> tags, string key) =>
        tags.GetValueOrDefault(key) is not { } first ? null
        : tags.GetValueOrDefault(key + Second) is { } second and not Nothing ? Decode(first + second) : Decode(first);

    /// <summary>The keys of a sentence.</summary>
    public static IReadOnlyList<string> Keys(string key) => [key, key + Second];

    // Not within an escape. If possible not beside a space, which a service may take off the end of a value.
    private static IEnumerable<int> Cuts(string value) => Enumerable.Range(0, Slack + 1).Select(back => BuildTags.MaxValueLength - back)
        .Where(at => value[at - 1] != Escape && value[at - 2] != Escape && value[at..] != Nothing)
        .OrderBy(at => value[at] == ' ' || value[at - 1] == ' ');

    /// <summary>The text of a tag value.</summary>
    public static string Decode(string value)
    {
        if (!value.StartsWith(Mark, StringComparison.Ordinal))
        {
            return value;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        var length = 0;
        for (var i = Mark.Length; i < value.Length; i++)
        {
            if (value[i] == Escape && i + 2 < value.Length
                && byte.TryParse(value.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                bytes[length++] = escaped;
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(value.AsSpan(i, 1), bytes.AsSpan(length));
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>The text with <paramref name="end"/>, if it fits into a tag value; otherwise as much of the text as fits, <c>...</c> and the end.</summary>
    /// <param name="room">The length of the value, or of the two values.</param>
    public static string Fit(string text, string end = "", int room = BuildTags.MaxValueLength)
    {
        if (Fits(text + end, room))
        {
            return text + end;
        }

        var length = Math.Min(text.Length, room);
        while (length > 0 && (char.IsHighSurrogate(text[length - 1]) || !Fits($"{text[..length]}...{end}", room)))
        {
            length--;
        }

        return $"{text[..length]}...{end}";
    }

    private static bool Fits(string text, int room) => text.Length <= room && Escaped(text).Length <= room;

    private static string Escaped(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Allowed) && !text.StartsWith(Mark, StringComparison.Ordinal))
        {
            return text;
        }

        var value = new StringBuilder(Mark, text.Length * 2);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (unit != Escape && Allowed.Contains((char)unit))
            {
                value.Append((char)unit);
            }
            else
            {
                value.Append(CultureInfo.InvariantCulture, $"{Escape}{unit:X2}");
            }
        }

        return value.ToString();
    }
}
