using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>The decision about one build, image or record.</summary>
/// <remarks>An item to keep or supersede is a build with its image, an image alone or a record alone. An item to delete is an image
/// (<paramref name="RecordArn"/> null), or a record that may be deleted only after the image <paramref name="Digest"/>.</remarks>
/// <param name="Digest">Null for a record whose image is missing here, or stays for another build.</param>
/// <param name="Tags">The tags as read; compared again right before a deletion.</param>
/// <param name="Unmark">Whether to remove the mark as superseded, because the record is kept again.</param>
public sealed record PruneItem(
    PruneAction Action,
    Digest? Digest,
    IReadOnlyList<string> Tags,
    string? RecordArn,
    ImageVersion? Version,
    IReadOnlyList<Reason> Reasons,
    bool Unmark = false);
