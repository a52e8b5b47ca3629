using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Automation.Core.Images;

/// <summary>The version of a container recipe, <c>1.0.0</c>. Versions sort by number: 1.0.10 is newer than 1.0.9.</summary>
/// <remarks>Image Builder allows each number up to 2^30 - 1
/// (https://docs.aws.amazon.com/imagebuilder/latest/userguide/ibhow-semantic-versioning.html).</remarks>
public sealed record RecipeVersion : IComparable<RecipeVersion>
{
    internal const int MaxNumber = (1 << 30) - 1;

    /// <exception cref="ArgumentOutOfRangeException">A number is below 0 or above 2^30 - 1.</exception>
    public RecipeVersion(int major, int minor, int patch)
    {
        Major = Check(major);
        Minor = Check(minor);
        Patch = Check(patch);
    }

    public int Major { get; }

    public int Minor { get; }

    public int Patch { get; }

    /// <exception cref="FormatException">The text is not a version of three numbers.</exception>
    public static RecipeVersion Parse(string text) =>
        TryParse(text, out var version) ? version : throw new FormatException($"'{text}' is not a recipe version such as 1.0.0.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RecipeVersion? version)
    {
        version = TryRead(text, out var numbers) ? new RecipeVersion(numbers.Major, numbers.Minor, numbers.Patch) : null;
        return version is not null;
    }

    /// <summary>Reads a version without memory for the parts: a prune reads hundreds of thousands of tags.</summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out (int Major, int Minor, int Patch) numbers)
    {
        numbers = default;
        var first = text.IndexOf('.');
        var second = first < 0 ? -1 : text[(first + 1)..].IndexOf('.') + first + 1;
        return second > first
            && TryReadNumber(text[..first], out numbers.Major)
            && TryReadNumber(text[(first + 1)..second], out numbers.Minor)
            && TryReadNumber(text[(second + 1)..], out numbers.Patch);
    }

    /// <summary>A key that sorts like the versions: thirty bits for each number.</summary>
    internal UInt128 SortKey => ((UInt128)(uint)Major << 60) | ((UInt128)(uint)Minor << 30) | (uint)Patch;

    public int CompareTo(RecipeVersion? other) => other is null ? 1 : SortKey.CompareTo(other.SortKey);

    public static bool operator <(RecipeVersion? left, RecipeVersion? right) => Comparer<RecipeVersion>.Default.Compare(left, right) < 0;

    public static bool operator <=(RecipeVersion? left, RecipeVersion? right) => Comparer<RecipeVersion>.Default.Compare(left, right) <= 0;

    public static bool operator >(RecipeVersion? left, RecipeVersion? right) => Comparer<RecipeVersion>.Default.Compare(left, right) > 0;

    public static bool operator >=(RecipeVersion? left, RecipeVersion? right) => Comparer<RecipeVersion>.Default.Compare(left, right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, stackalloc char[48], $"{Major}.{Minor}.{Patch}");

    /// <summary>Reads plain digits without a leading zero, at most 2^30 - 1.</summary>
    internal static bool TryReadNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number <= MaxNumber
        && (text.Length == 1 || text[0] != '0');

    internal static int Check(int number) =>
        number is >= 0 and <= MaxNumber ? number : throw new ArgumentOutOfRangeException(nameof(number), number, "0 to 2^30 - 1");
}
