using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The current images in ECR under tags that an image watches.</summary>
/// <param name="Newest">Null if there is none, or if it could not be read.</param>
/// <param name="WaitingSince">See <see cref="BaseFacts"/>.</param>
/// <param name="Unreadable">Why the repository could not be read; null if it was.</param>
public sealed record WatchedFacts(WatchedTags Tags, WatchedImage? Newest, DateTimeOffset? WaitingSince = null, string? Unreadable = null)
{
    /// <summary>See <see cref="BaseFacts.Owner"/>.</summary>
    public TagOwner? Owner { get; init; }

    /// <param name="images">Images of the repository. Those that have no matching tag, and cannot have lost one to a later push, are ignored.</param>
    public static WatchedFacts Of(WatchedTags tags, IEnumerable<TaggedImage> images, IEnumerable<BuildRecord> builds, TimeSpan quiet)
    {
        var ours = images.Where(image => image.MayHaveHad(tags.Tags)).ToList();
        var newest = ours.Where(image => image.Tags.Any(tags.Tags.Matches)).OrderBy(image => image.PushedAt).ThenBy(image => image.Digest).LastOrDefault();
        return newest is null ? new WatchedFacts(tags, null) : new WatchedFacts(
            tags,
            new WatchedImage(newest.Tags.Where(tags.Tags.Matches).Max(StringComparer.Ordinal)!, newest.Digest, newest.PushedAt),
            BaseFacts.OldestOf(newest.PushedAt, ours.Select(image => image.PushedAt), builds, quiet));
    }
}
