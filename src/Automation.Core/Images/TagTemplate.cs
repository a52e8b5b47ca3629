using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>How a tag is made from a build: literals and the holes <c>{version}</c> (1.0.0), <c>{build}</c>, <c>{major}</c>,
/// <c>{minor}</c>, <c>{patch}</c>, <c>{date:yyyyMMdd}</c> (UTC, when the build was created) and <c>{digest12}</c>.
/// Parsed once; every template that parses renders a valid tag for every build.</summary>
public sealed record TagTemplate
{
    private const int LongestTag = 128;
    private readonly IReadOnlyList<Part> _parts;
    private readonly Regex _rendered;

    private TagTemplate(string text, IReadOnlyList<Part> parts)
    {
        Text = text;
        _parts = parts;
        _rendered = new Regex($@"^{string.Concat(parts.Select(Expression))}\z", RegexOptions.CultureInvariant);
    }

    private enum Hole
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

    /// <summary>Whether two builds of one image never render the same tag: <c>{digest12}</c>, or <c>{build}</c> together with the
    /// whole version (build numbers start again with each recipe version), or a date down to the second (builds of one image run
    /// one at a time).</summary>
    public bool IsUniquePerBuild =>
        Has(Hole.Digest12)
        || (Has(Hole.Build) && (Has(Hole.Version) || (Has(Hole.Major) && Has(Hole.Minor) && Has(Hole.Patch))))
        || _parts.Any(part => part.Hole == Hole.Date && DownToTheSecond(part.Text));

    /// <summary>Whether the tag can come back for a later build, which a tag that moves needs: no <c>{build}</c>, no
    /// <c>{digest12}</c>, no date.</summary>
    public bool CanRepeat => !Has(Hole.Build) && !Has(Hole.Digest12) && !Has(Hole.Date);

    /// <summary>A pattern that covers whatever the template renders, and more: <c>{major}.{minor}</c> gives <c>*.*</c>. For services that
    /// know only wildcards, such as ECR's mutability filters; to tell our own tags use <see cref="Matches(string)"/>.</summary>
    public TagPattern Pattern => TagPattern.Parse(string.Concat(_parts.Select(part => part.Hole == Hole.Literal ? part.Text : "*")));

    /// <summary>Whether the template can have rendered the tag: <c>{major}.{minor}</c> takes <c>1.0</c> and not <c>1.0.0-3</c>.</summary>
    public bool Matches(string tag) => tag.Length <= LongestTag && _rendered.IsMatch(tag);

    /// <summary>The same for a certain image: <c>{digest12}</c> takes the digits of its digest and no others, such as those of a commit.</summary>
    public bool Matches(string tag, Digest digest) => Matches(tag) && (!Has(Hole.Digest12) || tag.Contains(digest.Short12, StringComparison.Ordinal));

    /// <exception cref="FormatException">An unknown or open hole, or a literal that no tag can contain.</exception>
    public static TagTemplate Parse(string text) =>
        Read(text, out var template) is { } fault ? throw new FormatException(fault) : template!;

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TagTemplate? template, out string? fault)
    {
        fault = Read(text, out template);
        return template is not null;
    }

    public string Render(ImageVersion version, DateTimeOffset builtAt, Digest digest)
    {
        var tag = new StringBuilder();
        foreach (var part in _parts)
        {
            _ = part.Hole switch
            {
                Hole.Literal => tag.Append(part.Text),
                Hole.Version => tag.Append(version.Recipe),
                Hole.Build => tag.Append(CultureInfo.InvariantCulture, $"{version.Build}"),
                Hole.Major => tag.Append(CultureInfo.InvariantCulture, $"{version.Major}"),
                Hole.Minor => tag.Append(CultureInfo.InvariantCulture, $"{version.Minor}"),
                Hole.Patch => tag.Append(CultureInfo.InvariantCulture, $"{version.Patch}"),
                Hole.Date => tag.Append(builtAt.UtcDateTime.ToString(part.Text, CultureInfo.InvariantCulture)),
                _ => tag.Append(digest.Short12),
            };
        }

        return tag.ToString();
    }

    public bool Equals(TagTemplate? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static string? Read(string? text, out TagTemplate? template)
    {
        template = null;
        if (string.IsNullOrEmpty(text))
        {
            return "A tag template must not be empty.";
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
                    return $"'{text}' is no tag template: '{{' is never closed.";
                }

                var name = text[(position + 1)..end];
                if (ReadHole(name) is not { } part)
                {
                    return $"'{text}' is no tag template: the hole {{{name}}} is unknown; known are {{version}}, {{build}}, {{major}}, "
                        + "{minor}, {patch}, {date:yyyyMMdd} (yyyy, MM, dd, HH, mm, ss, '-', '.' and '_') and {digest12}.";
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
                    return $"'{text}' is no tag template: a tag cannot contain '{bad}'.";
                }

                parts.Add(new Part(Hole.Literal, literal, literal.Length));
                position += literal.Length;
            }
        }

        if (parts[0] is { Hole: Hole.Literal, Text: ['.' or '-', ..] } or { Hole: Hole.Date, Text: ['.' or '-', ..] })
        {
            return $"'{text}' is no tag template: a tag cannot begin with '.' or '-'.";
        }

        if (parts.Sum(part => part.Longest) is var longest and > LongestTag)
        {
            return $"'{text}' is no tag template: it can render {longest} characters, a tag has at most {LongestTag}.";
        }

        template = new TagTemplate(text, parts);
        return null;
    }

    private static Part? ReadHole(string name)
    {
        const int LongestNumber = 10; // 2^30 - 1
        return name switch
        {
            "version" => new Part(Hole.Version, name, (3 * LongestNumber) + 2),
            "build" => new Part(Hole.Build, name, LongestNumber),
            "major" => new Part(Hole.Major, name, LongestNumber),
            "minor" => new Part(Hole.Minor, name, LongestNumber),
            "patch" => new Part(Hole.Patch, name, LongestNumber),
            "digest12" => new Part(Hole.Digest12, name, 12),
            _ when name.StartsWith("date:", StringComparison.Ordinal) && IsDateFormat(name[5..]) => new Part(Hole.Date, name[5..], name.Length - 5),
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

    private static string Expression(Part part) => part.Hole switch
    {
        Hole.Literal => Regex.Escape(part.Text),
        Hole.Version => @"[0-9]{1,10}\.[0-9]{1,10}\.[0-9]{1,10}",
        Hole.Digest12 => "[0-9a-f]{12}",
        Hole.Date => string.Concat(part.Text.Select(c => char.IsAsciiLetter(c) ? "[0-9]" : Regex.Escape(c.ToString()))),
        _ => "[0-9]{1,10}",
    };

    private static bool DownToTheSecond(string format) =>
        Array.TrueForAll(["yyyy", "MM", "dd", "HH", "mm", "ss"], token => format.Contains(token, StringComparison.Ordinal));

    private bool Has(Hole hole) => _parts.Any(part => part.Hole == hole);

    private sealed record Part(Hole Hole, string Text, int Longest);
}
