namespace Automation.Core.Catalog;

/// <summary>How retention treats a foreign tag on an image of one of our builds.</summary>
public enum ForeignTags
{
    /// <summary>Keeps the image, because somebody may rely on the tag.</summary>
    Keep,

    /// <summary>Ignores the tag. An image that belongs to no build is still kept for it, because the whole image is foreign.</summary>
    Ignore,
}
