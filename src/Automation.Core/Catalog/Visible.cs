using System.Globalization;

namespace Automation.Core.Catalog;

/// <summary>Shows invisible characters and the control characters of terminals.</summary>
internal static class Visible
{
    /// <summary>The text with a code in place of every such character.</summary>
    public static string Of(string text) =>
        text.Any(IsHidden) ? string.Concat(text.Select(character => IsHidden(character) ? Escape(character) : character.ToString())) : text;

    /// <summary>As JSON writes it.</summary>
    public static string Escape(char character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");

    /// <summary>Such as <c>U+00A0</c>.</summary>
    public static string Code(char character) => string.Create(CultureInfo.InvariantCulture, $"U+{(int)character:X4}");

    /// <summary>Whether it is a control or formatting character, or a space other than the usual one.</summary>
    public static bool IsHidden(char character) =>
        char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format || (char.IsWhiteSpace(character) && character != ' ');
}
