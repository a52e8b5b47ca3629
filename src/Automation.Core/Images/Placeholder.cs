namespace Automation.Core.Images;

/// <summary>
/// An image that stands in for a base which is not there yet, so that a recipe can name it. It has this tag beside the base's: whoever looks for
/// the base finds none while it is there. See <c>Automation.Aws.Placeholders</c>.
/// </summary>
public static class Placeholder
{
    public const string Tag = "automation-placeholder";

    /// <summary>Whether an image with these tags stands in for nothing any more: the first push has taken the base's tag.</summary>
    public static bool IsSpent(IReadOnlyList<string> tags) => tags is [Tag];

    /// <summary>In the image's config, for people who pull it.</summary>
    public const string Label = "automation.placeholder";
}
