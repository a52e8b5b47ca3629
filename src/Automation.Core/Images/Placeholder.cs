namespace Automation.Core.Images;

/// <summary>
/// An image that a new repository gets so that a recipe can name it as its base before the real base exists. It carries this tag beside the
/// base's tag, and readers of the base ignore an image that carries it. See <c>Automation.Aws.Placeholders</c>.
/// </summary>
public static class Placeholder
{
    public const string Tag = "automation-placeholder";

    /// <summary>Whether an image with these tags is a placeholder that is no longer needed, because the first push took over the base's tag.</summary>
    public static bool IsSpent(IReadOnlyList<string> tags) => tags is [Tag];

    /// <summary>A label in the image's config, for people who pull it.</summary>
    public const string Label = "automation.placeholder";
}
