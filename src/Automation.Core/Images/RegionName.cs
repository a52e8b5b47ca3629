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
    public static bool IsValid([NotNullWhen(true)] string? text) => text is { Length: <= 32 } && Pattern().IsMatch(text);

    [GeneratedRegex(@"^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}\z", RegexOptions.CultureInvariant)]
    public static partial Regex Pattern();
}
