using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// A text with the wildcards <c>*</c> and <c>?</c>. In ARNs a wildcard stays within its segment, except in the last segment, which may
/// contain colons. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
/// </summary>
internal sealed class PolicyPattern
{
    private const int ArnSegments = 6;

    private readonly string[] _segments;
    private readonly StringComparison _comparison;

    private PolicyPattern(string text, string[] segments, StringComparison comparison)
    {
        Text = text;
        _segments = segments;
        _comparison = comparison;
    }

    public string Text { get; }

    /// <summary>Ignores case.</summary>
    public static PolicyPattern Action(string text) => new(text, [text], StringComparison.OrdinalIgnoreCase);

    public static PolicyPattern Of(string text) => new(text, [text], StringComparison.Ordinal);

    public static PolicyPattern Arn(string text) => new(text, text == "*" ? [text] : text.Split(':', ArnSegments), StringComparison.Ordinal);

    public bool Matches(string text)
    {
        if (_segments.Length == 1)
        {
            return Matches(_segments[0], text);
        }

        var segments = text.Split(':', ArnSegments);
        if (segments.Length != _segments.Length)
        {
            return false;
        }

        for (var i = 0; i < segments.Length; i++)
        {
            if (!Matches(_segments[i], segments[i]))
            {
                return false;
            }
        }

        return true;
    }

    private bool Matches(string pattern, string text) => Wildcard.Matches(pattern, text, one: '?', comparison: _comparison);
}
