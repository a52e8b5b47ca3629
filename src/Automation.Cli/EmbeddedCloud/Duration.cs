using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace Automation.Cli.EmbeddedCloud;

/// <summary>Reads durations as people write them: <c>36h</c>, <c>2w</c>, <c>1d12h</c>, <c>90m</c>, <c>45s</c>, and ISO 8601 such as <c>PT36H</c>.</summary>
internal static partial class Duration
{
    public static bool TryParse(string text, [NotNullWhen(true)] out TimeSpan? duration)
    {
        duration = null;
        try
        {
            duration = text.StartsWith('P') ? XmlConvert.ToTimeSpan(text)
                : Pattern().Match(text) is { Success: true, Length: > 0 } match
                    ? new TimeSpan((7 * Number(match, "w")) + Number(match, "d"), Number(match, "h"), Number(match, "m"), Number(match, "s"))
                    : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            return false;
        }

        return duration is { Ticks: >= 0 };
    }

    private static int Number(Match match, string unit) =>
        match.Groups[unit] is { Success: true } group ? int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?:(?<w>[0-9]+)w)?(?:(?<d>[0-9]+)d)?(?:(?<h>[0-9]+)h)?(?:(?<m>[0-9]+)m)?(?:(?<s>[0-9]+)s)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
