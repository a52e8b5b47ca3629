using System.Globalization;
using System.Runtime.CompilerServices;

namespace Automation.Core.Images;

/// <summary>Builds a tag from literals and the placeholders <c>{version}</c> (1.0.0), <c>{build}</c>, <c>{major}</c>,
/// <c>{minor}</c>, <c>{patch}</c>, <c>{date:yyyyMMdd}</c> (UTC, when the build was created) and <c>{digest12}</c>.
/// Every template that parses renders a valid tag for every build.</summary>
public sealed record TagTemplate
{
    private const int MaxTagLength = 128;
    private const int MaxNumberLength = 10; // 2^30 - 1
    private readonly IReadOnlyList<Part> _parts;

    private TagTemplate(string text, IReadOnlyList<Part> parts)
    {
        Text = text;
        _parts = parts;
    }

    private enum Placeholder
    {
        Literal,
        Version,
        Build,
        Major,
        Minor,
        Patch,
        Date,
        Digest12,
    }

    public string Text { get; }

    /// <summary>Whether two builds of one image never render the same tag. That takes <c>{digest12}</c>, or <c>{build}</c> with the
    /// whole version (build numbers restart with each recipe version), or a date with seconds (builds of one image run
    /// one at a time).</summary>
    public bool IsUniquePerBuild =>
        Has(Placeholder.Digest12)
        || (Has(Placeholder.Build) && (Has(Placeholder.Version) || (Has(Placeholder.Major) && Has(Placeholder.Minor) && Has(Placeholder.Patch))))
        || _parts.Any(part => part.Placeholder == Placeholder.Date && HasSeconds(part.Text));

    /// <summary>Whether a later build can render the same tag, as a floating tag requires: no <c>{build}</c>, no
    /// <c>{digest12}</c>, no date.</summary>
    public bool CanRepeat => !Has(Placeholder.Build) && !Has(Placeholder.Digest12) && !Has(Placeholder.Date);

    /// <summary>A pattern that matches every tag the template renders, and more: <c>{major}.{minor}</c> gives <c>*.*</c>. For services that
    /// know only wildcards, such as ECR's mutability filters. To recognise our own tags use <see cref="Matches(string)"/>.</summary>
    public TagPattern Pattern => TagPattern.Parse(string.Concat(_parts.Select(part => part.Placeholder == Placeholder.Literal ? part.Text : "*")));

    /// <summary>Whether the template can render the tag: <c>{major}.{minor}</c> matches <c>1.0</c> but not <c>1.0.0-3</c>.</summary>
    public bool Matches(string tag) => tag.Length <= MaxTagLength && Matches(tag, 0);

    /// <summary>Whether the template can render the tag for this digest: <c>{digest12}</c> matches only the digits of the digest, not those of a
    /// commit.</summary>
    public bool Matches(string tag, Digest digest) => Matches(tag) && (!Has(Placeholder.Digest12) || tag.Contains(digest.Short12, StringComparison.Ordinal));

    /// <exception cref="FormatException">A placeholder is unknown or not closed, or a literal has a character that a tag cannot contain.</exception>
    public static TagTemplate Parse(string text) => Read(text).GetOrThrow();

    public static ParseResult<TagTemplate> Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Invalid("A tag template cannot be empty.");
        }

        var parts = new List<Part>();
        var position = 0;
        while (position < text.Length)
        {
            if (text[position] == '{')
            {
                var end = text.IndexOf('}', position);
                if (end < 0)
                {
                    return Invalid($"'{text}' is not a tag template: '{{' is not closed.");
                }

                var name = text[(position + 1)..end];
                if (ReadPlaceholder(name) is not { } part)
                {
                    return Invalid(
                        $"'{text}' is not a tag template: the placeholder {{{name}}} is unknown; use {{version}}, {{build}}, {{major}}, "
                        + "{minor}, {patch}, {date:yyyyMMdd} (yyyy, MM, dd, HH, mm, ss, '-', '.' and '_') and {digest12}.");
                }

                parts.Add(part);
                position = end + 1;
            }
            else
            {
                var end = text.IndexOf('{', position);
                var literal = end < 0 ? text[position..] : text[position..end];
                if (literal.FirstOrDefault(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) is var bad and not '\0')
                {
                    return Invalid($"'{text}' is not a tag template: a tag cannot contain '{bad}'.");
                }

                parts.Add(new Part(Placeholder.Literal, literal, literal.Length));
                position += literal.Length;
            }
        }

        if (parts[0] is { Placeholder: Placeholder.Literal, Text: ['.' or '-', ..] } or { Placeholder: Placeholder.Date, Text: ['.' or '-', ..] })
        {
            return Invalid($"'{text}' is not a tag template: a tag cannot begin with '.' or '-'.");
        }

        if (parts.Sum(part => part.MaxLength) is var longest and > MaxTagLength)
        {
            return Invalid($"'{text}' is not a tag template: it can render {longest} characters, but a tag has at most {MaxTagLength}.");
        }

        return new ParseResult<TagTemplate>.Valid(new TagTemplate(text, parts));

        static ParseResult<TagTemplate> Invalid(string why) => new ParseResult<TagTemplate>.Invalid(why);
    }

    public string Render(ImageVersion version, DateTimeOffset builtAt, Digest digest)
    {
        if (_parts is [{ Placeholder: Placeholder.Literal } only])
        {
            return only.Text;
        }

        var tag = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[MaxTagLength]);
        foreach (var part in _parts)
        {
            switch (part.Placeholder)
            {
                case Placeholder.Literal:
                    tag.AppendLiteral(part.Text);
                    break;
                case Placeholder.Version:
                    tag.AppendLiteral(version.Recipe.ToString());
                    break;
                case Placeholder.Build:
                    tag.AppendFormatted(version.Build);
                    break;
                case Placeholder.Major:
                    tag.AppendFormatted(version.Major);
                    break;
                case Placeholder.Minor:
                    tag.AppendFormatted(version.Minor);
                    break;
                case Placeholder.Patch:
                    tag.AppendFormatted(version.Patch);
                    break;
                case Placeholder.Date:
                    tag.AppendFormatted(builtAt.UtcDateTime, part.Text);
                    break;
                default:
                    tag.AppendLiteral(digest.Short12);
                    break;
            }
        }

        return tag.ToStringAndClear();
    }

    public bool Equals(TagTemplate? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static Part? ReadPlaceholder(string name)
    {
        return name switch
        {
            "version" => new Part(Placeholder.Version, name, (3 * MaxNumberLength) + 2),
            "build" => new Part(Placeholder.Build, name, MaxNumberLength),
            "major" => new Part(Placeholder.Major, name, MaxNumberLength),
            "minor" => new Part(Placeholder.Minor, name, MaxNumberLength),
            "patch" => new Part(Placeholder.Patch, name, MaxNumberLength),
            "digest12" => new Part(Placeholder.Digest12, name, 12),
            _ when name.StartsWith("date:", StringComparison.Ordinal) && IsDateFormat(name[5..]) => new Part(Placeholder.Date, name[5..], name.Length - 5),
            _ => null,
        };
    }

    private static bool IsDateFormat(string format)
    {
        var rest = format;
        while (rest.Length > 0)
        {
            var token = Array.Find(["yyyy", "MM", "dd", "HH", "mm", "ss", "-", ".", "_"],
                candidate => rest.StartsWith(candidate, StringComparison.Ordinal));
            if (token is null)
            {
                return false;
            }

            rest = rest[token.Length..];
        }

        return format.Any(char.IsAsciiLetter) && format.Length > 1;
    }

    /// <summary>Whether the parts from <paramref name="first"/> on can render the rest of a tag.</summary>
    private bool Matches(ReadOnlySpan<char> rest, int first)
    {
        if (first == _parts.Count)
        {
            return rest.IsEmpty;
        }

        var part = _parts[first];
        return part.Placeholder switch
        {
            Placeholder.Literal => rest.StartsWith(part.Text, StringComparison.Ordinal) && Matches(rest[part.Text.Length..], first + 1),
            Placeholder.Digest12 => rest.Length >= 12 && IsHex(rest[..12]) && Matches(rest[12..], first + 1),
            Placeholder.Date => IsDate(rest, part.Text) && Matches(rest[part.Text.Length..], first + 1),
            Placeholder.Version => MatchesNumbers(rest, 3, first + 1),
            _ => MatchesNumbers(rest, 1, first + 1),
        };
    }

    /// <summary>Whether the rest begins with so many numbers, separated by dots, and the parts from <paramref name="next"/> on render what follows.</summary>
    private bool MatchesNumbers(ReadOnlySpan<char> rest, int numbers, int next)
    {
        for (var digits = 1; digits <= Math.Min(rest.Length, MaxNumberLength) && char.IsAsciiDigit(rest[digits - 1]); digits++)
        {
            var following = rest[digits..];
            if (numbers == 1 ? Matches(following, next) : following is ['.', ..] && MatchesNumbers(following[1..], numbers - 1, next))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDate(ReadOnlySpan<char> rest, string format)
    {
        for (var i = 0; i < format.Length; i++)
        {
            if (i == rest.Length || (char.IsAsciiLetter(format[i]) ? !char.IsAsciiDigit(rest[i]) : rest[i] != format[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasSeconds(string format) =>
        Array.TrueForAll(["yyyy", "MM", "dd", "HH", "mm", "ss"], token => format.Contains(token, StringComparison.Ordinal));

    private bool Has(Placeholder placeholder) => _parts.Any(part => part.Placeholder == placeholder);

    private sealed record Part(Placeholder Placeholder, string Text, int MaxLength);
}
