using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>Builds a tag from literals and the placeholders <c>{version}</c> (1.0.0), <c>{build}</c>, <c>{major}</c>,
/// <c>{minor}</c>, <c>{patch}</c>, <c>{date:yyyyMMdd}</c> (UTC, when the build was created) and <c>{digest12}</c>.
/// Every template that parses renders a valid tag for every build.</summary>
public sealed record TagTemplate
{
    private const int MaxTagLength = 128;
    private readonly IReadOnlyList<Part> _parts;
    private readonly Regex _rendered;

    private TagTemplate(string text, IReadOnlyList<Part> parts)
    {
        Text = text;
        _parts = parts;
        _rendered = new Regex($@"^{string.Concat(parts.Select(Expression))}\z", RegexOptions.CultureInvariant);
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
    public bool Matches(string tag) => tag.Length <= MaxTagLength && _rendered.IsMatch(tag);

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

        var tag = new StringBuilder();
        foreach (var part in _parts)
        {
            _ = part.Placeholder switch
            {
                Placeholder.Literal => tag.Append(part.Text),
                Placeholder.Version => tag.Append(version.Recipe),
                Placeholder.Build => tag.Append(CultureInfo.InvariantCulture, $"{version.Build}"),
                Placeholder.Major => tag.Append(CultureInfo.InvariantCulture, $"{version.Major}"),
                Placeholder.Minor => tag.Append(CultureInfo.InvariantCulture, $"{version.Minor}"),
                Placeholder.Patch => tag.Append(CultureInfo.InvariantCulture, $"{version.Patch}"),
                Placeholder.Date => tag.Append(builtAt.UtcDateTime.ToString(part.Text, CultureInfo.InvariantCulture)),
                _ => tag.Append(digest.Short12),
            };
        }

        return tag.ToString();
    }

    public bool Equals(TagTemplate? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static Part? ReadPlaceholder(string name)
    {
        const int MaxNumberLength = 10; // 2^30 - 1
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

    private static string Expression(Part part) => part.Placeholder switch
    {
        Placeholder.Literal => Regex.Escape(part.Text),
        Placeholder.Version => @"[0-9]{1,10}\.[0-9]{1,10}\.[0-9]{1,10}",
        Placeholder.Digest12 => "[0-9a-f]{12}",
        Placeholder.Date => string.Concat(part.Text.Select(c => char.IsAsciiLetter(c) ? "[0-9]" : Regex.Escape(c.ToString()))),
        _ => "[0-9]{1,10}",
    };

    private static bool HasSeconds(string format) =>
        Array.TrueForAll(["yyyy", "MM", "dd", "HH", "mm", "ss"], token => format.Contains(token, StringComparison.Ordinal));

    private bool Has(Placeholder placeholder) => _parts.Any(part => part.Placeholder == placeholder);

    private sealed record Part(Placeholder Placeholder, string Text, int MaxLength);
}
