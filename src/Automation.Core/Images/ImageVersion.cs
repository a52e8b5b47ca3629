using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Automation.Core.Images;

/// <summary>A build version: recipe version and build number. Image Builder writes <c>1.0.0/3</c> in an ARN and
/// <c>1.0.0-3</c> as the tag that it pushes. Versions sort by recipe version, then by build number, never by time.</summary>
public sealed record ImageVersion : IComparable<ImageVersion>
{
    /// <exception cref="ArgumentOutOfRangeException">The build number is below 0 or above 2^30 - 1.</exception>
    public ImageVersion(RecipeVersion recipe, int build)
    {
        Recipe = recipe;
        Build = RecipeVersion.Check(build);
    }

    public ImageVersion(int major, int minor, int patch, int build)
        : this(new RecipeVersion(major, minor, patch), build)
    {
    }

    public RecipeVersion Recipe { get; }

    public int Build { get; }

    public int Major => Recipe.Major;

    public int Minor => Recipe.Minor;

    public int Patch => Recipe.Patch;

    /// <summary>The tag that Image Builder pushes, <c>1.0.0-3</c>.</summary>
    public string Tag => string.Create(CultureInfo.InvariantCulture, stackalloc char[48], $"{Major}.{Minor}.{Patch}-{Build}");

    /// <exception cref="FormatException">The text is neither <c>1.0.0/3</c> nor <c>1.0.0-3</c>.</exception>
    public static ImageVersion Parse(string text) =>
        TryParse(text, out var version)
            ? version
            : throw new FormatException($"'{text}' is not a build version such as 1.0.0/3 or 1.0.0-3.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageVersion? version)
    {
        version = TryRead(text, out var recipe, out var build) ? new ImageVersion(recipe.Major, recipe.Minor, recipe.Patch, build) : null;
        return version is not null;
    }

    /// <summary>Reads a version without memory for the parts.</summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out (int Major, int Minor, int Patch) recipe, out int build)
    {
        var cut = text.IndexOfAny('/', '-');
        if (cut > 0 && RecipeVersion.TryRead(text[..cut], out recipe))
        {
            return RecipeVersion.TryReadNumber(text[(cut + 1)..], out build);
        }

        (recipe, build) = (default, 0);
        return false;
    }

    /// <summary>The newest version among an image's tags. Image Builder tags each build <c>&lt;version&gt;-&lt;build&gt;</c>.</summary>
    public static ImageVersion? OfBuildTags(IEnumerable<string> tags) =>
        tags.Select(tag => tag.Contains('-', StringComparison.Ordinal) && TryParse(tag, out var version) ? version : null).Max();

    /// <summary>A key that sorts like the versions.</summary>
    internal UInt128 SortKey => (Recipe.SortKey << 30) | (uint)Build;

    public int CompareTo(ImageVersion? other) => other is null ? 1 : SortKey.CompareTo(other.SortKey);

    public static bool operator <(ImageVersion? left, ImageVersion? right) => Comparer<ImageVersion>.Default.Compare(left, right) < 0;

    public static bool operator <=(ImageVersion? left, ImageVersion? right) => Comparer<ImageVersion>.Default.Compare(left, right) <= 0;

    public static bool operator >(ImageVersion? left, ImageVersion? right) => Comparer<ImageVersion>.Default.Compare(left, right) > 0;

    public static bool operator >=(ImageVersion? left, ImageVersion? right) => Comparer<ImageVersion>.Default.Compare(left, right) >= 0;

    /// <summary><c>1.0.0/3</c>, as at the end of an image build ARN.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, stackalloc char[48], $"{Major}.{Minor}.{Patch}/{Build}");
}
