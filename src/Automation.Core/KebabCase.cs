namespace Automation.Core;

/// <summary>Names that people filter by, from the names in the code: <c>new-base-digest</c> for <c>NewBaseDigest</c>.</summary>
internal static class KebabCase
{
    /// <summary>Indexed by the values, which count up from 0.</summary>
    public static string[] NamesOf<TEnum>()
        where TEnum : struct, Enum => [.. Enum.GetNames<TEnum>().Select(Of)];

    private static string Of(string name) =>
        string.Concat(name.Select((c, index) => char.IsUpper(c) ? $"{(index == 0 ? "" : "-")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
