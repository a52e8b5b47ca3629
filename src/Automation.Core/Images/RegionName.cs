using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>Recognises Region names by their form, because AWS opens Regions faster than this code is deployed.</summary>
/// <remarks><code>
/// eu-west-1   us-gov-east-1   cn-northwest-1   us-isob-east-1   eu-isoe-west-1   us-isof-south-1   eusc-de-east-1
/// </code>
/// The patterns of each partition: https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json.</remarks>
public static partial class RegionName
{
    private static readonly string[] Directions = ["central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"];

    public static bool IsValid([NotNullWhen(true)] string? text) => text is { Length: <= 32 } && Pattern().IsMatch(text) && Meant(text) is null;

    /// <summary>Says what is wrong with a text that is not a valid Region.</summary>
    public static string Fault(string text) => Meant(text) is { } meant
        ? $"'{text}' is not a valid Region; did you mean {meant}?"
        : $"'{text}' is not a valid Region such as eu-west-1";

    // The last word of every Region is a direction. A similar word is a mistake; another word may be a new Region.
    private static string? Meant(string text)
    {
        if (text.Split('-') is [_, .., var word, _] parts && !Directions.Contains(word, StringComparer.Ordinal)
            && Suggestion.Find(word, Directions) is { } meant)
        {
            return string.Join('-', [.. parts[..^2], meant, parts[^1]]);
        }

        // EU-WEST-1, eu_west_1, eu-west1, and the Availability Zone eu-west-1a.
        var likely = Zone().Replace(NumberWithoutHyphen().Replace(text.Trim().ToLowerInvariant().Replace('_', '-'), "-"), "");
        return likely != text && IsValid(likely) ? likely : null;
    }

    [GeneratedRegex("(?<=[a-z])(?=[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex NumberWithoutHyphen();

    [GeneratedRegex(@"(?<=-[0-9]{1,2})[a-z]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Zone();

    [GeneratedRegex(@"^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}\z", RegexOptions.CultureInvariant)]
    public static partial Regex Pattern();
}
