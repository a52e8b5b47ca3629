using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>Names of Regions, by their form: Regions are opened faster than this code is deployed.</summary>
/// <remarks><code>
/// eu-west-1   us-gov-east-1   cn-northwest-1   us-isob-east-1   eu-isoe-west-1   us-isof-south-1   eusc-de-east-1
/// </code>
/// The partitions with the patterns of their Regions: https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json.</remarks>
public static partial class RegionName
{
    public static bool IsValid([NotNullWhen(true)] string? text) => text is { Length: <= 32 } && Pattern().IsMatch(text);

    [GeneratedRegex(@"^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}\z", RegexOptions.CultureInvariant)]
    public static partial Regex Pattern();
}
