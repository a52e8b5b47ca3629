using System.Text.RegularExpressions;

namespace Automation.Models;

/// <summary>
/// Reviewed differences: <c>reviewed.txt</c> has one per line, with the reason in the comment lines above. <c>*</c> matches
/// any text, so that one reason covers one member of many operations.
/// <code>
/// # The documentation says 400: https://docs.aws.amazon.com/…
/// states | ResourceNotFound: status is «400» in the table, «404» at AWS
/// </code>
/// </summary>
internal sealed class ReviewedDifferences
{
    private readonly HashSet<string> _lines = new(StringComparer.Ordinal);
    private readonly List<Regex> _patterns = [];

    /// <exception cref="FormatException">A difference has no reason above it, or is listed twice.</exception>
    public static ReviewedDifferences Parse(string text)
    {
        var reviewed = new ReviewedDifferences();
        var hasReason = false;
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd()))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                hasReason = line.Length > 0;
            }
            else if (!hasReason || !line.Contains(" | ", StringComparison.Ordinal))
            {
                throw new FormatException($"reviewed.txt: «{line}» must be «service | difference», with a # line above it that says why");
            }
            else if (!reviewed._lines.Add(line))
            {
                throw new FormatException($"reviewed.txt lists «{line}» twice");
            }
            else
            {
                reviewed._patterns.Add(
                    new Regex("^" + Regex.Escape(line).Replace(@"\*", ".*", StringComparison.Ordinal) + "$",
                        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));
            }
        }

        return reviewed;
    }

    public bool Covers(string service, string difference) => _patterns.Exists(pattern => pattern.IsMatch($"{service} | {difference}"));
}
