namespace Automation.LocalCloud.Iam;

/// <summary>
/// A text with the wildcards <c>*</c> and <c>?</c>. In ARNs a wildcard stays within its segment, except in the last one, which may
/// contain colons. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
/// </summary>
internal sealed class Pattern
{
    private const int ArnSegments = 6;

    private readonly string[] _segments;
    private readonly StringComparison _comparison;

    private Pattern(string text, string[] segments, StringComparison comparison)
    {
        Text = text;
        _segments = segments;
        _comparison = comparison;
    }

    public string Text { get; }

    /// <summary>Case does not count.</summary>
    public static Pattern Action(string text) => new(text, [text], StringComparison.OrdinalIgnoreCase);

    public static Pattern Of(string text) => new(text, [text], StringComparison.Ordinal);

    public static Pattern Arn(string text) => new(text, text == "*" ? [text] : text.Split(':', ArnSegments), StringComparison.Ordinal);

    public bool Matches(string text)
    {
        if (_segments.Length == 1)
        {
            return Matches(_segments[0], text, _comparison);
        }

        var segments = text.Split(':', ArnSegments);
        if (segments.Length != _segments.Length)
        {
            return false;
        }

        for (var i = 0; i < segments.Length; i++)
        {
            if (!Matches(_segments[i], segments[i], _comparison))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Greedy with one point of return: never exponential.</summary>
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, StringComparison comparison)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern.Slice(p, 1).Equals(text.Slice(t, 1), comparison)))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }
}
