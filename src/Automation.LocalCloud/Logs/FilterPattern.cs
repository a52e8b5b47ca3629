using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Logs;

/// <summary>
/// Which events a pattern of terms matches: all plain terms, or one of those after a question mark. Terms are case-sensitive.
/// <code>
/// ERROR "exit code 1"    both
/// ?ERROR ?WARN           one of them
/// </code>
/// Patterns with brackets, braces, minus signs and regular expressions are refused.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
/// </summary>
internal sealed partial class FilterPattern
{
    private readonly IReadOnlyList<string> _all;
    private readonly IReadOnlyList<string> _any;

    private FilterPattern(IReadOnlyList<string> all, IReadOnlyList<string> any)
    {
        (_all, _any) = (all, any);
    }

    /// <exception cref="AwsException">InvalidParameterException: the embedded cloud does not evaluate this pattern.</exception>
    public static FilterPattern Parse(string? pattern)
    {
        var terms = Term().Matches(pattern ?? "");
        if (Term().Replace(pattern ?? "", "").Trim().Length > 0)
        {
            throw new AwsException(
                "InvalidParameterException",
                $"The embedded cloud does not evaluate the filter pattern {pattern}. It knows terms: ERROR, \"exit code 1\", ?ERROR ?WARN.");
        }

        return new FilterPattern(
            [.. terms.Where(term => !term.Groups["any"].Success).Select(Text)], [.. terms.Where(term => term.Groups["any"].Success).Select(Text)]);
    }

    public bool Matches(string message) =>
        _all.All(term => message.Contains(term, StringComparison.Ordinal))
        && (_any.Count == 0 || _all.Count > 0 || _any.Any(term => message.Contains(term, StringComparison.Ordinal)));

    private static string Text(Match term) => term.Groups["quoted"].Success ? term.Groups["quoted"].Value : term.Groups["word"].Value;

    [GeneratedRegex("(?<any>\\?)?(?:\"(?<quoted>[^\"]+)\"|(?<word>[A-Za-z0-9_]+))(?=\\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Term();
}
