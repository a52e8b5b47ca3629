namespace Automation.LocalCloud.Common;

/// <summary>
/// Matches a text against a pattern with wildcards. The services share the rule and differ in the notation: ECR has <c>*</c> only, IAM
/// has <c>?</c> too (<see cref="Iam.PolicyPattern"/>), and event patterns can escape the star (<see cref="EscapedWildcard"/>).
/// </summary>
internal static class Wildcard
{
    /// <param name="run">The character that matches any run of characters, also an empty one.</param>
    /// <param name="one">The character that matches exactly one character; null if the notation has none.</param>
    public static bool Matches(
        ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, char run = '*', char? one = null, StringComparison comparison = StringComparison.Ordinal)
    {
        // Greedy, with one point to return to: linear in practice, never exponential.
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == run)
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == one || pattern.Slice(p, 1).Equals(text.Slice(t, 1), comparison)))
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

        return pattern[p..].TrimStart(run).IsEmpty;
    }
}
